import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transition } from './advance.ts';
import { countDecisions } from './count.ts';
import type { DecisionFact } from './decision.ts';
import { begin, finish, mayBegin } from './execute.ts';
import type { Observed } from './observed.ts';
import { type Phase, TRANSITIONS, isFinal } from './phase.ts';
import { type ApprovalRow, DECISION_VERBS } from './request.ts';
import type { PolicySource } from './snapshot.ts';
import { aDecision, aRow, aSnapshot, later } from './testing/rows.ts';

const BOT = 'system:serviceaccount:ci:bot';
const DAY = 86_400;
const PERSONS = ['ann', 'ben', 'cat', 'rita', 'ivan', BOT, ''];

const policies: fc.Arbitrary<Partial<PolicySource['spec']>> = fc.record({
  quorum: fc.record({ approvals: fc.integer({ min: 1, max: 3 }), denials: fc.integer({ min: 1, max: 2 }) }),
  required: fc.constantFrom([], [{ group: 'leads', count: 1 }]),
  separationOfDuties: fc.boolean(),
  allowServiceAccounts: fc.constantFrom([], [BOT]),
  freeze: fc.constantFrom([], [{ schedule: '0 9 * * 4', timeZone: 'Etc/UTC', duration: '30h' }]),
});

const rows: fc.Arbitrary<ApprovalRow> = fc
  .record({ policy: fc.option(policies, { freq: 10 }), unknownInitiators: fc.boolean() })
  .map(({ policy, unknownInitiators }) =>
    aRow({ policy: policy === null ? undefined : aSnapshot(policy), unknownInitiators }),
  );

/** Mostly sound decisions: with every flaw at every time nothing would ever be approved. */
const decisions: fc.Arbitrary<(row: ApprovalRow) => DecisionFact> = fc
  .record({
    person: fc.constantFrom(...PERSONS),
    verb: fc.constantFrom('approve' as const, 'approve' as const, ...DECISION_VERBS),
    seconds: fc.integer({ min: 0, max: 3 * DAY }),
    flaws: fc.record(
      {
        isAuthorised: fc.constantFrom(false, undefined),
        isProtected: fc.constant(false),
        isStamped: fc.constant(false),
        digest: fc.constant('sha256:other'),
        requestUid: fc.constant('other'),
        reason: fc.constant(''),
      },
      { requiredKeys: [] },
    ),
    isFlawed: fc.integer({ min: 0, max: 9 }).map((roll) => roll < 2),
    isLead: fc.boolean(),
  })
  .map(
    ({ person, verb, seconds, flaws, isFlawed, isLead }) =>
      (row) =>
        aDecision(row, person, verb, {
          at: later(seconds).toISOString(),
          isServiceAccount: person === BOT,
          groups: isLead ? ['leads'] : [],
          ...(isFlawed && flaws),
        }),
  );

const surroundings = fc.record({
  request: fc.constantFrom(...(['live', 'live', 'live', 'live', 'live', 'live', 'deleted'] as const)),
  target: fc.constantFrom('same', 'same', 'same', 'same', 'same', 'edited', 'gone', 'unknown'),
  isNewest: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
  binds: fc.boolean(),
});

/** One thing that happens: time passes, decisions are made, and then somebody looks. */
const happenings = fc.array(
  fc.record({
    waits: fc.oneof(fc.integer({ min: 0, max: 3600 }), fc.integer({ min: 0, max: DAY })),
    made: fc.array(decisions, { maxLength: 3 }),
    surroundings,
    looks: fc.constantFrom('operator', 'operator', 'executor'),
    outcome: fc.constantFrom('Executed' as const, 'Failed' as const, 'RolledBack' as const),
  }),
  { minLength: 1, maxLength: 12 },
);

type Happening = typeof happenings extends fc.Arbitrary<(infer One)[]> ? One : never;

