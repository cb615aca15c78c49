/** How our outcomes are told in the words of the report APIs, which know five of them. */
import type { FindingRecord } from '../checks/engine/record.ts';

/** The values of `result` in `Report` and `PolicyReport`. */
export const REPORT_RESULTS = ['pass', 'fail', 'warn', 'error', 'skip'] as const;
export type ReportResult = (typeof REPORT_RESULTS)[number];

/** @returns the word for an outcome: a failure that does not count is a warning, and what was not judged is skipped. */
export function reportResult({ outcome, scored }: Pick<FindingRecord, 'outcome' | 'scored'>): ReportResult {
  switch (outcome) {
    case 'Pass':
      return 'pass';
    case 'Fail':
      return scored ? 'fail' : 'warn';
    case 'Warn':
      return 'warn';
    case 'Error':
      return 'error';
    case 'Untestable':
    case 'NotApplicable':
    case 'Waived':
    case 'Manual':
      return 'skip';
  }
}
