import { describe, expect, it } from 'vitest';
import { ANNOTATIONS, type ApprovalPolicy, type ApprovalRequest, type MCPServer } from '../../api/index.ts';
import { digestOf, type ApprovalRow } from '../../approval/index.ts';
import { OPENED, aPolicy, aRow, later } from '../../approval/testing/rows.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { derive, type Derivation, type Surroundings } from './derive.ts';

const EXECUTOR = 'system:serviceaccount:mcp-system:mcp-executor';
const persons = (...names: readonly string[]): string =>
  JSON.stringify(names.map((username) => ({ username, uid: '' })));

/** A server that may run as root, changed by those. */
function target(...changers: readonly string[]): MCPServer {
  const server = aServer({ podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } });
  const { metadata } = server;
  return {
    ...server,
    metadata: {
      ...metadata,
      uid: 'uid-of-server',
      generation: 4,
      annotations: { [ANNOTATIONS.changedBy]: persons(...changers) },
    },
  };
}

function aRequest(server: MCPServer, changes: object = {}, annotations: object = CREATED): ApprovalRequest {
  const { name, uid = '', generation = 0 } = server.metadata;
  const { apiVersion, kind } = server;
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: {
      namespace: server.metadata.namespace,
      name: 'fix',
      uid: 'uid-of-request',
      creationTimestamp: OPENED.toISOString(),
      annotations: { ...annotations },
    },
    spec: {
      action: {
        kind: 'Remediate',
        parameters: { check: 'MCP-W03' },
        target: { apiVersion, kind, name, uid, generation, ...changes },
      },
    },
  };
}

const CREATED = { [ANNOTATIONS.createdBy]: JSON.stringify({ username: 'rita', uid: '' }) };

function surroundings(change: Partial<Surroundings> = {}): Surroundings {
  const server = target('ivan');
  return {
    request: aRequest(server),
    target: server,
    managers: ['kubectl-create'],
    namespaceLabels: { 'kubernetes.io/metadata.name': 'team-a' },
    policies: [aPolicy() as unknown as ApprovalPolicy],
    rendering: DEFAULT_RENDER_SETTINGS,
    executor: EXECUTOR,
    executed: [],
    previous: [],
    ...change,
  };
}

const factsOf = (derivation: Derivation) => {
  if (derivation.kind === 'refused') throw new Error(`${derivation.reason}: ${derivation.message}`);
  return derivation.facts;
};