function observe(
  row: ApprovalRow,
  facts: readonly DecisionFact[],
  around: Happening['surroundings'],
): Observed {
  const { uid, generation } = row.action.target;
  const targets: Readonly<Record<string, Observed['target']>> = {
    same: { uid, generation },
    edited: { uid, generation: generation + 1 },
    gone: 'gone',
    unknown: 'unknown',
  };
  return {
    request: around.request,
    decisions: facts,
    target: targets[around.target] ?? 'unknown',
    isNewest: around.isNewest,
    policy: around.binds ? aSnapshot() : undefined,
  };
}

interface Moment {
  readonly before: ApprovalRow;
  readonly after: ApprovalRow;
  readonly facts: readonly DecisionFact[];
  readonly now: Date;
}

/** Plays a story, and tells every step of it. */
function play(start: ApprovalRow, story: readonly Happening[]): readonly Moment[] {
  const moments: Moment[] = [];
  const facts: DecisionFact[] = [];
  let row = start;
  let seconds = 0;
  for (const { waits, made, surroundings: around, looks, outcome } of story) {
    seconds += waits;
    facts.push(...made.map((make) => make(row)));
    const now = later(seconds);
    // Nobody decides in the future.
    const known = facts.filter(({ at }) => Date.parse(at) <= now.getTime());
    const next =
      looks === 'operator'
        ? operate(row, observe(row, known, around), now)
        : execute(row, observe(row, known, around), now, outcome);
    for (const after of next) {
      moments.push({ before: row, after, facts: known, now });
      row = after;
    }
  }
  return moments;
}

function operate(row: ApprovalRow, observed: Observed, now: Date): readonly ApprovalRow[] {
  const step = transition(row, observed, now);
  return step === undefined ? [] : [step.row];
}

function execute(
  row: ApprovalRow,
  observed: Observed,
  now: Date,
  phase: 'Executed' | 'Failed' | 'RolledBack',
): readonly ApprovalRow[] {
  if (row.phase === 'Executing') return [finish(row, { phase, reason: 'Verified', message: '' }, now).row];
  return mayBegin(row, observed, now).may ? [begin(row, undefined, now).row] : [];
}

/** Counted anew, the slow way: who approved in time and may, in the words of the design. */
function isQuorum({ derived, requestUid }: ApprovalRow, facts: readonly DecisionFact[]): boolean {
  const { policy, expiresAt = '' } = derived;
  if (policy === undefined) return false;
  const causes = policy.separationOfDuties ? ['rita', 'ivan'] : [];
  const sound = facts.filter(
    (fact) =>
      fact.isStamped &&
      fact.isProtected &&
      fact.isAuthorised === true &&
      fact.requestUid === requestUid &&
      fact.digest === derived.digest &&
      fact.at < expiresAt &&
      fact.person !== '' &&
      !causes.includes(fact.person),
  );
  if (sound.some(({ verb, person, reason }) => verb === 'override' && person !== BOT && reason !== ''))
    return true;
  const approvers = new Set(sound.filter(({ verb }) => verb === 'approve').map(({ person }) => person));
  const humans = [...approvers].filter((person) => person !== BOT);
  const listed = approvers.has(BOT) && policy.allowServiceAccounts.includes(BOT) ? 1 : 0;
  const need = policy.quorum.approvals + (policy.separationOfDuties && derived.unknownInitiators ? 1 : 0);
  const leads = sound.filter(
    ({ verb, person, groups }) => verb === 'approve' && person !== BOT && groups.includes('leads'),
  );
  return (
    humans.length > 0 && humans.length + listed >= need && (policy.required.length === 0 || leads.length > 0)
  );
}

const PATIENCE = { numRuns: 400 };

