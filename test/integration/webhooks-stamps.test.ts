/**
 * Identity stamps on a real API server, with the configurations of the chart: who created a server and who changed its spec stands in it,
 * and nobody's repeated apply changes anything.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import {
  FULL_IMAGE_SPEC,
  FULL_REMOTE_SPEC,
  mcpServerManifest,
  mcpServersPath,
} from '../harness/mcp-server.ts';
import { person, type Person } from '../harness/person.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { createServiceAccount } from '../harness/service-account.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const NAMESPACE = 'team-a';
const CREATED_BY = 'mcp.kilocode.ai/created-by';
const CHANGED_BY = 'mcp.kilocode.ai/changed-by';
const ALICE = { username: 'alice', uid: '' };
const BOB = { username: 'bob', uid: 'uid-of-bob' };
const FORGED = { [CREATED_BY]: '{"username":"mallory","uid":""}', [CHANGED_BY]: '[]' };
const IMAGE = { source: { image: { ref: 'example.com/server:1' } } };
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;
let alice: Person;
let bob: Person;

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));
const pathOf = (name: string): string => `${mcpServersPath(NAMESPACE)}/${name}`;
const manifest = (name: string, spec: object = IMAGE, annotations?: object): object =>
  mcpServerManifest(spec, { name, namespace: NAMESPACE, ...(annotations !== undefined && { annotations }) });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'webhooks-stamps-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  const { kubeconfigPath } = controlPlane;
  await applyResourceDefinitions(kubeconfigPath);
  await kubectl(['create', 'namespace', NAMESPACE]);
  for (const name of ['alice', 'bob'])
    await kubectl(['create', 'clusterrolebinding', name, '--clusterrole=cluster-admin', `--user=${name}`]);
  webhooks = await createTestWebhooks(kubeconfigPath);
  await webhooks.start();
  await webhooks.configure();
  alice = await person(kubeconfigPath, ALICE.username);
  bob = await person(kubeconfigPath, BOB.username, BOB.uid);
});

afterAll(async () => {
  await Promise.all([alice.close(), bob.close(), webhooks.close()]);
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Server {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The body of an answer that must be a server. */
async function done(answer: ReturnType<Person['request']>): Promise<Server> {
  const { code, body } = await answer;
  expect(code, JSON.stringify(body)).toBeLessThan(300);
  return body as unknown as Server;
}
const read = (name: string): Promise<Server> => done(alice.request('GET', pathOf(name)));
const create = (who: Person, object: object): Promise<Server> =>
  done(who.request('POST', mcpServersPath(NAMESPACE), object));
const merge = (who: Person, name: string, patch: object): Promise<Server> =>
  done(who.request('PATCH', pathOf(name), patch, MERGE));

function stamps({ metadata: { annotations = {} } }: Server): { createdBy: unknown; changedBy: unknown } {
  return {
    createdBy: JSON.parse(annotations[CREATED_BY] ?? 'null'),
    changedBy: JSON.parse(annotations[CHANGED_BY] ?? 'null'),
  };
}

describe('a repeated apply keeps the resource version', () => {
  const SPECS: [string, object][] = [
    ['few fields', IMAGE],
    ['every field', FULL_IMAGE_SPEC],
    ['a remote server', FULL_REMOTE_SPEC],
  ];

  it.each(SPECS)('by kubectl apply, with %s', async (reason, spec) => {
    const object = manifest(`client-${reason.replaceAll(' ', '-')}`, spec);
    const { name } = (object as { metadata: { name: string } }).metadata;
    await kubectl(['apply', '-f', '-'], object);
    const first = await read(name);
    expect(stamps(first).createdBy).toMatchObject({ username: 'admin' });
    expect(await kubectl(['apply', '-f', '-'], object)).toContain('unchanged');
    expect(await kubectl(['apply', '-f', '-', '--as=bob'], object)).toContain('unchanged');
    expect(await read(name)).toEqual(first);
  });

  it.each(SPECS)('by kubectl apply --server-side, with %s', async (reason, spec) => {
    const object = manifest(`server-${reason.replaceAll(' ', '-')}`, spec);
    const { name } = (object as { metadata: { name: string } }).metadata;
    await kubectl(['apply', '--server-side', '-f', '-'], object);
    const first = await read(name);
    expect(stamps(first).createdBy).toMatchObject({ username: 'admin' });
    await kubectl(['apply', '--server-side', '-f', '-'], object);
    expect(await read(name)).toEqual(first);
  });

  it('also when the file carries stamps of its own, as an exported one does', async () => {
    const object = manifest('exported', IMAGE, FORGED);
    const apply = (who: Person): Promise<Server> =>
      done(who.request('PATCH', `${pathOf('exported')}?fieldManager=test&force=true`, object, APPLY));
    const first = await apply(alice);
    expect(stamps(first)).toEqual({ createdBy: ALICE, changedBy: [ALICE] });
    expect(await apply(alice)).toEqual(first);
    await kubectl(['apply', '-f', '-', '--as=bob'], object);
    const adopted = await read('exported');
    expect(stamps(adopted)).toEqual({ createdBy: ALICE, changedBy: [ALICE] });
    await kubectl(['apply', '-f', '-', '--as=bob'], object);
    expect(await read('exported')).toEqual(adopted);
  });

  it('by kubectl replace, stamps left out', async () => {
    const object = manifest('replaced');
    await create(alice, object);
    const replace = (): Promise<string> => kubectl(['replace', '-f', '-', '--as=bob'], object);
    await replace();
    const first = await read('replaced');
    expect(stamps(first)).toEqual({ createdBy: ALICE, changedBy: [ALICE] });
    await replace();
    expect(await read('replaced')).toEqual(first);
  });
});

