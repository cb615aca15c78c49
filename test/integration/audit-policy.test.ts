/**
 * The audit policy that we ship, in a real API server: its log holds who asked, who decided, who was refused and why, who changed what approvals rest
 * on, and who stood behind an impersonation; and nothing of Secrets, of reads, or of other kinds.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import {
  decisionManifest,
  decisionsPath,
  openStatus,
  policyManifest,
  requestManifest,
  requestsPath,
} from '../harness/approval.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { person, type Person } from '../harness/person.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { APPROVAL_SETTINGS } from '../harness/serve-webhooks.ts';
import { bindRole, createUserRoles } from '../harness/user-roles.ts';
import { waitFor } from '../harness/wait.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const NAMESPACE = 'team-a';
const MERGE = 'application/merge-patch+json';
const POLICY = fileURLToPath(
  new URL('../../examples/approval/api-server/audit-policy.yaml', import.meta.url),
);
const SECRET = 'hunter2-of-the-audit-test';

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;
let people: Readonly<Record<'alice' | 'carol' | 'operator', Person>>;

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-policy-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster'), audit: POLICY });
  const { kubeconfigPath } = controlPlane;
  await applyResourceDefinitions(kubeconfigPath);
  await kubectl(['create', 'namespace', NAMESPACE]);
  await createUserRoles(kubeconfigPath);
  for (const [user, role] of [
    ['alice', 'edit'],
    ['alice', 'mcp-operator-approver'],
    ['carol', 'mcp-operator-approver'],
    [APPROVAL_SETTINGS.operator, 'cluster-admin'],
  ] as const)
    await bindRole(kubeconfigPath, user, role, NAMESPACE);
  webhooks = await createTestWebhooks(kubeconfigPath);
  await webhooks.start();
  await webhooks.configure();
  const as = (name: string): Promise<Person> => person(kubeconfigPath, name);
  people = {
    alice: await as('alice'),
    carol: await as('carol'),
    operator: await as(APPROVAL_SETTINGS.operator),
  };
  await kubectl(['create', '-f', '-'], policyManifest('prod'));
  await waitFor(
    async () => {
      const path = `${requestsPath(NAMESPACE)}?dryRun=All`;
      return (await people.alice.request('POST', path, requestManifest('probe'))).code === 201;
    },
    { description: 'roles to be aggregated' },
  );
});

afterAll(async () => {
  await Promise.all(Object.values(people).map((each) => each.close()));
  await webhooks.close();
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A line of the log: as much of an audit.k8s.io/v1 Event as is looked at here. */
interface AuditEvent {
  readonly verb: string;
  readonly stage: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus: { readonly code: number; readonly reason?: string };
  readonly requestObject?: Readonly<Record<string, unknown>>;
  readonly responseObject?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
}

const logText = (): Promise<string> => readFile(join(controlPlane.directory, 'logs', 'audit.log'), 'utf8');

async function events(isWanted: (event: AuditEvent) => boolean): Promise<readonly AuditEvent[]> {
  const lines = (await logText()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as AuditEvent).filter(isWanted);
}

/** The line comes with the answer or right after it. */
async function oneEvent(what: string, isWanted: (event: AuditEvent) => boolean): Promise<AuditEvent> {
  await waitFor(async () => (await events(isWanted)).length > 0, { description: `${what} in the audit log` });
  const [event, ...more] = await events(isWanted);
  expect(more, `one line about ${what}`).toEqual([]);
  return event ?? expect.fail(`no line about ${what}`);
}

async function opened(name: string): Promise<{ readonly name: string; readonly uid: string }> {
  const { code, body } = await people.alice.request('POST', requestsPath(NAMESPACE), requestManifest(name));
  expect(code, JSON.stringify(body)).toBe(201);
  const path = `${requestsPath(NAMESPACE)}/${name}/status`;
  const status = openStatus({ requester: 'alice' });
  expect((await people.operator.request('PATCH', path, { status }, MERGE)).code).toBe(200);
  return { name, uid: (body['metadata'] as { uid: string }).uid };
}

const decisionOn =
  (name: string, reason: string) =>
  ({ objectRef, verb, requestObject }: AuditEvent): boolean => {
    if (objectRef.resource !== 'approvaldecisions' || verb !== 'create') return false;
    const spec = requestObject?.['spec'] as { requestRef: { name: string }; reason: string } | undefined;
    return spec?.requestRef.name === name && spec.reason === reason;
  };