describe('the state machine, whatever happens', () => {
  it('goes only where the table of transitions leads, and stays in final phases', () => {
    fc.assert(
      fc.property(rows, happenings, (row, story) => {
        for (const { before, after } of play(row, story)) {
          if (before.phase !== after.phase) expect(TRANSITIONS[before.phase]).toContain(after.phase);
          expect(isFinal(before.phase)).toBe(false);
        }
      }),
      PATIENCE,
    );
  });

  it('never approves without a quorum or in time, and never executes what it would not approve', () => {
    fc.assert(
      fc.property(rows, happenings, (row, story) => {
        for (const { before, after, facts, now } of play(row, story)) {
          if (before.phase === after.phase || !['Approved', 'Executing'].includes(after.phase)) continue;
          expect(isQuorum(before, facts)).toBe(true);
          const end = after.phase === 'Approved' ? before.derived.expiresAt : before.executeBefore;
          expect(now.toISOString() < (end ?? '')).toBe(true);
        }
      }),
      PATIENCE,
    );
  });

  it('executes at most once', () => {
    fc.assert(
      fc.property(rows, happenings, (row, story) => {
        const phases = play(row, story)
          .filter(({ before, after }) => before.phase !== after.phase)
          .map(({ after }) => after.phase);
        expect(phases.filter((phase) => phase === 'Executing').length).toBeLessThanOrEqual(1);
        expect(phases.filter((phase: Phase) => isFinal(phase)).length).toBeLessThanOrEqual(1);
      }),
      PATIENCE,
    );
  });

  it('keeps every condition as it was said, once', () => {
    fc.assert(
      fc.property(rows, happenings, (row, story) => {
        for (const { before, after } of play(row, story)) {
          expect(after.conditions.slice(0, before.conditions.length)).toEqual(before.conditions);
          const types = after.conditions.map(({ type }) => type);
          expect(new Set(types).size).toBe(types.length);
        }
      }),
      PATIENCE,
    );
  });

  it('keeps action, digest and the policy that it is bound to', () => {
    fc.assert(
      fc.property(rows, happenings, (row, story) => {
        for (const { before, after } of play(row, story)) {
          expect(after.action).toEqual(before.action);
          expect(after.derived.digest).toBe(before.derived.digest);
          if (before.derived.policy !== undefined) expect(after.derived).toEqual(before.derived);
        }
      }),
      PATIENCE,
    );
  });

  it('says the same whatever the order of the decisions', () => {
    const shuffled = fc
      .array(decisions, { maxLength: 8 })
      .chain((made) =>
        fc.record({ made: fc.constant(made), order: fc.shuffledSubarray(made, { minLength: made.length }) }),
      );
    fc.assert(
      fc.property(
        rows,
        shuffled,
        surroundings,
        fc.integer({ min: 0, max: 2 * DAY }),
        (row, { made, order }, around, seconds) => {
          const look = (some: typeof made) =>
            transition(
              row,
              observe(
                row,
                some.map((make) => make(row)),
                around,
              ),
              later(seconds),
            );
          expect(look(order)?.row).toEqual(look(made)?.row);
        },
      ),
      PATIENCE,
    );
  });

  it('comes to rest: the same look again changes nothing after three steps', () => {
    fc.assert(
      fc.property(
        rows,
        fc.array(decisions, { maxLength: 8 }),
        surroundings,
        fc.integer({ min: 0, max: 2 * DAY }),
        (start, made, around, seconds) => {
          const observed = observe(
            start,
            made.map((make) => make(start)),
            around,
          );
          let row = start;
          for (let steps = 0; steps < 3; steps += 1)
            row = transition(row, observed, later(seconds))?.row ?? row;
          expect(transition(row, observed, later(seconds))).toBeUndefined();
        },
      ),
      PATIENCE,
    );
  });

  it('counts every decision once: as counted, disregarded or undecided', () => {
    fc.assert(
      fc.property(rows, fc.array(decisions, { maxLength: 8 }), (row, made) => {
        const facts = made.map((make) => make(row));
        const { counted, disregarded, undecided } = countDecisions(row, facts);
        expect(counted.length + disregarded.length + undecided.length).toBe(facts.length);
      }),
      PATIENCE,
    );
  });

  it('reaches every phase, so that these properties say something', () => {
    const reached = new Set<Phase>();
    fc.assert(
      fc.property(rows, happenings, (row, story) => {
        for (const { after } of play(row, story)) reached.add(after.phase);
      }),
      { numRuns: 6000, seed: 7 },
    );
    expect([...reached].toSorted()).toEqual(Object.keys(TRANSITIONS).toSorted());
  }, 60_000);
});
