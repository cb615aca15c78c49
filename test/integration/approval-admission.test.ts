/**
 * Admission of approvals on a real API server, with the webhooks and the second lock of the chart, and people with the rights that its roles give:
 * nobody decides on what they asked for or made necessary, in another's name, or on what they did not see; nothing vanishes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RefusedAttempt } from '../../approval/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { installPolicies } from '../harness/admission-policies.ts';
import {
  decisionManifest,
  decisionsPath,
  DIGEST,
  openStatus,
  policyManifest,
  requestManifest,
  requestsPath,
  target,
} from '../harness/approval.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { person, type Person, type Reply } from '../harness/person.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { APPROVAL_SETTINGS } from '../harness/serve-webhooks.ts';
import { bindRole, createUserRoles } from '../harness/user-roles.ts';
import { waitFor } from '../harness/wait.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const NAMESPACE = 'team-a';
const MERGE = 'application/merge-patch+json';
const BOT = `system:serviceaccount:${NAMESPACE}:bot`;

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;
const people = new Map<string, Person>();
const refused: RefusedAttempt[] = [];

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));

/** Each with what binds them: a ClusterRole, in the namespace, or in all. */
const EVERYWHERE: readonly (readonly [name: string, role: string])[] = [
  [APPROVAL_SETTINGS.operator, 'cluster-admin'],
  [APPROVAL_SETTINGS.executor, 'cluster-admin'],
  ['root', 'cluster-admin'],
];
const HERE: readonly (readonly [name: string, role: string])[] = [
  ['alice', 'edit'],
  ['bob', 'edit'],
  ['dave', 'edit'],
  [BOT, 'edit'],
  // Both may decide, by the roles of the chart; so may, by the same role, those who may not decide on this request.
  ...['alice', 'bob', 'carol', 'erin', BOT].map((name) => [name, 'mcp-operator-approver'] as const),
  ['grace', 'mcp-operator-breakglass'],
  ['mallory', 'mcp-operator-requester'],
  ['oscar', 'mcp-operator-auditor'],
];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'approval-admission-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  const { kubeconfigPath } = controlPlane;
  await applyResourceDefinitions(kubeconfigPath);
  for (const namespace of [NAMESPACE, 'mcp-system', 'doomed'])
    await kubectl(['create', 'namespace', namespace]);
  await createUserRoles(kubeconfigPath);
  for (const [user, role] of EVERYWHERE) await bindRole(kubeconfigPath, user, role);
  for (const [user, role] of HERE) await bindRole(kubeconfigPath, user, role, NAMESPACE);
  webhooks = await createTestWebhooks(kubeconfigPath, {
    recordRefusal: async (attempt) => {
      refused.push(attempt);
    },
  });
  await webhooks.start();
  await webhooks.configure();
  for (const name of new Set([...EVERYWHERE, ...HERE].map(([user]) => user)))
    people.set(name, await person(kubeconfigPath, name));
  for (const name of ['alice', 'erin'])
    people.set(`${name} elsewhere`, await person(kubeconfigPath, name, 'other-uid', ['other-group']));
  await kubectl(['create', '-f', '-'], policyManifest('prod'));
  await waitFor(async () => (await ask('carol', 'x', {})).code === 403, {
    description: 'roles to be aggregated',
  });
});

