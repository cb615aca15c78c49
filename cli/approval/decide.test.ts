import { describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../api/index.ts';
import { DECISION_VERBS } from '../../approval/index.ts';
import { anAction, aPlan, aRow } from '../../approval/testing/rows.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import { requestOf, run, type Ended, type RunOptions } from './testing/fake-cluster.ts';

const ROW = aRow();
const REQUEST = requestOf(ROW);

const decide = (argv: readonly string[], request = REQUEST, options: RunOptions = {}): Promise<Ended> =>
  run(['approve', ROW.name, ...argv], { objects: [request], ...options });

function stamped(object: KubernetesObject): KubernetesObject {
  const { spec } = object as KubernetesObject & { readonly spec: object };
  const decision = { ...object, metadata: { ...object.metadata, name: 'approve-0123' } };
  return Object.assign(decision, { spec: { ...spec, decidedBy: { username: 'carol' } } });
}

describe('a decision', () => {
  it.each(DECISION_VERBS)(
    '%s binds the digest that was shown, and leaves who and when to admission',
    async (verb) => {
      const ended = await run([verb, ROW.name, '--reason', 'looked at it', '--yes'], {
        objects: [REQUEST],
        stamp: stamped,
      });
      expect(ended.written).toEqual([
        {
          verb: 'create',
          object: {
            apiVersion: 'mcp.kilocode.ai/v1alpha1',
            kind: 'ApprovalDecision',
            metadata: { name: '', generateName: `${verb}-`, namespace: 'team-a' },
            spec: {
              requestRef: { name: ROW.name, uid: ROW.requestUid },
              verb,
              digest: ROW.derived.digest,
              reason: 'looked at it',
            },
          },
          options: { fieldManager: 'kilo-mcp' },
        },
      ]);
      expect(ended.code).toBe(0);
      expect(ended.results).toContain('carol');
    },
  );

  it('shows the change that the digest binds, its diff and its risk before it asks', async () => {
    const { notes } = await decide([], REQUEST, { typed: 'no\n' });
    for (const text of [
      'medium',
      'Two of them.',
      'replace /spec/replicas: 2',
      '+ replicas: 2',
      'rita',
      'ivan',
      '0/2',
      ROW.derived.digest,
    ])
      expect(notes).toContain(text);
    expect(notes).not.toContain('test /spec');
  });

  it.each([
    ['yes', 'yes\n', 0, 1],
    ['y', 'Y\n', 0, 1],
    ['no', 'no\n', 1, 0],
    ['yesterday', 'yesterday\n', 1, 0],
    ['an empty line', '\nyes\n', 1, 0],
    ['the end of the input', '', 1, 0],
  ])('asks, and takes %s for what it is', async (_reason, typed, code, decisions) => {
    const ended = await decide([], REQUEST, { typed });
    expect(ended.code).toBe(code);
    expect(ended.written).toHaveLength(decisions);
  });

  it.each<[string, ApprovalRequest | undefined, string]>([
    ['there is no such request', undefined, 'there is no ApprovalRequest'],
    ['it is over', requestOf(ROW, { phase: 'Denied' }), 'is Denied: nothing can be decided'],
    ['it is being executed', requestOf(ROW, { phase: 'Executing' }), 'is Executing'],
    [
      'it is not known what would be done',
      { ...REQUEST, status: {} },
      'the operator has not looked at it yet',
    ],
    ['the digest is another', withDerived({ digest: `sha256:${'0'.repeat(64)}` }), 'decide nothing'],
    [
      'the change is another than the digest binds',
      withDerived({ patch: { type: 'json-patch', ops: [{ op: 'remove', path: '/spec/suspend' }] } }),
      'decide nothing',
    ],
  ])('is not made when %s', async (_reason, request, text) => {
    const ended = await run(['approve', ROW.name, '--yes'], {
      objects: request === undefined ? [] : [request],
    });
    expect(ended).toMatchObject({ code: 1, written: [] });
    expect(ended.notes).toContain(text);
  });

  it.each([
    [
      'a record',
      aPlan({ effect: { kind: 'Quarantine', operation: 'End' } }),
      'Quarantine',
      { operation: 'End' },
    ],
    ['a baseline', aPlan({ effect: { kind: 'Baseline', hash: 'h' } }), 'AcceptDefinitions', { hash: 'h' }],
    [
      'a waiver',
      aPlan({ effect: { kind: 'Waiver', check: 'MCP-W06', waiverHash: 'w' } }),
      'Waive',
      { check: 'MCP-W06' },
    ],
    [
      'a proposal',
      aPlan({ effect: { kind: 'Proposal', operations: [], reason: 'Git owns it' } }),
      'Remediate',
      {},
    ],
  ] as const)('is made on %s too', async (_reason, plan, kind, parameters) => {
    const row = aRow({ plan, action: anAction({ kind, parameters }) });
    const ended = await run(['approve', row.name, '--yes'], { objects: [requestOf(row)] });
    expect(ended).toMatchObject({ code: 0, notes: expect.stringContaining(row.derived.digest) as string });
    expect(ended.written).toHaveLength(1);
  });

  it('lets no text of others move the cursor', async () => {
    const row = aRow({ plan: aPlan({ summary: 'harmless\u001B[2K', diff: '+ \u202Etxt' }) });
    const { notes } = await run(['approve', row.name], { objects: [requestOf(row)] });
    expect(notes).toContain('harmless\\u001b[2K');
    for (const character of ['\u001B', '\u202E']) expect(notes).not.toContain(character);
  });

  it.each([
    ['a reason that is too long', ['--reason', 'x'.repeat(1_025)], '--reason: '],
    ['an empty namespace', ['-n', ''], '--namespace: '],
  ])('refuses %s', async (_reason, flags, text) => {
    const ended = await decide([...flags, '--yes']);
    expect(ended).toMatchObject({ code: 2, written: [] });
    expect(ended.notes).toContain(text);
  });
});

type Derived = NonNullable<NonNullable<ApprovalRequest['status']>['derived']>;

function withDerived(change: Partial<Derived>): ApprovalRequest {
  const { derived } = REQUEST.status ?? {};
  return requestOf(ROW, { derived: { ...(derived ?? expect.fail('no derived')), ...change } });
}
