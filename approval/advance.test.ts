import { describe, expect, it } from 'vitest';
import { nextWake, transition } from './advance.ts';
import type { DecisionFact, Disregard } from './decision.ts';
import type { Observed } from './observed.ts';
import type { ApprovalRow } from './request.ts';
import { OPENED, aDecision, aPlan, aRow, aSnapshot, anAction, later, observing } from './testing/rows.ts';

const DAY = 86_400;
const SOON = later(120);

/** Decides, and lets the row settle: a step a look, until nothing changes. */
function settle(row: ApprovalRow, observed: Observed, now = SOON): ApprovalRow {
  let current = row;
  for (
    let step = transition(current, observed, now);
    step !== undefined;
    step = transition(current, observed, now)
  )
    current = step.row;
  return current;
}

function approvals(row: ApprovalRow, ...persons: readonly string[]): readonly DecisionFact[] {
  return persons.map((person) => aDecision(row, person, 'approve'));
}

function approvedRow(facts: Parameters<typeof aRow>[0] = {}): ApprovalRow {
  const row = aRow(facts);
  return settle(row, observing(row, approvals(row, 'ann', 'ben')));
}

function reasonOf(row: ApprovalRow): string | undefined {
  return row.conditions.find(({ type }) => type === row.phase)?.reason;
}