afterAll(async () => {
  await Promise.all([...people.values()].map((each) => each.close()));
  await webhooks.close();
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

function as(name: string): Person {
  const found = people.get(name);
  if (found === undefined) throw new Error(`${name} is not connected`);
  return found;
}

const messageOf = ({ body }: Reply): string => String(body['message']);

/** Creates a request without storing it. */
const ask = (who: string, name: string, action: object, spec: object = {}): Promise<Reply> =>
  as(who).request('POST', `${requestsPath(NAMESPACE)}?dryRun=All`, requestManifest(name, action, spec));

interface Ref {
  readonly name: string;
  readonly uid: string;
}

/** Alice asks, and the operator has derived what would be done. */
async function opened(name: string, initiators: readonly string[] = [], change: object = {}): Promise<Ref> {
  const { code, body } = await as('alice').request('POST', requestsPath(NAMESPACE), requestManifest(name));
  expect(code, JSON.stringify(body)).toBe(201);
  await project(name, openStatus({ requester: 'alice', initiators }, change));
  return { name, uid: (body['metadata'] as { uid: string }).uid };
}

async function project(
  name: string,
  status: object,
  who: string = APPROVAL_SETTINGS.operator,
): Promise<void> {
  const reply = await as(who).request(
    'PATCH',
    `${requestsPath(NAMESPACE)}/${name}/status`,
    { status },
    MERGE,
  );
  expect(reply.code, JSON.stringify(reply.body)).toBe(200);
}

const decide = (
  who: string,
  ref: Ref,
  verb = 'approve',
  spec: object = {},
  metadata: object = {},
): Promise<Reply> =>
  as(who).request('POST', decisionsPath(NAMESPACE), decisionManifest(ref, verb, spec, metadata));

describe('who asks', () => {
  it('may update the target, and is stamped', async () => {
    const { code, body } = await ask('alice', 'new', {});
    expect(code, JSON.stringify(body)).toBe(201);
    const { annotations } = body['metadata'] as { annotations: Record<string, string> };
    expect(annotations['mcp.kilocode.ai/created-by']).toBe('{"username":"alice","uid":""}');
  });

  it.each<[string, string, object, string]>([
    [
      'may create requests, and not update the target',
      'mallory',
      {},
      'mallory may not update mcpservers/github',
    ],
    [
      'may not update the check whose waiver is meant',
      'mallory',
      { kind: 'Waive', target: target({ kind: 'ComplianceCheck', name: 'nightly' }) },
      'may not update compliancechecks/nightly',
    ],
    ['is a program', BOT, {}, 'use an account of your own'],
  ])('is refused who %s', async (_reason, who, action, words) => {
    const reply = await ask(who, 'new', action);
    expect(reply.code, JSON.stringify(reply.body)).toBe(403);
    expect(messageOf(reply)).toContain(words);
  });

  it('is refused in a group that nothing limits', async () => {
    await expect(
      kubectl(['create', `--namespace=${NAMESPACE}`, '-f', '-'], requestManifest('new')),
    ).rejects.toThrow('system:masters');
  });

  it('cannot say what would be done, how risky it is or how long it may be decided', async () => {
    const own = { patch: [{ op: 'remove', path: '/spec' }], risk: 'low', expiresAt: '2099-01-01T00:00:00Z' };
    const path = `${requestsPath(NAMESPACE)}?dryRun=All`;
    const strict = await as('alice').request(
      'POST',
      `${path}&fieldValidation=Strict`,
      requestManifest('new', own, own),
    );
    expect(strict.code).toBe(400);
    for (const field of [
      'spec.patch',
      'spec.risk',
      'spec.expiresAt',
      'spec.action.patch',
      'spec.action.risk',
    ])
      expect(messageOf(strict)).toContain(`unknown field "${field}"`);
    const status = openStatus({ requester: 'somebody' });
    const lenient = await as('alice').request('POST', `${path}&fieldValidation=Ignore`, {
      ...requestManifest('new', own, own),
      status,
    });
    expect(lenient.body['spec']).toEqual(Object(requestManifest('new'))['spec']);
    expect(lenient.body['status']).toBeUndefined();
  });

  it.each(['finalizers', 'ownerReferences'])('cannot tie a request to anything by %s', async (field) => {
    const ties: Record<string, readonly unknown[]> = {
      finalizers: ['example.com/hold'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' }],
    };
    const lock = await locked();
    try {
      const manifest = requestManifest('tied') as { metadata: object };
      const metadata = { ...manifest.metadata, [field]: ties[field] };
      const reply = await as('alice').request('POST', `${requestsPath(NAMESPACE)}?dryRun=All`, {
        ...manifest,
        metadata,
      });
      expect(messageOf(reply)).toContain(`metadata.${field} must not be set`);
    } finally {
      await lock.remove();
    }
  });

  it('cannot change it afterwards', async () => {
    const { name } = await opened('unchanged');
    const patch = { spec: { action: { parameters: { check: 'MCP-W01' } } } };
    const reply = await as('root').request('PATCH', `${requestsPath(NAMESPACE)}/${name}`, patch, MERGE);
    expect(messageOf(reply)).toContain('the spec of an ApprovalRequest cannot be changed');
  });
});

describe('a decision', () => {
  it('says who made it, when and by which call, whatever was sent, under the one name that it can have', async () => {
    const ref = await opened('decided');
    const forged = {
      decidedBy: { username: 'bob', groups: ['system:masters'] },
      decidedAt: '2020-01-01T00:00:00Z',
      admissionUID: 'x',
    };
    const { code, body } = await decide('carol', ref, 'approve', forged);
    expect(code, JSON.stringify(body)).toBe(201);
    const spec = body['spec'] as { decidedBy: object; decidedAt: string; admissionUID: string };
    expect(spec.decidedBy).toEqual({ username: 'carol', groups: ['system:authenticated'] });
    expect(Math.abs(Date.parse(spec.decidedAt) - Date.now())).toBeLessThan(60_000);
    expect(spec.admissionUID).toMatch(/^[0-9a-f-]{36}$/);
    expect((body['metadata'] as { name: string }).name).toMatch(/^approve-[0-9a-f]{32}$/);
  });

  it('is made once by each person with each verb', async () => {
    const ref = await opened('once');
    expect((await decide('carol', ref)).code).toBe(201);
    expect((await decide('carol', ref)).code).toBe(409);
    expect((await decide('erin', ref)).code).toBe(201);
    expect((await decide('carol', ref, 'deny')).code).toBe(201);
  });

  it('is refused under a name of its own, with the right one', async () => {
    const ref = await opened('named');
    const manifest = decisionManifest(ref, 'approve') as { metadata: object };
    const named = { ...manifest, metadata: { name: 'approve-twice' } };
    const reply = await as('carol').request('POST', decisionsPath(NAMESPACE), named);
    const right = /metadata\.name must be (approve-[0-9a-f]{32})/.exec(messageOf(reply))?.[1] ?? '';
    expect(reply.code).toBe(403);
    const again = await as('carol').request('POST', decisionsPath(NAMESPACE), {
      ...named,
      metadata: { name: right },
    });
    expect(again.code).toBe(201);
  });

  it.each<[string, string]>([
    ['directly', 'alice'],
    ['from a second kubeconfig', 'alice elsewhere'],
  ])('is refused of the requester, %s', async (how, who) => {
    const ref = await opened(`own-${how.length}`);
    for (const verb of ['approve', 'deny'])
      expect(messageOf(await decide(who, ref, verb))).toContain('you asked for this');
    expect((await decide(who, ref, 'cancel', { reason: '' })).code).toBe(201);
  });

  it('is refused of who changed the target, also after somebody else changed its labels', async () => {
    const path = `${mcpServersPath(NAMESPACE)}/github`;
    const server = mcpServerManifest(
      { source: { image: { ref: 'example.com/server:1' } } },
      { name: 'github', namespace: NAMESPACE },
    );
    await as('dave').request('POST', mcpServersPath(NAMESPACE), server);
    await as(APPROVAL_SETTINGS.executor).request('PATCH', path, { spec: { replicas: 2 } }, MERGE);
    await as('bob').request('PATCH', path, { spec: { replicas: 3 } }, MERGE);
    const labelled = await as('erin').request('PATCH', path, { metadata: { labels: { a: 'b' } } }, MERGE);
    expect(labelled.code, 'erin may approve and not edit').toBe(403);
    const { body } = await as('dave').request('PATCH', path, { metadata: { labels: { a: 'b' } } }, MERGE);
    const { annotations } = body['metadata'] as { annotations: Record<string, string> };
    const changed = (
      JSON.parse(annotations['mcp.kilocode.ai/changed-by'] ?? '') as { username: string }[]
    ).map(({ username }) => username);
    // What the executor changed was approved: Dave counts no longer, and Bob still does.
    expect(changed).toEqual([APPROVAL_SETTINGS.executor, 'bob']);
    const ref = await opened('initiated', changed);
    expect(messageOf(await decide('bob', ref))).toContain('you changed the target');
  });

  it('is refused of what was not seen, and of a request that was made anew', async () => {
    const ref = await opened('seen');
    const other = { digest: DIGEST.replaceAll('1', '2') };
    expect(messageOf(await decide('carol', ref, 'approve', other))).toContain(
      'spec.digest is not that of the request',
    );
    await project('seen', { phase: 'Cancelled' });
    await as(APPROVAL_SETTINGS.operator).request('DELETE', `${requestsPath(NAMESPACE)}/seen`);
    const anew = await opened('seen');
    expect(anew.uid).not.toBe(ref.uid);
    expect(messageOf(await decide('carol', ref))).toContain('it is another one than was looked at');
    expect((await decide('carol', anew)).code).toBe(201);
  });

  it.each<[string, string, string, object, string]>([
    ['who does not hold the verb', 'grace', 'approve', {}, 'approvalpolicies/prod'],
    ['who holds another verb', 'carol', 'override', {}, 'does not hold the verb override'],
    ['who cancels what is not theirs', 'carol', 'cancel', {}, 'does not hold the verb cancel'],
    ['who gives no reason for a denial', 'carol', 'deny', { reason: '' }, 'spec.reason'],
    ['that is a program', BOT, 'approve', {}, 'use an account of your own'],
  ])('is refused of somebody %s', async (reason, who, verb, spec, words) => {
    const ref = await opened(`refused-${reason.length}-${verb}`);
    const reply = await decide(who, ref, verb, spec);
    expect(reply.code, JSON.stringify(reply.body)).toBe(403);
    expect(messageOf(reply)).toContain(words);
  });

  it('is refused of somebody who may create none', async () => {
    const reply = await decide('oscar', await opened('audited'));
    expect(messageOf(reply)).toContain('cannot create resource "approvaldecisions"');
  });

  it('overrides by the role of that name', async () => {
    expect((await decide('grace', await opened('broken'), 'override')).code).toBe(201);
  });

  it('is refused when the request is over, or its time is', async () => {
    const over = await opened('over', [], { phase: 'Executed' });
    expect(messageOf(await decide('carol', over))).toContain('it is Executed');
    const late = await opened('late', [], { phase: 'Approved', executeBefore: '2020-01-01T00:00:00Z' });
    expect(messageOf(await decide('carol', late, 'deny'))).toContain('expired at 2020-01-01T00:00:00Z');
  });

  it('cannot be changed by anybody', async () => {
    const { body } = await decide('carol', await opened('kept'));
    const path = `${decisionsPath(NAMESPACE)}/${(body['metadata'] as { name: string }).name}`;
    const reply = await as('root').request('PATCH', path, { spec: { verb: 'deny' } }, MERGE);
    expect(messageOf(reply)).toContain('an ApprovalDecision cannot be changed');
  });

  it('that was refused is remembered, but for dry runs', async () => {
    const ref = await opened('remembered');
    await as('alice').request(
      'POST',
      `${decisionsPath(NAMESPACE)}?dryRun=All`,
      decisionManifest(ref, 'approve'),
    );
    await decide('grace', ref);
    await waitFor(() => refused.some(({ person: who, name }) => who === 'grace' && name === 'remembered'), {
      description: 'the refusal to be recorded',
    });
    expect(refused.filter(({ name }) => name === 'remembered')).toEqual([
      {
        requestUid: ref.uid,
        namespace: NAMESPACE,
        name: 'remembered',
        person: 'grace',
        verb: 'approve',
        reason: 'NotAuthorised',
      },
    ]);
  });
});

describe('what is kept', () => {
  it('is every decision, and each request that is open', async () => {
    const ref = await opened('open');
    const { body } = await decide('carol', ref);
    const decision = `${decisionsPath(NAMESPACE)}/${(body['metadata'] as { name: string }).name}`;
    const request = `${requestsPath(NAMESPACE)}/open`;
    for (const path of [decision, decisionsPath(NAMESPACE)])
      expect(messageOf(await as('root').request('DELETE', path))).toContain(
        'create a decision with verb deny',
      );
    expect(messageOf(await as('root').request('DELETE', request))).toContain('not deleted but taken back');
    await project('open', { phase: 'Denied' });
    expect((await as('root').request('DELETE', request)).code).toBe(200);
    expect((await as(APPROVAL_SETTINGS.operator).request('DELETE', decision)).code).toBe(200);
  });
});

/** The second lock, alone or beside the webhooks. */
async function locked(): Promise<{ remove(): Promise<void> }> {
  const lock = await installPolicies(controlPlane.kubeconfigPath, 'second-lock', NAMESPACE);
  const { name } = await opened(`probe-${Math.random().toString(36).slice(2)}`);
  await waitFor(
    async () => {
      const path = `${requestsPath(NAMESPACE)}/${name}/status?dryRun=All`;
      return (await as('root').request('PATCH', path, { status: { waiting: 'Freeze' } }, MERGE)).code === 403;
    },
    { description: 'the second lock to work' },
  );
  return lock;
}

describe('the second lock', () => {
  let lock: { remove(): Promise<void> };
  let ref: Ref;
  let beside: Reply;
  beforeAll(async () => {
    ref = await opened('locked');
    lock = await locked();
    beside = await decide('erin elsewhere', ref, 'deny');
    await webhooks.unconfigure();
  });
  afterAll(async () => {
    await lock.remove();
    await webhooks.configure();
  });

  it('has nothing against what the webhooks stamp, with uid and groups', () => {
    expect(beside.code, JSON.stringify(beside.body)).toBe(201);
    const decidedBy = { username: 'erin', uid: 'other-uid', groups: ['other-group', 'system:authenticated'] };
    expect(beside.body['spec']).toMatchObject({ decidedBy });
  });

  it('keeps status to the operator', async () => {
    const path = `${requestsPath(NAMESPACE)}/locked/status`;
    const reply = await as('root').request('PATCH', path, { status: { phase: 'Approved' } }, MERGE);
    expect(messageOf(reply)).toContain('written by the operator alone');
    await project('locked', openStatus({ requester: 'alice' }));
  });

  it('lets nobody decide without stamps, or with those of somebody else', async () => {
    const stamps = (username: string): object => ({
      decidedBy: { username, groups: ['system:authenticated'] },
      decidedAt: '2026-11-26T00:00:00Z',
      admissionUID: 'x',
    });
    expect(messageOf(await decide('carol', ref))).toContain("written by the operator's mutating webhook");
    expect(messageOf(await decide('carol', ref, 'approve', stamps('erin')))).toContain('decidedBy tells who');
    const grouped = {
      ...stamps('carol'),
      decidedBy: { username: 'carol', groups: ['system:authenticated', 'leads'] },
    };
    expect(messageOf(await decide('carol', ref, 'approve', grouped))).toContain('decidedBy tells who');
    // True as far as it goes: what was decided while nobody was asked is not counted.
    expect(
      (await decide('carol', ref, 'approve', stamps('carol'), { name: 'true', generateName: '' })).code,
    ).toBe(201);
  });

  it('keeps decisions as they are, and what is open', async () => {
    const decision = `${decisionsPath(NAMESPACE)}/true`;
    const labels = { metadata: { labels: { a: 'b' } } };
    expect(messageOf(await as('root').request('PATCH', decision, labels, MERGE))).toContain(
      'cannot be changed',
    );
    for (const path of [decision, `${requestsPath(NAMESPACE)}/locked`])
      expect(messageOf(await as('root').request('DELETE', path))).toContain('are kept');
    await project('locked', { phase: 'Expired' });
    expect((await as('root').request('DELETE', `${requestsPath(NAMESPACE)}/locked`)).code).toBe(200);
    expect((await as(APPROVAL_SETTINGS.operator).request('DELETE', decision)).code).toBe(200);
  });
});

describe('while nobody answers', () => {
  it('nothing is decided, and a namespace with open requests goes away all the same', async () => {
    const ref = await opened('unanswered');
    const path = requestsPath('doomed');
    expect((await as(APPROVAL_SETTINGS.operator).request('POST', path, requestManifest('open'))).code).toBe(
      201,
    );
    await as(APPROVAL_SETTINGS.operator).request(
      'PATCH',
      `${path}/open/status`,
      { status: openStatus({ requester: 'alice' }) },
      MERGE,
    );
    await webhooks.stop();
    const lock = await installPolicies(controlPlane.kubeconfigPath, 'second-lock', 'doomed');
    await waitFor(
      async () => messageOf(await as('root').request('DELETE', `${path}/open`)).includes('are kept'),
      {
        description: 'the second lock to work',
      },
    );
    expect((await decide('carol', ref)).code).toBe(500);
    expect((await as('root').request('DELETE', `${requestsPath(NAMESPACE)}/unanswered`)).code).toBe(500);
    await kubectl(['delete', 'namespace', 'doomed', '--wait=true', '--timeout=120s']);
    expect((await as('root').request('GET', `${path}/open`)).code).toBe(404);
    await lock.remove();
    await webhooks.start();
  }, 180_000);
});
