/**
 * Days on which the operator is not there: what its webhooks judge is refused, and everything else goes on, the deletion of servers first of
 * all. On a real API server, with the configurations of the chart.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUP, VERSION } from '../../api/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { createAuthority, issue } from '../../hack/cluster/pki.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { listenHttps, type Listening } from '../harness/mcp/listening.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { waitFor } from '../harness/wait.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const TEAM = 'team-a';
const DOWN = /failed calling webhook "\S+\.mcp\.kilocode\.ai"/;

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));
const inTeam = (...args: readonly string[]): Promise<string> => kubectl([...args, `--namespace=${TEAM}`]);
const patch = (name: string, body: object, ...more: readonly string[]): Promise<string> =>
  inTeam('patch', `mcpserver/${name}`, '--type=merge', `--patch=${JSON.stringify(body)}`, ...more);
const server = (name: string, metadata: object = {}): object =>
  mcpServerManifest(
    { source: { image: { ref: 'example.com/server:1' } } },
    { name, namespace: TEAM, ...metadata },
  );
const create = (object: object): Promise<string> => kubectl(['create', '-f', '-'], object);
const policy = (name: string): object => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: 'MCPSecurityPolicy',
  metadata: { name },
  spec: { maxReplicas: 9 },
});
const check = (name: string): object => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: 'ComplianceCheck',
  metadata: { name, namespace: TEAM },
  spec: { profileRef: { name: 'baseline' } },
});
const exists = (...what: readonly string[]): Promise<boolean> =>
  kubectl(['get', ...what, '--ignore-not-found', '--output=name']).then((text) => text.trim() !== '');
const gone = (...what: readonly string[]): Promise<true> =>
  waitFor(async () => !(await exists(...what)), {
    deadlineMs: 60_000,
    description: `${what.join(' ')} to be gone`,
  });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'webhooks-outage-'));
  // The garbage collector learns of our kinds when it starts.
  controlPlane = await startControlPlane({
    directory: join(directory, 'cluster'),
    prepare: applyResourceDefinitions,
  });
  for (const name of [TEAM, 'doomed']) await kubectl(['create', 'namespace', name]);
  webhooks = await createTestWebhooks(controlPlane.kubeconfigPath);
  await webhooks.start();
  await webhooks.configure();
});

afterAll(async () => {
  await webhooks.close();
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('without the operator', () => {
  beforeAll(async () => {
    for (const name of ['plain', 'changed', 'scaled', 'released', 'foreground']) await create(server(name));
    await create(server('held', { finalizers: ['example.com/hold'] }));
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner', namespace: TEAM } };
    await create(owner);
    const uid = await inTeam('get', 'configmap/owner', '--output=jsonpath={.metadata.uid}');
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid };
    await create(server('owned', { ownerReferences: [reference] }));
    await create(server('orphan', { ownerReferences: [reference] }));
    await create(server('there', { namespace: 'doomed', finalizers: [] }));
    await create(policy('old'));
    await create(check('old'));
    await webhooks.stop();
  });

  it.each<[string, () => Promise<string>]>([
    ['the creation of a server', () => create(server('new'))],
    ['a dry run of it', () => kubectl(['create', '--dry-run=server', '-f', '-'], server('new'))],
    ['a change of a spec', () => patch('changed', { spec: { replicas: 2 } })],
    ['a change of labels', () => patch('changed', { metadata: { labels: { team: 'b' } } })],
    ['forged stamps', () => inTeam('annotate', 'mcpserver/changed', `${GROUP}/created-by=me`, '--overwrite')],
    ['stamps taken away', () => inTeam('annotate', 'mcpserver/changed', `${GROUP}/changed-by-`)],
    ['a change of scale', () => inTeam('scale', 'mcpserver/scaled', '--replicas=3')],
    ['the creation of a policy', () => create(policy('new'))],
    ['the creation of a check', () => create(check('new'))],
    [
      'a change of a check',
      () => inTeam('patch', 'compliancecheck/old', '--type=merge', '--patch={"spec":{"suspend":true}}'),
    ],
    [
      'forged stamps of a check',
      () => inTeam('annotate', 'compliancecheck/old', `${GROUP}/created-by=me`, '--overwrite'),
    ],
    [
      'a change of a policy',
      () =>
        kubectl(['patch', 'mcpsecuritypolicy/old', '--type=merge', '--patch={"spec":{"maxReplicas":100}}']),
    ],
  ])('refuses %s', async (_reason, attempt) => {
    await expect(attempt()).rejects.toThrow(DOWN);
  });

  it.each<[string, () => Promise<string>]>([
    [
      'a repeated apply',
      () =>
        kubectl(['apply', '--server-side', '--field-manager=kubectl-create', '-f', '-'], server('changed')),
    ],
    ['an annotation', () => inTeam('annotate', 'mcpserver/changed', 'example.com/note=x')],
    ['a finalizer', () => patch('changed', { metadata: { finalizers: ['example.com/mark'] } })],
    ['the status', () => patch('changed', { status: { replicas: 1 } }, '--subresource=status')],
    ['a scale that stays', () => inTeam('scale', 'mcpserver/scaled', '--replicas=1')],
    ['an annotation of a policy', () => kubectl(['annotate', 'mcpsecuritypolicy/old', 'example.com/note=x'])],
    [
      'a request to run a check',
      () => inTeam('annotate', 'compliancecheck/old', `${GROUP}/run-requested-at=2026-11-26T00:00:00Z`),
    ],
    ['a ConfigMap', () => inTeam('create', 'configmap', 'other')],
    ['a namespace', () => kubectl(['create', 'namespace', 'other'])],
    ['a Deployment', () => inTeam('create', 'deployment', 'other', '--image=example.com/other:1')],
  ])('lets %s be written', async (_reason, attempt) => {
    await expect(attempt()).resolves.toBeDefined();
  });

  it('lets a server be deleted', async () => {
    await inTeam('delete', 'mcpserver/plain');
    expect(await exists('mcpserver/plain', `--namespace=${TEAM}`)).toBe(false);
  });

  it('lets a server be deleted whose finalizer somebody takes away', async () => {
    await inTeam('delete', 'mcpserver/held', '--wait=false');
    expect(await exists('mcpserver/held', `--namespace=${TEAM}`)).toBe(true);
    // Even together with a change: nothing runs any more for a server that is being deleted.
    await patch('held', { metadata: { finalizers: null, labels: { last: 'words' } } });
    await gone('mcpserver/held', `--namespace=${TEAM}`);
  });

  it('lets the garbage collector work: in the foreground, for orphans, and for owners that go', async () => {
    await inTeam('delete', 'mcpserver/foreground', '--cascade=foreground');
    await gone('mcpserver/foreground', `--namespace=${TEAM}`);
    await inTeam('delete', 'mcpserver/released', '--cascade=orphan');
    await gone('mcpserver/released', `--namespace=${TEAM}`);
    await patch('orphan', { metadata: { ownerReferences: null } });
    await inTeam('delete', 'configmap/owner');
    await gone('mcpserver/owned', `--namespace=${TEAM}`);
    expect(await exists('mcpserver/orphan', `--namespace=${TEAM}`)).toBe(true);
  });

  it('lets a namespace go with the servers in it', async () => {
    expect(await exists('mcpserver/there', '--namespace=doomed')).toBe(true);
    await kubectl(['delete', 'namespace', 'doomed', '--wait=false']);
    await gone('namespace/doomed');
  });

  it('lets a policy be deleted', async () => {
    await kubectl(['delete', 'mcpsecuritypolicy/old']);
    expect(await exists('mcpsecuritypolicy/old')).toBe(false);
  });

  it('recovers by itself when it is back', async () => {
    await webhooks.start();
    await waitFor(() => create(server('late')), { description: 'a server to be created' });
    expect(await inTeam('scale', 'mcpserver/scaled', '--replicas=2')).toContain('scaled');
  });
});

describe('what the API server makes of an answer that is no verdict', () => {
  let listening: Listening;
  /** What is answered, the first answer first; afterwards everything is allowed. */
  let answers: { readonly code: number; readonly headers: Record<string, string>; readonly text: string }[] =
    [];
  let asked = 0;
  let created = 0;
  const write = (): Promise<string> => inTeam('create', 'configmap', `asked-${created++}`);

  beforeAll(async () => {
    const authority = await createAuthority('answers', new Date());
    const subject = { commonName: 'answers', hosts: ['127.0.0.1'] };
    const { certificate: cert, key } = await issue(authority, subject, new Date());
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const review = await json(request);
      asked += 1;
      const { code, headers, text } = answers.shift() ?? allow(review);
      response.writeHead(code, headers).end(text);
    };
    listening = await listenHttps({ cert, key }, (request, response) => void answer(request, response));
    const rules = [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
    ];
    const caBundle = Buffer.from(authority.certificate).toString('base64');
    const webhook = {
      name: 'answers.example.com',
      clientConfig: { url: `${listening.origin}/`, caBundle },
      rules,
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': TEAM } },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: 5,
    };
    await create({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'answers' },
      webhooks: [webhook],
    });
    await waitFor(() => write().then(() => asked > 0), { description: 'the API server to ask' });
  });

  afterAll(async () => {
    await kubectl(['delete', 'validatingwebhookconfiguration/answers']);
    await listening[Symbol.asyncDispose]();
  });

  it('asks again within the same write, when the webhook is busy', async () => {
    answers = [{ code: 503, headers: { 'retry-after': '1' }, text: 'too many requests at a time\n' }];
    asked = 0;
    await write();
    expect(asked).toBe(2);
  });

  it('refuses and shows the text, when the webhook cannot judge', async () => {
    const text = 'the operator has not read every MCPSecurityPolicy yet: try again in a few seconds\n';
    answers = [{ code: 500, headers: { 'content-type': 'text/plain; charset=utf-8' }, text }];
    await expect(write()).rejects.toThrow(text.trim());
  });
});

interface Answer {
  readonly code: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

function allow(review: unknown): Answer {
  const { request, ...rest } = review as { readonly request: { readonly uid: string } };
  const text = JSON.stringify({ ...rest, response: { uid: request.uid, allowed: true } });
  return { code: 200, headers: { 'content-type': 'application/json' }, text };
}