describe('a pending request', () => {
  it('waits for the second of two', () => {
    const row = aRow();
    const next = settle(row, observing(row, approvals(row, 'ann')));
    expect(next).toMatchObject({
      phase: 'Pending',
      waiting: 'QuorumNotMet',
      approvals: { have: 1, need: 2, missing: [] },
    });
    expect(next.decisions.map(({ person }) => person)).toEqual(['ann']);
  });

  it('is approved by two, and has its time to be executed from then on', () => {
    const row = aRow();
    const step = transition(row, observing(row, approvals(row, 'ann', 'ben')), SOON);
    expect(step?.row).toMatchObject({
      phase: 'Approved',
      waiting: '',
      executeBefore: later(120 + 3600).toISOString(),
    });
    expect(step?.row.conditions).toEqual([
      { type: 'Approved', reason: 'QuorumMet', message: '2 of 2 approvals', at: SOON.toISOString() },
    ]);
    expect(step?.events.map(({ event }) => event)).toEqual([
      'DecisionCounted',
      'DecisionCounted',
      'Approved',
    ]);
    expect(step?.messages.map(({ key }) => key)).toEqual(['uid-of-request/Approved']);
  });

  it('needs the groups that the policy requires', () => {
    const row = aRow({ policy: aSnapshot({ required: [{ group: 'platform-leads', count: 1 }] }) });
    const two = approvals(row, 'ann', 'ben');
    expect(settle(row, observing(row, two))).toMatchObject({
      phase: 'Pending',
      approvals: { have: 2, need: 2, missing: ['platform-leads'] },
    });
    const lead = aDecision(row, 'leo', 'approve', { groups: ['platform-leads'] });
    expect(settle(row, observing(row, [...two, lead]))).toMatchObject({ phase: 'Approved' });
  });

  it('needs one more where it is not known who changed the target', () => {
    const row = aRow({ unknownInitiators: true });
    expect(settle(row, observing(row, approvals(row, 'ann', 'ben')))).toMatchObject({
      phase: 'Pending',
      approvals: { have: 2, need: 3 },
    });
    expect(settle(row, observing(row, approvals(row, 'ann', 'ben', 'cat')))).toMatchObject({
      phase: 'Approved',
    });
  });

  it('does not need one more where duties are not separated', () => {
    const row = aRow({ unknownInitiators: true, policy: aSnapshot({ separationOfDuties: false }) });
    expect(settle(row, observing(row, approvals(row, 'ann', 'rita')))).toMatchObject({ phase: 'Approved' });
  });

  it('is approved without a human where every policy says so', () => {
    const row = aRow({ policy: aSnapshot({ auto: { actionKinds: ['Remediate'], maxRisk: 'medium' } }) });
    const next = settle(row, observing(row));
    expect(next).toMatchObject({ phase: 'Approved', approvals: { have: 0, need: 0, missing: [] } });
    expect(reasonOf(next)).toBe('Automatic');
    expect(next.conditions.at(-1)?.message).toBe('the policy approves this by itself');
  });

  it('can be denied before it is approved without a human', () => {
    const row = aRow({ policy: aSnapshot({ auto: { actionKinds: ['Remediate'], maxRisk: 'medium' } }) });
    expect(settle(row, observing(row, [aDecision(row, 'ann', 'deny')]))).toMatchObject({ phase: 'Denied' });
  });

  it('is denied by one, whoever approved', () => {
    const row = aRow();
    const next = settle(
      row,
      observing(row, [...approvals(row, 'ann', 'ben'), aDecision(row, 'cat', 'deny')]),
    );
    expect(next.phase).toBe('Denied');
    expect(reasonOf(next)).toBe('Denied');
  });

  it('is denied by as many as the policy asks for', () => {
    const row = aRow({ policy: aSnapshot({ quorum: { approvals: 2, denials: 2 } }) });
    const denials = ['cat', 'dan'].map((person) => aDecision(row, person, 'deny'));
    expect(settle(row, observing(row, denials.slice(0, 1))).phase).toBe('Pending');
    expect(settle(row, observing(row, denials)).phase).toBe('Denied');
  });

  it.each([
    ['1 ms before it expires', DAY * 1000 - 1, 'Approved'],
    ['when it expires', DAY * 1000, 'Expired'],
  ])('decides at the boundary: %s', (_what, ms, phase) => {
    const row = aRow();
    const now = new Date(OPENED.getTime() + ms);
    expect(settle(row, observing(row, approvals(row, 'ann', 'ben')), now).phase).toBe(phase);
  });

  it('counts a denial in time that nobody saw in time', () => {
    const row = aRow();
    expect(settle(row, observing(row, [aDecision(row, 'ann', 'deny')]), later(2 * DAY)).phase).toBe('Denied');
  });

  it.each([
    ['the requester, who needs no verb', 'rita', false, 'Cancelled'],
    ['somebody with the verb', 'ann', true, 'Cancelled'],
    ['somebody without', 'ann', false, 'Pending'],
    ['nobody while it is not known that it was the requester', 'rita', undefined, 'Pending'],
  ])('is cancelled by %s', (_who, person, isAuthorised, phase) => {
    const row = aRow();
    expect(settle(row, observing(row, [aDecision(row, person, 'cancel', { isAuthorised })])).phase).toBe(
      phase,
    );
  });

  it('is not approved while a cancellation of the requester may count', () => {
    const row = aRow();
    const cancel = aDecision(row, 'rita', 'cancel', { isAuthorised: undefined });
    expect(settle(row, observing(row, [...approvals(row, 'ann', 'ben'), cancel]))).toMatchObject({
      phase: 'Pending',
      waiting: 'AuthorityUnknown',
    });
  });

  it('counts one account once, under whatever person it comes', () => {
    const row = aRow();
    const other = aDecision(row, 'id-of-ann', 'approve', { username: 'ann' });
    const next = settle(row, observing(row, [...approvals(row, 'ann'), other]));
    expect(next).toMatchObject({ phase: 'Pending', approvals: { have: 1, need: 2 } });
    expect(next.disregarded).toEqual([{ name: other.name, uid: other.uid, why: 'Repeated' }]);
  });

  it('takes an approval back by a denial of the same account', () => {
    const row = aRow({ policy: aSnapshot({ quorum: { approvals: 2, denials: 2 } }) });
    const denial = aDecision(row, 'id-of-ann', 'deny', { username: 'ann' });
    const next = settle(row, observing(row, [...approvals(row, 'ann', 'ben'), denial]));
    expect(next).toMatchObject({ phase: 'Pending', approvals: { have: 1, need: 2 } });
  });

  it('ends with its object, and keeps what was counted', () => {
    const row = aRow();
    const counted = settle(row, observing(row, approvals(row, 'ann')));
    const next = settle(counted, observing(row, [], { request: 'deleted', target: 'unknown' }));
    expect(next).toMatchObject({ phase: 'Cancelled', decisions: [{ person: 'ann' }] });
    expect(reasonOf(next)).toBe('RequestDeleted');
  });

  it.each([
    ['edited', { uid: 'uid-of-github', generation: 4 }, 'TargetChanged'],
    ['deleted', 'gone', 'TargetGone'],
    ['made again', { uid: 'another', generation: 3 }, 'TargetGone'],
  ] as const)('is superseded when its target is %s', (_what, target, reason) => {
    const row = aRow();
    const next = settle(row, observing(row, approvals(row, 'ann', 'ben'), { target }));
    expect(next.phase).toBe('Superseded');
    expect(reasonOf(next)).toBe(reason);
  });

  it('is superseded by a newer request', () => {
    const row = aRow();
    const next = settle(row, observing(row, [], { isNewest: false }));
    expect([next.phase, reasonOf(next)]).toEqual(['Superseded', 'NewerRequest']);
  });

  it('goes on with a Quarantine whatever is edited', () => {
    const action = anAction({ kind: 'Quarantine', parameters: {} });
    const plan = aPlan({ effect: { kind: 'Quarantine', operation: 'Begin' } });
    const row = aRow({ action, plan });
    const target = { uid: 'uid-of-github', generation: 9 };
    expect(settle(row, observing(row, approvals(row, 'ann', 'ben'), { target })).phase).toBe('Approved');
  });

  it('waits while nobody can read the target, and expires all the same', () => {
    const row = aRow();
    const observed = observing(row, approvals(row, 'ann', 'ben'), { target: 'unknown' });
    const waiting = settle(row, observed);
    expect(waiting).toMatchObject({ phase: 'Pending', waiting: 'TargetUnknown' });
    const found = transition(waiting, observing(row, approvals(row, 'ann')), SOON);
    expect(found?.events).toEqual([
      { event: 'WaitingChanged', person: '', details: { waiting: 'QuorumNotMet' } },
    ]);
    expect(settle(row, observed, later(DAY)).phase).toBe('Expired');
  });

  it('waits while nobody can say whether a denial counts', () => {
    const row = aRow();
    const unknown = aDecision(row, 'cat', 'deny', { isAuthorised: undefined });
    expect(settle(row, observing(row, [...approvals(row, 'ann', 'ben'), unknown]))).toMatchObject({
      phase: 'Pending',
      waiting: 'AuthorityUnknown',
      disregarded: [],
    });
  });

  it('takes an override for a quorum, by somebody who is none of its causes', () => {
    const row = aRow();
    const next = settle(row, observing(row, [aDecision(row, 'olga', 'override')]));
    expect(next.phase).toBe('Approved');
    expect(next.conditions.map(({ type, reason }) => [type, reason])).toEqual([
      ['Approved', 'Overridden'],
      ['Overridden', 'Overridden'],
    ]);
    expect(settle(row, observing(row, [aDecision(row, 'rita', 'override')])).phase).toBe('Pending');
  });
});