describe('what a request comes to', () => {
  it('is everything that it is opened with', () => {
    const facts = factsOf(derive(surroundings(), OPENED));
    expect(facts).toMatchObject({
      requestUid: 'uid-of-request',
      name: 'fix',
      requestedBy: { person: 'rita', username: 'rita' },
      initiators: [{ person: 'ivan' }],
      unknownInitiators: false,
      attempt: 1,
      policy: { policies: [{ name: 'prod' }] },
    });
    expect(facts.plan.effect.kind).toBe('Patch');
  });

  it.each<[string, Partial<Surroundings>, string]>([
    ['there is no such target', { target: undefined }, 'TargetNotFound'],
    [
      'the target is another one of that name',
      { request: aRequest(target('ivan'), { uid: 'of-before' }) },
      'TargetNotFound',
    ],
    ['the target was changed', { request: aRequest(target('ivan'), { generation: 3 }) }, 'TargetChanged'],
    ['the target is not seen yet', { request: aRequest(target('ivan'), { generation: 5 }) }, 'NotDerivedYet'],
    ['nobody knows who asks', { request: aRequest(target('ivan'), {}, {}) }, 'NotDerivedYet'],
    ['nothing is wrong', { target: { ...target('ivan'), spec: aServer().spec } }, 'NothingToDo'],
    [
      'no change would help',
      { target: { ...target('ivan'), spec: { ...target('ivan').spec, suspend: true } } },
      'NoPlan',
    ],
  ])('is refused when %s', (_reason, change, reason) => {
    const derivation = derive(surroundings(change), OPENED);
    expect(derivation.kind === 'refused' && derivation.reason).toBe(reason);
  });

  it.each<[string, readonly string[], boolean, readonly string[]]>([
    ['people', ['ivan', 'olga'], false, ['ivan', 'olga']],
    ['the executor, whose changes were approved', [EXECUTOR, 'ivan'], false, ['ivan']],
    [
      'a ServiceAccount, behind which anybody may be',
      ['system:serviceaccount:ci:bot'],
      true,
      ['system:serviceaccount:ci:bot'],
    ],
    [
      'as many as the list holds',
      Array.from({ length: 16 }, (_, index) => `user-${index}`),
      true,
      Array.from({ length: 16 }, (_, index) => `user-${index}`),
    ],
  ])('knows that the target was changed by %s', (_reason, changers, isUnknown, initiators) => {
    const facts = factsOf(derive(surroundings({ target: target(...changers) }), OPENED));
    expect(facts.unknownInitiators).toBe(isUnknown);
    expect(facts.initiators.map(({ person }) => person)).toEqual(initiators);
  });

  it('does not know who changed what was never stamped', () => {
    const { metadata, ...server } = target('ivan');
    const unstamped = { ...server, metadata: { ...metadata, annotations: {} } };
    expect(factsOf(derive(surroundings({ target: unstamped }), OPENED)).unknownInitiators).toBe(true);
  });

  it('does not know who changed what was stamped in a way that nobody can read', () => {
    const { metadata, ...server } = target('ivan');
    const annotations = { [ANNOTATIONS.changedBy]: 'nobody' };
    const garbled = { ...server, metadata: { ...metadata, annotations } };
    expect(factsOf(derive(surroundings({ target: garbled }), OPENED)).unknownInitiators).toBe(true);
  });

  it.each<[string, ApprovalRow['phase'], string]>([
    ['is refused while the very same is open', 'Pending', 'NothingToDo'],
    ['is opened once that is over', 'Cancelled', 'opened'],
  ])('a Quarantine %s', (_what, phase, expected) => {
    const request = aRequest(target('ivan'));
    const { action } = request.spec;
    const quarantine = {
      ...request,
      spec: { action: { ...action, kind: 'Quarantine' as const, parameters: {} } },
    };
    const first = factsOf(derive(surroundings({ request: quarantine }), OPENED));
    const row: ApprovalRow = { ...aRow({ action: first.action, plan: first.plan }), phase };
    const derivation = derive(surroundings({ request: quarantine, previous: [row] }), later(60));
    expect(derivation.kind === 'refused' ? derivation.reason : 'opened').toBe(expected);
  });

  it('has no policy where none matches', () => {
    expect(factsOf(derive(surroundings({ policies: [] }), OPENED)).policy).toBeUndefined();
  });

  describe('asked for before', () => {
    const { plan, action } = factsOf(derive(surroundings(), OPENED));
    const before = (changes: Partial<ApprovalRow>): ApprovalRow => ({
      ...aRow({ action, plan }),
      ...changes,
    });
    const denied = before({
      phase: 'Denied',
      conditions: [{ type: 'Denied', reason: 'Denied', message: '', at: OPENED.toISOString() }],
    });

    it('has the digest that tells', () => {
      expect(before({}).derived.digest).toBe(digestOf(action, plan.effect));
    });

    it.each([
      ['and denied a day ago is refused', denied, 86_400, 'DeniedBefore'],
      ['and denied seven days ago is the second attempt', denied, 7 * 86_400, 2],
      ['and expired is the third attempt', before({ phase: 'Expired', attempt: 2 }), 60, 3],
    ])('%s', (_reason, row, seconds, expected) => {
      const derivation = derive(surroundings({ previous: [row] }), later(seconds));
      const found = derivation.kind === 'refused' ? derivation.reason : derivation.facts.attempt;
      expect(found).toBe(expected);
    });

    it('and denied says until when', () => {
      const until = later(7 * 86_400);
      const derivation = derive(surroundings({ previous: [denied] }), later(60));
      expect(derivation).toMatchObject({ until, message: expect.stringContaining('2026-12-03T10:00:00Z') });
    });

    it('and denied for another change does not matter', () => {
      const other = { ...denied, derived: { ...denied.derived, digest: `sha256:${'0'.repeat(64)}` } };
      expect(factsOf(derive(surroundings({ previous: [other] }), later(60))).attempt).toBe(1);
    });
  });
});
