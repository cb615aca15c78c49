/** How our outcomes are told in the words of the report APIs, which know five of them. */
import type { Outcome } from '../checks/engine/outcome.ts';
import type { FindingRecord } from '../checks/engine/record.ts';

/** The values of `result` in `Report` and `PolicyReport`. */
export const REPORT_RESULTS = ['pass', 'fail', 'warn', 'error', 'skip'] as const;
export type ReportResult = (typeof REPORT_RESULTS)[number];

const RESULT_OF: Readonly<Record<Outcome, ReportResult>> = {
  Pass: 'pass',
  Fail: 'fail',
  Warn: 'warn',
  Error: 'error',
  Untestable: 'skip',
  NotApplicable: 'skip',
  Waived: 'skip',
  Manual: 'skip',
};

/** @returns the word for an outcome: a failure that does not count is a warning, and what was not judged is skipped. */
export function reportResult({ outcome, scored }: Pick<FindingRecord, 'outcome' | 'scored'>): ReportResult {
  return outcome === 'Fail' && !scored ? 'warn' : RESULT_OF[outcome];
}