describe('a request without a policy', () => {
  const row = aRow({ policy: undefined });

  it('stays, whoever decides', () => {
    const observed = observing(row, [...approvals(row, 'ann', 'ben'), aDecision(row, 'olga', 'override')]);
    expect(settle(row, observed, later(90 * DAY))).toMatchObject({
      phase: 'Pending',
      waiting: 'NoPolicy',
      decisions: [],
    });
  });

  it('is bound by the first that matches, with a day from then on', () => {
    const step = transition(row, observing(row, [], { policy: aSnapshot() }), later(3 * DAY));
    expect(step?.row).toMatchObject({
      phase: 'Pending',
      waiting: 'QuorumNotMet',
      derived: { expiresAt: later(4 * DAY).toISOString() },
      approvals: { have: 0, need: 2 },
    });
    expect(step?.events.map(({ event }) => event)).toEqual(['PolicyBound']);
  });

  it('can be cancelled by who asked', () => {
    expect(settle(row, observing(row, [aDecision(row, 'rita', 'cancel')])).phase).toBe('Cancelled');
  });
});

describe('a policy that is edited in flight', () => {
  it('changes nothing of a request that is bound', () => {
    const row = aRow();
    const easier = aSnapshot({ quorum: { approvals: 1, denials: 9 } });
    const observed = observing(row, approvals(row, 'ann'), { policy: easier });
    const next = settle(row, observed);
    expect(next).toMatchObject({ phase: 'Pending', approvals: { have: 1, need: 2 } });
    expect(next.derived.policy).toEqual(aSnapshot());
  });
});

