import { describe, expect, it } from 'vitest';
import { FIRST_BACKOFF_MS, QUIET_AFTER_DENIAL_MS, askAgain } from './ask-again.ts';
import { PHASES, isFinal } from './phase.ts';
import type { ApprovalRow } from './request.ts';
import { OPENED, aRow, later } from './testing/rows.ts';

const { digest } = aRow().derived;

function ended(phase: ApprovalRow['phase'], attempt = 1, at = OPENED): ApprovalRow {
  const conditions = isFinal(phase)
    ? [{ type: phase as 'Denied', reason: 'Denied', message: '', at: at.toISOString() }]
    : [];
  return aRow({ attempt }, { phase, conditions });
}

describe('askAgain', () => {
  it('asks what was never asked', () => {
    expect(askAgain([], digest, OPENED)).toEqual({ ask: 'Now', attempt: 1 });
  });

  it('minds no other digest', () => {
    expect(askAgain([ended('Denied')], 'sha256:other', OPENED)).toEqual({ ask: 'Now', attempt: 1 });
  });

  it.each(PHASES.filter((phase) => !isFinal(phase)))('asks nothing twice while it is %s', (phase) => {
    const row = ended(phase);
    expect(askAgain([ended('Expired'), row], digest, later(10_000_000))).toEqual({
      ask: 'Open',
      name: row.name,
    });
  });

  it.each(['Denied', 'Cancelled'] as const)('is quiet for seven days after it was %s', (phase) => {
    const quiet = QUIET_AFTER_DENIAL_MS;
    expect(quiet).toBe(7 * 24 * 3600 * 1000);
    const rows = [ended(phase)];
    const after = new Date(OPENED.getTime() + quiet);
    expect(askAgain(rows, digest, new Date(after.getTime() - 1))).toEqual({ ask: 'Later', after });
    expect(askAgain(rows, digest, after)).toEqual({ ask: 'Now', attempt: 2 });
  });

  it.each(['Expired', 'Failed', 'RolledBack', 'Executed'] as const)(
    'comes again, later each time, after it was %s',
    (phase) => {
      const waits = [1, 2, 3, 20].map((attempt) => {
        const again = askAgain([ended(phase, attempt)], digest, OPENED);
        return again.ask === 'Later' ? again.after.getTime() - OPENED.getTime() : 0;
      });
      expect(waits).toEqual([
        FIRST_BACKOFF_MS,
        2 * FIRST_BACKOFF_MS,
        4 * FIRST_BACKOFF_MS,
        QUIET_AFTER_DENIAL_MS,
      ]);
      expect(askAgain([ended(phase, 3)], digest, later(4 * 3600))).toEqual({ ask: 'Now', attempt: 4 });
    },
  );

  it('asks at once for what was superseded', () => {
    expect(askAgain([ended('Superseded')], digest, OPENED)).toEqual({ ask: 'Now', attempt: 2 });
  });

  it('goes by the last attempt, in whatever order the rows come', () => {
    const rows = [ended('Expired', 1), ended('Denied', 2, later(60)), ended('Expired', 1)];
    const after = new Date(later(60).getTime() + QUIET_AFTER_DENIAL_MS);
    for (const some of [rows, rows.toReversed()])
      expect(askAgain(some, digest, later(61))).toEqual({ ask: 'Later', after });
  });
});
