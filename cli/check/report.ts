/** What `check` prints, and the exit code that follows from it. */
import { isFailing } from '../../checks/engine/index.ts';
import { OUTCOMES, type Outcome } from '../../checks/engine/outcome.ts';
import type { FindingRecord } from '../../checks/engine/record.ts';
import { SEVERITIES, type Severity } from '../../checks/finding.ts';
import { formatSarif } from '../../reports/index.ts';
import { exitCode } from '../exit-codes.ts';
import { printable, printableJson, twoColumns } from '../output.ts';
import type { CheckFormat } from './flags.ts';
import type { CheckFlags, CheckResult } from './types.ts';

/** The worst first; what needs nobody's attention comes last. */
const ORDER: readonly Outcome[] = [
  'Fail',
  'Error',
  'Warn',
  'Manual',
  'Untestable',
  'Waived',
  'Pass',
  'NotApplicable',
];
/** Listed only with `--all`. */
const QUIET: ReadonlySet<Outcome> = new Set<Outcome>(['Pass', 'NotApplicable']);

/** @returns the text for standard output. */
export function formatCheck(checked: CheckResult, format: CheckFormat, withAll: boolean): string {
  const { run, result } = checked;
  if (format === 'sarif') {
    return formatSarif({ run, results: [result], history: [], generatedAt: run.finishedAt ?? run.startedAt });
  }
  const findings = result.findings.toSorted(worstFirst);
  return format === 'json' ? jsonOf(checked, findings) : tableOf(checked, findings, withAll);
}

/**
 * What the flags ask for decides, and before it whether there was a server to judge: one that answers nothing has not failed a check, it
 * is not there.
 */
export function exitCodeOf(
  { result, openings }: Pick<CheckResult, 'result' | 'openings'>,
  { failOn, minScore, minCoverage }: Pick<CheckFlags, 'failOn' | 'minScore' | 'minCoverage'>,
): number {
  const all = Object.values(openings);
  const isThere = all.some((opening) => opening.kind === 'opened' || opening.reason !== 'Failed');
  if (!isThere) return exitCode('failure');
  const fails = result.findings.some(
    (finding) => isFailing(finding) && finding.scored && reaches(finding, failOn),
  );
  const isBelow = (result.score ?? 0) < minScore || (result.coverage ?? 0) < minCoverage;
  return exitCode(fails || isBelow ? 'findings' : 'success');
}

function reaches({ severity }: FindingRecord, failOn: Severity | 'never'): boolean {
  return failOn !== 'never' && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
}

function worstFirst(one: FindingRecord, other: FindingRecord): number {
  return (
    ORDER.indexOf(one.outcome) - ORDER.indexOf(other.outcome) ||
    SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
    (one.check < other.check ? -1 : 1)
  );
}

/** The members are part of the public contract. */
function jsonOf({ result }: CheckResult, findings: readonly FindingRecord[]): string {
  return printableJson({
    score: result.score ?? null,
    coverage: result.coverage ?? null,
    findings: findings.map((finding) => ({
      check: finding.check,
      severity: finding.severity,
      outcome: finding.outcome,
      message: finding.message,
      title: finding.title,
      scored: finding.scored,
      ...(finding.era !== undefined && { era: finding.era }),
      remediation: finding.remediation,
      references: finding.references,
      controls: finding.controls,
      resultId: finding.resultId,
    })),
  });
}

function tableOf({ result }: CheckResult, findings: readonly FindingRecord[], withAll: boolean): string {
  const listed = findings.filter(({ outcome }) => withAll || !QUIET.has(outcome));
  const head = twoColumns([
    ['SERVER', printable(result.server.uid)],
    ['SCORE', result.score === undefined ? '-' : `${result.score} %`],
    ['COVERAGE', result.coverage === undefined ? '-' : `${result.coverage} %`],
    ['OUTCOMES', countsOf(findings)],
  ]);
  return listed.length === 0 ? head : `${head}\n\n${listed.flatMap(linesOf).join('\n')}`;
}

function countsOf(findings: readonly FindingRecord[]): string {
  return OUTCOMES.map(
    (outcome) => [findings.filter((each) => each.outcome === outcome).length, outcome] as const,
  )
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => `${count} ${outcome}`)
    .join(', ');
}

function linesOf({ check, severity, outcome, message, remediation }: FindingRecord): readonly string[] {
  const isDefect = outcome === 'Fail' || outcome === 'Warn';
  const line = `${outcome.padEnd(13)} ${severity.padEnd(8)} ${check}  ${printable(message)}`;
  return isDefect ? [line, `${' '.repeat(23)}fix:     ${printable(remediation.text)}`] : [line];
}