describe('an approved request', () => {
  it('is withdrawn by a denial', () => {
    const row = approvedRow();
    const decisions = [
      ...approvals(row, 'ann', 'ben'),
      aDecision(row, 'cat', 'deny', { at: later(600).toISOString() }),
    ];
    const next = settle(row, observing(row, decisions), later(700));
    expect([next.phase, reasonOf(next)]).toEqual(['Denied', 'WithdrawnByDenial']);
    expect(next.conditions.map(({ type }) => type)).toEqual(['Approved', 'Denied']);
  });

  it.each([
    ['1 ms before its time is over', 3600_000 - 1, 'Approved'],
    ['when its time is over', 3600_000, 'Expired'],
  ])('is not executed for ever: %s', (_what, ms, phase) => {
    const row = approvedRow();
    const now = new Date(SOON.getTime() + ms);
    expect(settle(row, observing(row, approvals(row, 'ann', 'ben')), now).phase).toBe(phase);
  });

  it('says that an approval no longer counts', () => {
    const row = approvedRow();
    const [ann, ben] = [
      aDecision(row, 'ann', 'approve', { isAuthorised: false }),
      aDecision(row, 'ben', 'approve'),
    ];
    expect(settle(row, observing(row, [ann, ben]))).toMatchObject({
      phase: 'Approved',
      waiting: 'QuorumNotMet',
      disregarded: [{ why: 'NotAuthorised' }],
    });
  });

  it('is superseded when its target is edited', () => {
    const row = approvedRow();
    const target = { uid: 'uid-of-github', generation: 4 };
    expect(settle(row, observing(row, approvals(row, 'ann', 'ben'), { target })).phase).toBe('Superseded');
  });

  it('that is a proposal waits for its owner without an end', () => {
    const row = aRow({
      plan: aPlan({ effect: { kind: 'Proposal', operations: [], reason: 'Flux applies it' } }),
    });
    const observed = observing(row, approvals(row, 'ann', 'ben'));
    const next = settle(row, observed);
    expect(next).toMatchObject({ phase: 'Approved', waiting: 'Proposal' });
    expect(next.conditions.at(-1)?.message).toContain('`kilo-mcp approval export` prints');
    expect(next.executeBefore).toBeUndefined();
    expect(settle(next, observed, later(90 * DAY)).phase).toBe('Approved');
  });
});

describe('a freeze', () => {
  // On from Thursday 09:00 for three days, far longer than the hour of execution.
  const freeze = [{ schedule: '0 9 * * 4', timeZone: 'Etc/UTC', duration: '72h' }];
  const END = new Date('2026-11-29T09:00:00Z');

  it('lets people decide, and gives the time for execution after its end', () => {
    const row = approvedRow({ policy: aSnapshot({ freeze }) });
    expect(row).toMatchObject({
      phase: 'Approved',
      waiting: 'Freeze',
      executeBefore: '2026-11-29T10:00:00.000Z',
    });
    expect(nextWake(row, SOON)).toEqual(END);
    const thawed = settle(row, observing(row, approvals(row, 'ann', 'ben')), END);
    expect(thawed).toMatchObject({ phase: 'Approved', waiting: '' });
    expect(
      settle(thawed, observing(row, approvals(row, 'ann', 'ben')), new Date('2026-11-29T10:00:00Z')).phase,
    ).toBe('Expired');
  });

  it('is lifted by an override, which gives no more time than there was', () => {
    const row = approvedRow({ policy: aSnapshot({ freeze }) });
    const override = aDecision(row, 'olga', 'override', { at: later(2 * DAY).toISOString() });
    const next = settle(row, observing(row, [...approvals(row, 'ann', 'ben'), override]), later(2 * DAY));
    expect(next).toMatchObject({ waiting: '', executeBefore: later(2 * DAY + 3600).toISOString() });
    expect(next.conditions.map(({ type }) => type)).toEqual(['Approved', 'Overridden']);
  });
});