describe('the audit log holds', () => {
  it('who asked for what, and who wrote its status', async () => {
    const { name } = await opened('asked');
    const asked = await oneEvent(
      'the request',
      ({ objectRef, verb }) =>
        objectRef.resource === 'approvalrequests' && verb === 'create' && objectRef.name === name,
    );
    expect(asked).toMatchObject({
      stage: 'ResponseComplete',
      impersonatedUser: { username: 'alice' },
      responseStatus: { code: 201 },
      requestObject: { spec: { action: { kind: 'Remediate', parameters: { check: 'MCP-W06' } } } },
    });
    const written = await oneEvent(
      'the status',
      ({ objectRef }) => objectRef.subresource === 'status' && objectRef.name === name,
    );
    expect(written).toMatchObject({
      verb: 'patch',
      impersonatedUser: { username: APPROVAL_SETTINGS.operator },
      requestObject: { status: { phase: 'Pending' } },
    });
  });

  it('who decided what, and who stood behind an impersonation', async () => {
    const ref = await opened('decided');
    const manifest = decisionManifest(ref, 'approve', { reason: 'impersonated' });
    expect((await people.carol.request('POST', decisionsPath(NAMESPACE), manifest)).code).toBe(201);
    const event = await oneEvent('the decision', decisionOn('decided', 'impersonated'));
    expect(event).toMatchObject({
      impersonatedUser: { username: 'carol' },
      responseStatus: { code: 201 },
      requestObject: { spec: { verb: 'approve', requestRef: ref } },
    });
    // Admission saw carol alone; this is the only trace of whoever used her name.
    expect(event.user.username).not.toBe('carol');
    expect(event.user.username).not.toBe('');
  });

  it('the person alone where nobody was impersonated', async () => {
    const ref = await opened('decided-directly');
    const manifest = decisionManifest(ref, 'approve', { reason: 'in person' });
    const kubeconfig = await controlPlane.kubeconfigFor({ user: 'carol' });
    await kubectlWith(kubeconfig, ['create', '-n', NAMESPACE, '-f', '-'], JSON.stringify(manifest));
    const event = await oneEvent('the decision', decisionOn('decided-directly', 'in person'));
    expect(event).toMatchObject({ user: { username: 'carol' }, responseStatus: { code: 201 } });
    expect(event.impersonatedUser).toBeUndefined();
  });

  it('who was refused, and why', async () => {
    const ref = await opened('refused');
    const manifest = decisionManifest(ref, 'approve', { reason: 'my own' });
    expect((await people.alice.request('POST', decisionsPath(NAMESPACE), manifest)).code).toBe(403);
    const event = await oneEvent('the refusal', decisionOn('refused', 'my own'));
    expect(event).toMatchObject({
      impersonatedUser: { username: 'alice' },
      responseStatus: { code: 403, reason: 'Forbidden' },
    });
    expect(Object.entries(event.annotations ?? {})).toContainEqual([
      expect.stringMatching(/\/refused-because$/),
      'SeparationOfDuties',
    ]);
  });

  it('who changed the rules: policies, who may decide, and the locks of admission', async () => {
    await kubectl([
      'patch',
      'approvalpolicy',
      'prod',
      '--type=merge',
      '-p',
      '{"spec":{"quorum":{"approvals":2}}}',
    ]);
    await kubectl([
      'create',
      'rolebinding',
      'one-more',
      '--clusterrole=mcp-operator-approver',
      '--user=dan',
      `--namespace=${NAMESPACE}`,
    ]);
    const [name = ''] = (await kubectl(['get', 'validatingwebhookconfigurations', '-o', 'name'])).split('\n');
    await kubectl(['label', name, 'touched=yes']);
    const of = (resource: string, verb: string) => (event: AuditEvent) =>
      event.objectRef.resource === resource && event.verb === verb;
    const isOneMore = of('rolebindings', 'create');
    expect(await oneEvent('the policy', of('approvalpolicies', 'patch'))).toMatchObject({
      requestObject: { spec: { quorum: { approvals: 2 } } },
    });
    expect(
      await oneEvent('the binding', (event) => isOneMore(event) && event.objectRef.name === 'one-more'),
    ).toMatchObject({ requestObject: { subjects: [{ kind: 'User', name: 'dan' }] } });
    const isLock = of('validatingwebhookconfigurations', 'patch');
    const touched = (event: AuditEvent): boolean => JSON.stringify(event.requestObject).includes('touched');
    expect(await oneEvent('the lock', (event) => isLock(event) && touched(event))).toMatchObject({
      requestObject: { metadata: { labels: { touched: 'yes' } } },
    });
  });

  it('who changed what approvals are about', async () => {
    const server = mcpServerManifest({ source: { image: { ref: 'example.com/server:1' } } });
    const { code, body } = await people.alice.request('POST', mcpServersPath(NAMESPACE), server);
    expect(code, JSON.stringify(body)).toBe(201);
    const { name } = body['metadata'] as { name: string };
    const event = await oneEvent(
      'the server',
      ({ objectRef, verb, responseStatus }) =>
        objectRef.resource === 'mcpservers' &&
        objectRef.namespace === NAMESPACE &&
        verb === 'create' &&
        responseStatus.code === 201,
    );
    expect(event).toMatchObject({ impersonatedUser: { username: 'alice' } });
    expect(event.requestObject).toMatchObject({ metadata: { name } });
  });
});

describe('the audit log does not hold', () => {
  it('a Secret, or anything of other kinds', async () => {
    await kubectl([
      'create',
      'secret',
      'generic',
      'token',
      '-n',
      NAMESPACE,
      `--from-literal=token=${SECRET}`,
    ]);
    await kubectl(['create', 'configmap', 'settings', '-n', NAMESPACE, `--from-literal=key=${SECRET}`]);
    // A line that comes after them, so that theirs would be there.
    await opened('after-the-secret');
    await oneEvent(
      'the later request',
      ({ objectRef, verb }) => verb === 'create' && objectRef.name === 'after-the-secret',
    );
    const text = await logText();
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(Buffer.from(SECRET).toString('base64'));
    expect(await events(({ objectRef }) => ['secrets', 'configmaps'].includes(objectRef.resource))).toEqual(
      [],
    );
  });

  it('reads, or answers, which would repeat every status', async () => {
    expect((await people.carol.request('GET', requestsPath(NAMESPACE))).code).toBe(200);
    await opened('after-the-reads');
    await oneEvent(
      'the later request',
      ({ objectRef, verb }) => verb === 'create' && objectRef.name === 'after-the-reads',
    );
    expect(await events(({ verb }) => ['get', 'list', 'watch'].includes(verb))).toEqual([]);
    expect(await events(({ responseObject }) => responseObject !== undefined)).toEqual([]);
    expect(await events(({ stage }) => stage === 'RequestReceived')).toEqual([]);
  });
});
