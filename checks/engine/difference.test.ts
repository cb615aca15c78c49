import { describe, expect, it } from 'vitest';
import { firstSeen, stateOf } from './difference.ts';
import { OUTCOMES, type Outcome } from './outcome.ts';
import type { FindingState } from './record.ts';

/** Columns in the order of OUTCOMES: Pass Fail Warn Error Untestable NotApplicable Waived Manual. */
const n = 'new';
const r = 'resolved';
const u = 'unchanged';
const i = 'incomparable';
const TABLE: Readonly<Record<Outcome, readonly FindingState[]>> = {
  Pass: [u, n, n, i, i, u, n, u],
  Fail: [r, u, n, i, i, r, u, r],
  Warn: [r, n, u, i, i, r, u, r],
  Error: [r, n, n, u, r, r, n, r],
  Untestable: [u, n, n, n, u, u, n, u],
  NotApplicable: [u, n, n, n, u, u, n, u],
  Waived: [r, n, n, i, i, r, u, r],
  Manual: [u, n, n, n, u, u, n, u],
};

const BEFORE = '2026-01-01T00:00:00.000Z';
const NOW = '2026-02-01T00:00:00.000Z';

describe('the state of a finding', () => {
  const cases = OUTCOMES.flatMap((before) =>
    OUTCOMES.map((outcome, index) => ({ before, outcome, state: TABLE[before][index] })),
  );

  it.each(cases)('$before, then $outcome: $state', ({ before, outcome, state }) => {
    const finding = { outcome: before, state: 'unchanged', firstSeenAt: BEFORE } as const;
    expect(stateOf(outcome, finding)).toBe(state);
  });

  it.each(OUTCOMES)('is new the first time: %s', (outcome) => {
    expect(stateOf(outcome, undefined)).toBe('new');
  });

  it.each([
    { before: 'Untestable', outcome: 'Untestable', state: 'incomparable' },
    { before: 'Untestable', outcome: 'Error', state: 'incomparable' },
    { before: 'Error', outcome: 'Error', state: 'incomparable' },
    { before: 'Untestable', outcome: 'Pass', state: 'resolved' },
    { before: 'Untestable', outcome: 'Fail', state: 'new' },
  ] as const)(
    'stays incomparable until there is a verdict: $before, $outcome',
    ({ before, outcome, state }) => {
      expect(stateOf(outcome, { outcome: before, state: 'incomparable', firstSeenAt: BEFORE })).toBe(state);
    },
  );
});

describe('when an outcome was first seen', () => {
  const before = { outcome: 'Fail', state: 'new', firstSeenAt: BEFORE } as const;

  it.each([
    { outcome: 'Fail', finding: before, seen: BEFORE },
    { outcome: 'Pass', finding: before, seen: NOW },
    { outcome: 'Fail', finding: undefined, seen: NOW },
  ] as const)('$outcome', ({ outcome, finding, seen }) => {
    expect(firstSeen(outcome, finding, NOW)).toBe(seen);
  });
});
