/**
 * From findings to two numbers. The score says how well a server does in what could be judged; the coverage says how much could be. Neither
 * can be raised by breaking a check: what ends in an error counts as failed, and what could be judged before and cannot now does too.
 */
import type { Severity } from '../finding.ts';
import type { Outcome } from './outcome.ts';
import type { FindingRecord } from './record.ts';

/**
 * What a check weighs. One critical failure outweighs several lesser passes: with these, a server with every check passed but one critical
 * is below 80 in a catalogue of this size. `info` is for the reader and never moves the score.
 */
const WEIGHTS: Readonly<Record<Severity, number>> = {
  critical: 10,
  high: 6,
  medium: 3,
  low: 1,
  info: 0,
};

type Scorable = Pick<FindingRecord, 'outcome' | 'severity' | 'scored' | 'state'>;

/** Outcomes in which the check came to a judgement. */
const EVALUATED: ReadonlySet<Outcome> = new Set<Outcome>(['Pass', 'Fail', 'Warn', 'Waived']);
/** Outcomes that say nothing of the server: the check is not for it, or not for a machine. */
const NOT_ASKED: ReadonlySet<Outcome> = new Set<Outcome>(['NotApplicable', 'Manual']);

export interface Marks {
  /** Whole percent; undefined when nothing that counts was judged. 100 only when nothing failed. */
  readonly score?: number;
  /** Whole percent; undefined when no check applies. 100 only when every check that applies was judged. */
  readonly coverage?: number;
}

/** Of one server, or of all findings of a run. */
export function marksOf(findings: readonly Scorable[]): Marks {
  const counted = findings.filter(({ scored }) => scored);
  const passed = weigh(counted.filter(({ outcome }) => outcome === 'Pass'));
  const failed = weigh(counted.filter(isFailing));
  const applicable = findings.filter(({ outcome }) => !NOT_ASKED.has(outcome));
  const evaluated = applicable.filter(({ outcome }) => EVALUATED.has(outcome));
  const score = percent(passed, passed + failed);
  const coverage = percent(evaluated.length, applicable.length);
  return { ...(score !== undefined && { score }), ...(coverage !== undefined && { coverage }) };
}

/** Whether a finding counts as failed: Fail and Error do, and so does a check that lost its verdict. */
export function isFailing({ outcome, state }: Pick<FindingRecord, 'outcome' | 'state'>): boolean {
  return outcome === 'Fail' || outcome === 'Error' || state === 'incomparable';
}

function weigh(findings: readonly Scorable[]): number {
  return findings.reduce((sum, { severity }) => sum + WEIGHTS[severity], 0);
}

/** Rounded down, lest 99.6 with a failure look like 100. */
function percent(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : Math.floor((part * 100) / whole);
}
