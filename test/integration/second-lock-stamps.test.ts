/**
 * The second lock over stamps, on a real API server without any webhook: nobody can say that somebody else wrote an object, or take away who did;
 * and whatever the webhook would write passes.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { STAMPED_RESOURCES } from '../../api/index.ts';
import { installPolicies, type TestPolicies } from '../harness/admission-policies.ts';
import { requestManifest } from '../harness/approval.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { person, type Person } from '../harness/person.ts';
import { APPROVAL_SETTINGS } from '../harness/serve-webhooks.ts';
import { waitFor } from '../harness/wait.ts';

const CREATED_BY = 'mcp.kilocode.ai/created-by';
const CHANGED_BY = 'mcp.kilocode.ai/changed-by';
const MERGE = 'application/merge-patch+json';

interface Who {
  readonly username: string;
  readonly uid: string;
}
const ALICE: Who = { username: 'stamped-alice', uid: '' };
const BOB: Who = { username: 'stamped-bob', uid: 'uid-of-bob' };
const ODD: Who = { username: 'stamped "odd\\one"', uid: '' };
/** Makes approved changes. */
const EXECUTOR: Who = { username: APPROVAL_SETTINGS.executor, uid: 'uid-of-executor' };
const many = (count: number): Who[] =>
  Array.from({ length: count }, (_, number) => ({ username: `user-${number}`, uid: '' }));

let namespace: TestNamespace;
let lock: TestPolicies;
const people = new Map<Who, Person>();

beforeAll(async () => {
  const kubeconfigPath = inject('kubeconfigPath');
  namespace = await createNamespace(kubeconfigPath, 'stamps');
  for (const who of [ALICE, BOB, ODD, EXECUTOR]) people.set(who, await connect(kubeconfigPath, who));
  await create(ALICE, 'before', { [CREATED_BY]: 'me', [CHANGED_BY]: '{' });
  lock = await installPolicies(kubeconfigPath, 'second-lock', namespace.name);
  await waitFor(async () => (await refusal(BOB, stampsOf(ALICE))) !== undefined, {
    description: 'the lock to work',
  });
});

afterAll(async () => {
  await lock.remove();
  for (const each of people.values()) await each.close();
  await kubectl(inject('kubeconfigPath'), ['delete', 'clusterrolebinding', '--selector=test=stamps']);
  await namespace.remove();
});

async function connect(kubeconfigPath: string, { username, uid }: Who): Promise<Person> {
  const metadata = { name: `stamps-${people.size}`, labels: { test: 'stamps' } };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: username }],
  };
  await kubectl(kubeconfigPath, ['apply', '-f', '-'], JSON.stringify(binding));
  return person(kubeconfigPath, username, uid === '' ? undefined : uid);
}

type Annotations = Readonly<Record<string, string | null>>;

const stampsOf = (createdBy: Who, changedBy: readonly Who[] = [createdBy]): Annotations => ({
  [CREATED_BY]: JSON.stringify(createdBy),
  [CHANGED_BY]: JSON.stringify(changedBy),
});
const path = (): string => `/apis/mcp.kilocode.ai/v1alpha1/namespaces/${namespace.name}/compliancechecks`;
const check = (name: string, annotations: Annotations = {}): object => ({
  apiVersion: 'mcp.kilocode.ai/v1alpha1',
  kind: 'ComplianceCheck',
  metadata: { name, annotations },
  spec: { profileRef: { name: 'baseline' } },
});
const personOf = (who: Who): Person => {
  const found = people.get(who);
  if (found === undefined) throw new Error(`${who.username} is not connected`);
  return found;
};

async function create(who: Who, name: string, annotations: Annotations): Promise<void> {
  const { code, body } = await personOf(who).request('POST', path(), check(name, annotations));
  expect(code, JSON.stringify(body)).toBe(201);
}

/** What the API server says to the creation of a check; undefined where it would store it. */
async function refusal(who: Who, annotations: Annotations): Promise<string | undefined> {
  const { code, body } = await personOf(who).request(
    'POST',
    `${path()}?dryRun=All`,
    check('new', annotations),
  );
  return code < 300 ? undefined : String(body['message']);
}

/** The same of a change of the check of this name. */
async function refusalOfChange(
  who: Who,
  name: string,
  annotations: Annotations | null,
  spec: object = {},
): Promise<string | undefined> {
  const patch = { metadata: { annotations }, spec };
  const { code, body } = await personOf(who).request('PATCH', `${path()}/${name}?dryRun=All`, patch, MERGE);
  return code < 300 ? undefined : String(body['message']);
}

const CHANGE = { suspend: true };