describe('a decision that does not count', () => {
  const CASES: readonly (readonly [Disregard, (row: ApprovalRow) => DecisionFact])[] = [
    ['OtherRequest', (row) => aDecision(row, 'ann', 'approve', { requestUid: 'of-an-earlier-one' })],
    ['NotStamped', (row) => aDecision(row, 'ann', 'approve', { isStamped: false })],
    ['NotStamped', (row) => aDecision(row, '', 'approve')],
    ['UnprotectedAdmission', (row) => aDecision(row, 'ann', 'approve', { isProtected: false })],
    ['DigestMismatch', (row) => aDecision(row, 'ann', 'approve', { digest: 'sha256:of-something-else' })],
    ['SeparationOfDuties', (row) => aDecision(row, 'rita', 'approve')],
    ['SeparationOfDuties', (row) => aDecision(row, 'ivan', 'approve')],
    ['SeparationOfDuties', (row) => aDecision(row, 'ivan', 'deny')],
    [
      'SeparationOfDuties',
      (row) => aDecision(row, 'rita', 'approve', { username: 'rita@second-kubeconfig' }),
    ],
    ['SeparationOfDuties', (row) => aDecision(row, 'person-of-ivan', 'approve', { username: 'ivan' })],
    [
      'ServiceAccount',
      (row) => aDecision(row, 'system:serviceaccount:ci:bot', 'approve', { isServiceAccount: true }),
    ],
    ['ReasonMissing', (row) => aDecision(row, 'ann', 'deny', { reason: ' ' })],
    ['ReasonMissing', (row) => aDecision(row, 'ann', 'override', { reason: '' })],
    ['TooLate', (row) => aDecision(row, 'ann', 'approve', { at: later(DAY).toISOString() })],
    ['NotAuthorised', (row) => aDecision(row, 'ann', 'approve', { isAuthorised: false })],
  ];

  it.each(CASES)('%s', (why, decide) => {
    const row = aRow();
    const fact = decide(row);
    const step = transition(row, observing(row, [fact]), SOON);
    expect(step?.row).toMatchObject({
      phase: 'Pending',
      decisions: [],
      disregarded: [{ name: fact.name, why }],
    });
    expect(step?.events).toMatchObject([
      { event: 'DecisionDisregarded', person: fact.person, details: { why } },
    ]);
    expect(step && transition(step.row, observing(row, [fact]), SOON)).toBeUndefined();
  });

  it('because the person denies as well', () => {
    const row = aRow({ policy: aSnapshot({ quorum: { approvals: 1, denials: 2 } }) });
    const both = [aDecision(row, 'ann', 'approve'), aDecision(row, 'ann', 'deny')];
    const next = settle(row, observing(row, both));
    expect(next).toMatchObject({ phase: 'Pending', disregarded: [{ why: 'TakenBack' }] });
  });

  it('because it is the second of the same person and verb', () => {
    const row = aRow();
    const again = aDecision(row, 'ann', 'approve', {
      name: 'another',
      uid: 'zz',
      at: later(90).toISOString(),
    });
    const next = settle(row, observing(row, [again, aDecision(row, 'ann', 'approve')]));
    expect(next).toMatchObject({ phase: 'Pending', disregarded: [{ name: 'another', why: 'Repeated' }] });
  });
});

describe('a listed ServiceAccount', () => {
  const BOT = 'system:serviceaccount:ci:bot';
  const row = aRow({ policy: aSnapshot({ allowServiceAccounts: [BOT, `${BOT}2`] }) });
  const bots = [BOT, `${BOT}2`].map((name) => aDecision(row, name, 'approve', { isServiceAccount: true }));

  it('helps with a quorum', () => {
    expect(settle(row, observing(row, [...approvals(row, 'ann'), ...bots.slice(0, 1)])).phase).toBe(
      'Approved',
    );
  });

  it('never fills one alone, however many there are', () => {
    expect(settle(row, observing(row, bots))).toMatchObject({
      phase: 'Pending',
      approvals: { have: 1, need: 2 },
    });
  });

  it('never overrides', () => {
    const override = aDecision(row, BOT, 'override', { isServiceAccount: true });
    expect(settle(row, observing(row, [override]))).toMatchObject({
      phase: 'Pending',
      disregarded: [{ why: 'ServiceAccount' }],
    });
  });
});

describe('nextWake', () => {
  it('is when the request expires, and nothing for what waits for people alone', () => {
    expect(nextWake(aRow(), SOON)).toEqual(later(DAY));
    expect(nextWake(aRow({ policy: undefined }), SOON)).toBeUndefined();
    expect(nextWake(approvedRow(), SOON)).toEqual(later(120 + 3600));
    expect(nextWake({ ...approvedRow(), phase: 'Executing' }, SOON)).toBeUndefined();
  });
});
