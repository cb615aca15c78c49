import { describe, expect, it } from 'vitest';
import { transition } from './advance.ts';
import { type ExecutionFacts, begin, finish, isReadyToBegin, mayBegin, mayGoOn } from './execute.ts';
import { PHASES } from './phase.ts';
import type { ApprovalRow } from './request.ts';
import { OPENED, aDecision, aPlan, aRow, aSnapshot, later, observing } from './testing/rows.ts';

const SOON = later(120);
const PRE_IMAGE = {
  resourceVersion: '7',
  generation: 3,
  values: { '/spec/replicas': 1 },
  specHash: 'sha256:before',
  expectedSpecHash: 'sha256:after',
  inverse: [{ op: 'replace', path: '/spec/replicas', value: 1 }],
  wasReady: true,
} as const;

function decisionsOn(row: ApprovalRow) {
  return ['ann', 'ben'].map((person) => aDecision(row, person, 'approve'));
}

function approvedRow(facts: Parameters<typeof aRow>[0] = {}): ApprovalRow {
  const row = aRow(facts);
  const step = transition(row, observing(row, decisionsOn(row)), SOON);
  if (step?.row.phase !== 'Approved') throw new Error('the row of the test is not approved');
  return step.row;
}

function seen(row: ApprovalRow, changes: Partial<ExecutionFacts> = {}): ExecutionFacts {
  const { uid, generation } = row.action.target;
  return { decisions: decisionsOn(row), target: { uid, generation }, ...changes };
}

describe('isReadyToBegin', () => {
  const freeze = [{ schedule: '0 10 * * *', timeZone: 'Etc/UTC', duration: '2h' }];
  const frozen = approvedRow({ policy: aSnapshot({ freeze }) });

  it('refuses while a freeze is on, without a look at the decisions', () => {
    expect(isReadyToBegin(frozen, SOON)).toMatchObject({ may: false, reason: 'Freeze' });
    expect(isReadyToBegin(frozen, new Date('2026-11-26T12:00:00Z'))).toEqual({ may: true });
  });

  it('refuses no row whose freeze was overridden, before the approval or after it', () => {
    const after = transition(
      frozen,
      observing(frozen, [...decisionsOn(frozen), aDecision(frozen, 'olga', 'override')]),
      SOON,
    );
    const pending = aRow({ policy: aSnapshot({ freeze }) });
    const at = transition(pending, observing(pending, [aDecision(pending, 'olga', 'override')]), SOON);
    for (const step of [after, at]) {
      expect(step?.row.phase).toBe('Approved');
      expect(isReadyToBegin(step?.row ?? frozen, SOON)).toEqual({ may: true });
    }
  });
});

describe('mayBegin', () => {
  it('lets what was decided be done', () => {
    const row = approvedRow();
    expect(mayBegin(row, seen(row), SOON)).toEqual({ may: true });
  });

  it.each(PHASES.filter((phase) => phase !== 'Approved'))('refuses a row that is %s', (phase) => {
    const row = { ...approvedRow(), phase };
    expect(mayBegin(row, seen(row), SOON)).toMatchObject({ may: false, reason: 'NotApproved' });
  });

  it('believes no row that was made Approved past its decisions', () => {
    const row: ApprovalRow = { ...aRow(), phase: 'Approved', executeBefore: later(3600).toISOString() };
    expect(mayBegin(row, seen(row, { decisions: [] }), SOON)).toMatchObject({
      may: false,
      reason: 'QuorumNotMet',
    });
  });

  it('believes no plan that another digest was approved for', () => {
    const row = approvedRow();
    const forged = {
      ...row,
      derived: { ...row.derived, plan: aPlan({ effect: { kind: 'Patch', operations: [] } }) },
    };
    expect(mayBegin(forged, seen(row), SOON)).toMatchObject({ may: false, reason: 'DigestMismatch' });
  });

  it.each([
    ['Denied', { decisions: (row: ApprovalRow) => [...decisionsOn(row), aDecision(row, 'cat', 'deny')] }],
    [
      'Cancelled',
      { decisions: (row: ApprovalRow) => [...decisionsOn(row), aDecision(row, 'rita', 'cancel')] },
    ],
    [
      'AuthorityUnknown',
      {
        decisions: (row: ApprovalRow) => [
          ...decisionsOn(row),
          aDecision(row, 'cat', 'deny', { isAuthorised: undefined }),
        ],
      },
    ],
    ['QuorumNotMet', { decisions: (row: ApprovalRow) => decisionsOn(row).slice(0, 1) }],
    [
      'QuorumNotMet',
      { decisions: (row: ApprovalRow) => decisionsOn(row).map((fact) => ({ ...fact, isProtected: false })) },
    ],
    ['TargetUnknown', { target: 'unknown' as const }],
    ['TargetGone', { target: 'gone' as const }],
    ['TargetChanged', { target: { uid: 'uid-of-github', generation: 4 } }],
  ])(
    'refuses: %s',
    (
      reason,
      {
        decisions,
        target,
      }: { decisions?: (row: ApprovalRow) => ExecutionFacts['decisions']; target?: ExecutionFacts['target'] },
    ) => {
      const row = approvedRow();
      const facts = seen(row, { ...(decisions && { decisions: decisions(row) }), ...(target && { target }) });
      expect(mayBegin(row, facts, SOON)).toMatchObject({ may: false, reason });
    },
  );

  it.each([
    ['1 ms before its time is over', -1, { may: true }],
    ['when its time is over', 0, { may: false, reason: 'TooLate' }],
  ])('minds the clock: %s', (_what, ms, expected) => {
    const row = approvedRow();
    expect(mayBegin(row, seen(row), new Date(SOON.getTime() + 3_600_000 + ms))).toMatchObject(expected);
  });

  it('minds a freeze, but for an override', () => {
    const row = approvedRow({
      policy: aSnapshot({ freeze: [{ schedule: '0 10 * * *', timeZone: 'Etc/UTC', duration: '2h' }] }),
    });
    expect(mayBegin(row, seen(row), SOON)).toMatchObject({
      may: false,
      reason: 'Freeze',
      message: 'frozen until 2026-11-26T12:00:00.000Z',
    });
    const decisions = [...decisionsOn(row), aDecision(row, 'olga', 'override')];
    expect(mayBegin(row, seen(row, { decisions }), SOON)).toEqual({ may: true });
    expect(mayBegin(row, seen(row), new Date('2026-11-26T12:00:00Z'))).toEqual({ may: true });
  });

  it('never begins a proposal', () => {
    const row = approvedRow({
      plan: aPlan({ effect: { kind: 'Proposal', operations: [], reason: 'Flux applies it' } }),
    });
    expect(mayBegin(row, seen(row), SOON)).toMatchObject({
      may: false,
      reason: 'Proposal',
      message: 'Flux applies it',
    });
  });
});