describe('whoever creates an object', () => {
  it.each<[string, Who, Annotations]>([
    ['nobody', BOB, {}],
    ['its creator', BOB, stampsOf(BOB)],
    ['its creator, whose name takes escapes', ODD, stampsOf(ODD)],
  ])('may name %s', async (_reason, who, annotations) => {
    expect(await refusal(who, annotations)).toBeUndefined();
  });

  it.each<[string, Annotations]>([
    ['another creator', stampsOf(ALICE, [BOB])],
    ['another one who changed it', stampsOf(BOB, [ALICE])],
    ['somebody beside', stampsOf(BOB, [ALICE, BOB])],
    ['no person', { [CREATED_BY]: '{}' }],
  ])('may not name %s', async (_reason, annotations) => {
    expect(await refusal(BOB, annotations)).toContain('tells who wrote this object');
  });

  it('of every kind that is stamped', async () => {
    const refused: string[] = [];
    for (const { kind, plural, namespaced } of STAMPED_RESOURCES) {
      const folder = namespaced
        ? path().replace('compliancechecks', plural)
        : path().replace(/namespaces.*/, plural);
      const object = { ...check('new', stampsOf(ALICE)), kind, spec: SPECS[kind] };
      const { code, body } = await personOf(BOB).request('POST', `${folder}?dryRun=All`, object);
      if (code === 403 && String(body['message']).includes('tells who wrote')) refused.push(kind);
    }
    expect(refused).toEqual(STAMPED_RESOURCES.map(({ kind }) => kind));
  });
});

const SPECS: Readonly<Record<string, object>> = {
  MCPServer: { source: { image: { ref: 'example.com/server:1' } } },
  MCPSecurityPolicy: {},
  ComplianceProfile: { checks: [{ id: 'MCP-S01' }] },
  ComplianceCheck: { profileRef: { name: 'baseline' } },
  ClusterComplianceCheck: { profileRef: { name: 'baseline' } },
  ApprovalPolicy: {},
  ApprovalRequest: Object((requestManifest('new') as { spec: object }).spec),
};

describe('whoever changes an object', () => {
  beforeAll(async () => {
    await create(ALICE, 'by-alice', stampsOf(ALICE));
    await create(ALICE, 'by-both', stampsOf(ALICE));
    const both = { metadata: { annotations: stampsOf(ALICE, [ALICE, BOB]) }, spec: CHANGE };
    expect((await personOf(BOB).request('PATCH', `${path()}/by-both`, both, MERGE)).code).toBe(200);
  });

  it.each<[string, Who, string, Annotations, object?]>([
    ['what is stored', BOB, 'by-alice', {}, CHANGE],
    ['who was there and himself', BOB, 'by-alice', stampsOf(ALICE, [ALICE, BOB]), CHANGE],
    ['herself once', ALICE, 'by-alice', stampsOf(ALICE), CHANGE],
    ['herself once, as the last one', ALICE, 'by-both', stampsOf(ALICE, [BOB, ALICE]), { onChange: false }],
    [
      'nobody else, who makes approved changes',
      EXECUTOR,
      'by-both',
      stampsOf(ALICE, [EXECUTOR]),
      { onChange: false },
    ],
    ['himself, where the stamps are none', BOB, 'before', { [CHANGED_BY]: JSON.stringify([BOB]) }, CHANGE],
    ['other things', BOB, 'by-alice', { note: 'x' }],
  ])('may leave %s', async (_reason, who, name, annotations, spec) => {
    expect(await refusalOfChange(who, name, annotations, spec)).toBeUndefined();
  });

  it.each<[string, Annotations | null, object?]>([
    ['another creator', { [CREATED_BY]: JSON.stringify(BOB) }, CHANGE],
    ['no creator', { [CREATED_BY]: null }],
    ['no stamps', null],
    ['nobody but himself', stampsOf(ALICE, [BOB]), CHANGE],
    ['somebody else', stampsOf(ALICE, [ALICE, ODD]), CHANGE],
    ['himself, where he changes nothing', stampsOf(ALICE, [ALICE, BOB])],
    ['an empty list', { [CHANGED_BY]: '[]' }, CHANGE],
  ])('may not leave %s', async (_reason, annotations, spec) => {
    expect(await refusalOfChange(BOB, 'by-alice', annotations, spec)).toContain(
      'tells who wrote this object',
    );
  });
});

describe('a full list', () => {
  beforeAll(async () => {
    await lock.remove();
    await waitFor(async () => (await refusal(BOB, stampsOf(ALICE))) === undefined, {
      description: 'the lock to be gone',
    });
    await create(ALICE, 'full', stampsOf(ALICE, many(16)));
    lock = await installPolicies(inject('kubeconfigPath'), 'second-lock', namespace.name);
    await waitFor(async () => (await refusal(BOB, stampsOf(ALICE))) !== undefined, {
      description: 'the lock to work',
    });
  });

  it('loses its oldest, and nobody else', async () => {
    const change = (persons: readonly Who[]): Promise<string | undefined> =>
      refusalOfChange(BOB, 'full', stampsOf(ALICE, persons), CHANGE);
    expect(await change([...many(16).slice(1), BOB])).toBeUndefined();
    expect(await change([...many(16).slice(2), BOB])).toContain('tells who wrote this object');
    expect(await change([BOB])).toContain('tells who wrote this object');
  });
});