describe('a server names', () => {
  it('its creator, whatever the creator says', async () => {
    expect(stamps(await create(bob, manifest('created', IMAGE, FORGED)))).toEqual({
      createdBy: BOB,
      changedBy: [BOB],
    });
  });

  it('a service account, with its uid', async () => {
    const { kubeconfigPath } = controlPlane;
    const rights = [
      { apiGroups: ['mcp.kilocode.ai'], resources: ['mcpservers'], verbs: ['create'], why: '' },
    ];
    const account = await createServiceAccount(
      kubeconfigPath,
      { namespace: NAMESPACE, name: 'gitops' },
      rights,
    );
    const options = ['create', '-f', '-', '--output=json', '--validate=false'];
    const made = await kubectlWith(account.kubeconfigPath, options, JSON.stringify(manifest('by-token')));
    const uid = await kubectl([
      'get',
      `serviceaccount/gitops`,
      `--namespace=${NAMESPACE}`,
      '--output=jsonpath={.metadata.uid}',
    ]);
    expect(stamps(JSON.parse(made) as Server).createdBy).toEqual({
      username: `system:serviceaccount:${NAMESPACE}:gitops`,
      uid,
    });
    await account.remove();
  });

  it('who changes its spec, each once and the last one last', async () => {
    await create(alice, manifest('changed'));
    const byBob = await merge(bob, 'changed', { spec: { replicas: 2 }, metadata: { annotations: FORGED } });
    expect(stamps(byBob)).toEqual({ createdBy: ALICE, changedBy: [ALICE, BOB] });
    const byAlice = await merge(alice, 'changed', { spec: { replicas: 3 } });
    expect(stamps(byAlice)).toEqual({ createdBy: ALICE, changedBy: [BOB, ALICE] });
  });

  it.each<[string, object]>([
    ['a label', { metadata: { labels: { team: 'a' } } }],
    ['an annotation', { metadata: { annotations: { note: 'x' } } }],
    ['a finalizer', { metadata: { finalizers: ['example.com/hold'] } }],
    ['a default that it had anyway', { spec: { replicas: 1, transport: { type: 'StreamableHTTP' } } }],
    ['forged stamps', { metadata: { annotations: FORGED } }],
    ['no stamps', { metadata: { annotations: { [CREATED_BY]: null, [CHANGED_BY]: null } } }],
    ['no annotations', { metadata: { annotations: null } }],
    ['stamps that are none', { metadata: { annotations: { [CREATED_BY]: '', [CHANGED_BY]: '{' } } }],
  ])('nobody who gives it %s', async (reason, patch) => {
    const name = `same-${reason.replaceAll(' ', '-')}`;
    const { generation } = (await create(alice, manifest(name))).metadata;
    const patched = await merge(bob, name, patch);
    expect(stamps(patched)).toEqual({ createdBy: ALICE, changedBy: [ALICE] });
    expect(patched.metadata.generation).toBe(generation);
    await merge(bob, name, { metadata: { finalizers: null } });
  });

  it('nobody who writes its status', async () => {
    await create(alice, manifest('reported'));
    const path = `${pathOf('reported')}/status`;
    const reported = await done(bob.request('PATCH', path, { status: { replicas: 1 } }, MERGE));
    expect(stamps(reported)).toEqual({ createdBy: ALICE, changedBy: [ALICE] });
  });

  it('nobody in a dry run, which shows what would be stamped', async () => {
    await create(alice, manifest('dry'));
    const first = await read('dry');
    const dry = await done(
      bob.request('PATCH', `${pathOf('dry')}?dryRun=All`, { spec: { replicas: 2 } }, MERGE),
    );
    expect(stamps(dry).changedBy).toEqual([ALICE, BOB]);
    expect(await read('dry')).toEqual(first);
  });
});

const CHECK = { profileRef: { name: 'baseline' } };

/** Kinds other than servers: who changes what servers are judged by stands in the ledger. The spec of a profile never changes. */
describe.each<[string, string, object, object | undefined]>([
  ['ComplianceProfile', 'complianceprofiles', { checks: [{ id: 'MCP-S01' }] }, undefined],
  ['ClusterComplianceCheck', 'clustercompliancechecks', CHECK, { suspend: true }],
  ['ComplianceCheck', `namespaces/${NAMESPACE}/compliancechecks`, CHECK, { suspend: true }],
  ['MCPSecurityPolicy', 'mcpsecuritypolicies', { enforcement: 'Audit' }, { enforcement: 'Warn' }],
  ['ApprovalPolicy', 'approvalpolicies', {}, { separationOfDuties: false }],
])('a %s', (kind, path, spec, change) => {
  const folder = `/apis/mcp.kilocode.ai/v1alpha1/${path}`;
  const metadata = { name: 'judge', annotations: FORGED };
  const object = { apiVersion: 'mcp.kilocode.ai/v1alpha1', kind, metadata, spec };
  const patch = (who: Person, body: object): Promise<Server> =>
    done(who.request('PATCH', `${folder}/judge`, body, MERGE));

  it('names who creates it and who changes its spec, and nobody else', async () => {
    const created = await done(bob.request('POST', folder, object));
    expect(stamps(created)).toEqual({ createdBy: BOB, changedBy: [BOB] });
    const noted = await patch(alice, { metadata: { annotations: { ...FORGED, note: 'x' } } });
    expect(stamps(noted)).toEqual({ createdBy: BOB, changedBy: [BOB] });
    if (change === undefined) return;
    expect(stamps(await patch(alice, { spec: change }))).toEqual({ createdBy: BOB, changedBy: [BOB, ALICE] });
  });
});
