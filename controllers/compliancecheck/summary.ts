/**
 * The last verdict of one check over its servers: kept small, since there is one of each finding of each server in memory. Pure.
 */
import type { CheckStatus } from '../../api/index.ts';
import type { FindingRecord, RunRecord, ServerReference, ServerResult } from '../../checks/engine/record.ts';
import { isFailing, marksOf, type Marks } from '../../checks/engine/score.ts';

/** What is kept of a finding. */
export type FindingSummary = Pick<
  FindingRecord,
  'check' | 'severity' | 'scored' | 'outcome' | 'state' | 'message'
>;

/** What is kept of one server's share of a run. */
export interface ServerSummary {
  readonly server: ServerReference;
  readonly findings: readonly FindingSummary[];
  /** ISO 8601. */
  readonly evaluatedAt: string;
}

export type Result = NonNullable<RunRecord['result']>;
export type Thresholds = { readonly score: number; readonly coverage: number };

/** Only failures have something to tell. */
export function summaryOf({ server, findings }: Pick<ServerResult, 'server' | 'findings'>): ServerSummary {
  return {
    server,
    findings: findings.map(({ check, severity, scored, outcome, state, message }) => ({
      check,
      severity,
      scored,
      outcome,
      state,
      message: outcome === 'Pass' || outcome === 'NotApplicable' ? '' : message,
    })),
    evaluatedAt: findings.at(-1)?.evaluatedAt ?? '',
  };
}

/** Score, coverage and the verdict that the thresholds make of them. */
export interface Judgement extends Marks {
  readonly result: Result;
}

/** @param findings of one server, or of all. */
export function judge(findings: readonly FindingSummary[], thresholds: Thresholds): Judgement {
  const marks = marksOf(findings);
  return { ...marks, result: resultOf(findings, marks, thresholds) };
}

/**
 * The verdict over all servers of a check.
 * @param unevaluated how many of them could not be evaluated: what the others say is then not the whole, and never `Compliant`.
 */
export function judgeAll(
  findings: readonly FindingSummary[],
  thresholds: Thresholds,
  unevaluated: number,
): Judgement {
  const judgement = judge(findings, thresholds);
  if (unevaluated === 0 || judgement.result === 'NonCompliant') return judgement;
  return { ...judgement, result: 'Error' };
}

function resultOf(
  findings: readonly FindingSummary[],
  { score, coverage }: Marks,
  thresholds: Thresholds,
): Result {
  if (coverage === undefined) return 'NotApplicable';
  if (findings.some((finding) => finding.severity === 'critical' && isScoredFailure(finding)))
    return 'NonCompliant';
  if (score === undefined && coverage === 0) return 'Error';
  const isEnough = (score ?? 100) >= thresholds.score && coverage >= thresholds.coverage;
  return isEnough ? 'Compliant' : 'NonCompliant';
}

/** Whether it counts as failed. */
export function isScoredFailure(finding: FindingSummary): boolean {
  return finding.scored && isFailing(finding);
}

type Counts = NonNullable<CheckStatus['counts']>;
type Changes = NonNullable<CheckStatus['changes']>;

/** How many findings ended how, in the words of report tools. */
export function countsOf(findings: readonly FindingSummary[]): Counts {
  const counts = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  for (const finding of findings) counts[wordFor(finding)] += 1;
  return counts;
}

const WORDS: Readonly<Record<FindingSummary['outcome'], keyof Counts>> = {
  Pass: 'pass',
  Fail: 'fail',
  Warn: 'warn',
  Error: 'error',
  Untestable: 'skip',
  NotApplicable: 'skip',
  Waived: 'skip',
  Manual: 'skip',
};

function wordFor({ outcome, scored }: FindingSummary): keyof Counts {
  return outcome === 'Fail' && !scored ? 'warn' : WORDS[outcome];
}

/** How the findings compare with those before. */
export function changesOf(findings: readonly FindingSummary[]): Changes {
  const changes = { new: 0, resolved: 0, unchanged: 0, incomparable: 0 };
  for (const finding of findings)
    // What passes at its first look is no news.
    if (finding.state !== 'new' || isFailing(finding)) changes[finding.state] += 1;
  return changes;
}

const ORDER = ['critical', 'high', 'medium', 'low', 'info'];
const MOST_WORST = 10;
const MAX_MESSAGE = 512;

/** @returns the worst failures, in an order that does not depend on that of the run. */
export function worstOf(summaries: readonly ServerSummary[]): NonNullable<CheckStatus['worst']> {
  return summaries
    .flatMap(({ server, findings }) =>
      findings.filter(isScoredFailure).map(({ check, severity, message }) => ({
        server: `${server.namespace}/${server.name}`,
        check,
        severity,
        message: message.slice(0, MAX_MESSAGE),
      })),
    )
    .toSorted(
      (one, other) =>
        ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity) ||
        compare(one.check, other.check) ||
        compare(one.server, other.server),
    )
    .slice(0, MOST_WORST);
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
