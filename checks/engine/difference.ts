/** How a finding compares with the one before: what auditors ask first, and what keeps a broken scan from looking like a repaired server. */
import type { Outcome } from './outcome.ts';
import type { FindingRecord, FindingState } from './record.ts';

/** What a finding before is remembered by. */
export type Before = Pick<FindingRecord, 'outcome' | 'state' | 'firstSeenAt'>;

/** Outcomes without a judgement. */
const UNJUDGED: ReadonlySet<Outcome> = new Set<Outcome>(['Error', 'Untestable']);
/** A defect is there, whether or not it counts. */
const DEFECT: ReadonlySet<Outcome> = new Set<Outcome>(['Fail', 'Warn', 'Waived']);

/**
 * - `new`: a defect or an error that was not there, or not in this form; and everything that is judged for the first time.
 * - `resolved`: a defect, an error or a lost verdict before; none now.
 * - `incomparable`: there was a verdict, and now there is none. It stays so until there is one again.
 * - `unchanged`: everything else; also a defect that is waived now, since it is still there.
 */
export function stateOf(outcome: Outcome, before: Before | undefined): FindingState {
  if (before === undefined) return 'new';
  const lost = before.state === 'incomparable';
  if (UNJUDGED.has(outcome) && (lost || isVerdict(before.outcome))) return 'incomparable';
  if (outcome === before.outcome) return 'unchanged';
  if (outcome === 'Waived' && DEFECT.has(before.outcome)) return 'unchanged';
  if (isWrong(outcome)) return 'new';
  return lost || isWrong(before.outcome) ? 'resolved' : 'unchanged';
}

/** @returns when this outcome was first seen without another in between. */
export function firstSeen(outcome: Outcome, before: Before | undefined, now: string): string {
  return before !== undefined && before.outcome === outcome ? before.firstSeenAt : now;
}

function isWrong(outcome: Outcome): boolean {
  return DEFECT.has(outcome) || outcome === 'Error';
}

function isVerdict(outcome: Outcome): boolean {
  return outcome === 'Pass' || DEFECT.has(outcome);
}