describe('mayGoOn', () => {
  const row: ApprovalRow = { ...approvedRow(), phase: 'Executing' };

  it('lets what was begun be ended, after its time and whoever denies by now', () => {
    const decisions = [...decisionsOn(row), aDecision(row, 'cat', 'deny')];
    expect(mayGoOn(row, { decisions })).toEqual({ may: true });
  });

  it.each([
    ['QuorumNotMet', row, []],
    ['QuorumNotMet', row, decisionsOn(row).slice(0, 1)],
    ['AuthorityUnknown', row, decisionsOn(row).map((fact) => ({ ...fact, isAuthorised: undefined }))],
    ['NoPolicy', { ...row, derived: { ...row.derived, policy: undefined } }, decisionsOn(row)],
    [
      'DigestMismatch',
      { ...row, derived: { ...row.derived, plan: aPlan({ effect: { kind: 'Patch', operations: [] } }) } },
      decisionsOn(row),
    ],
  ] as const)('refuses a row that somebody wrote: %s', (reason, forged, decisions) => {
    expect(mayGoOn(forged, { decisions })).toMatchObject({ may: false, reason });
  });
});

describe('begin and finish', () => {
  it('go from Approved to an end, with what was there before', () => {
    const executing = begin(approvedRow(), PRE_IMAGE, SOON);
    expect(executing.row).toMatchObject({ phase: 'Executing', preImage: PRE_IMAGE });
    expect(executing.messages.map(({ key }) => key)).toEqual(['uid-of-request/Executing']);
    const done = finish(
      executing.row,
      { phase: 'Executed', reason: 'Verified', message: 'MCP-W06 passes' },
      later(130),
    );
    expect(done.row).toMatchObject({ phase: 'Executed', executedAt: later(130).toISOString() });
    expect(done.row.conditions.map(({ type }) => type)).toEqual(['Approved', 'Executed']);
  });

  it.each(['Failed', 'RolledBack'] as const)('%s is no execution', (phase) => {
    const { row } = begin(approvedRow(), PRE_IMAGE, SOON);
    const done = finish(row, { phase, reason: 'VerificationFailed', message: 'MCP-W06 fails' }, SOON);
    expect(done.row.phase).toBe(phase);
    expect(done.row.executedAt).toBeUndefined();
  });

  it.each(PHASES.filter((phase) => phase !== 'Approved'))('nothing begins twice: not what is %s', (phase) => {
    expect(() => begin({ ...approvedRow(), phase }, PRE_IMAGE, SOON)).toThrow(`is ${phase}`);
  });

  it.each(PHASES.filter((phase) => phase !== 'Executing'))('nothing ends that is %s', (phase) => {
    const outcome = { phase: 'Executed', reason: 'Verified', message: '' } as const;
    expect(() => finish({ ...approvedRow(), phase }, outcome, OPENED)).toThrow(`is ${phase}`);
  });

  it('leave what is executing to the executor, whatever happens', () => {
    const { row } = begin(approvedRow(), PRE_IMAGE, SOON);
    const observed = observing(row, [aDecision(row, 'cat', 'deny')], { request: 'deleted', target: 'gone' });
    expect(transition(row, observed, later(1_000_000))).toBeUndefined();
  });
});
