/**
 * A run as JUnit XML, which CI services show as tests: a suite a check, a case a server.
 * @see https://github.com/testmoapp/junitxml
 */
import type { FindingRecord } from '../checks/engine/record.ts';
import { markup, type Markup } from './markup.ts';
import { findingsOf, serverName, skipReason, type RunReport } from './run-report.ts';

/** @returns one document. */
export function formatJUnit({ run, results }: RunReport): string {
  const findings = findingsOf(results);
  const suites = [...Map.groupBy(findings, ({ check }) => check)].toSorted(([one], [other]) =>
    one.localeCompare(other, 'en'),
  );
  const document = markup`<testsuites name="${run.profile.name}" time="0"${countsOf(findings)}>
${suites.map(([check, own]) => suiteOf(check, own, run.startedAt))}</testsuites>
`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${document.text}`;
}

function suiteOf(check: string, findings: readonly FindingRecord[], startedAt: string): Markup {
  const title = findings[0]?.title ?? '';
  const skipped = findings.filter(({ outcome }) => skipReason(outcome) !== undefined).length;
  const attributes = markup`${countsOf(findings)} skipped="${skipped}" time="0" timestamp="${startedAt.slice(0, 19)}"`;
  return markup`  <testsuite name="${check} ${title}"${attributes}>
${findings.map(caseOf)}  </testsuite>
`;
}

/** Errors apart from failures: a check that broke has found nothing. */
function countsOf(findings: readonly FindingRecord[]): Markup {
  const failures = findings.filter(isJUnitFailure).length;
  const errors = findings.filter(({ outcome }) => outcome === 'Error').length;
  return markup` tests="${findings.length}" failures="${failures}" errors="${errors}"`;
}

function isJUnitFailure({ outcome, scored }: FindingRecord): boolean {
  return outcome === 'Fail' && scored;
}

function caseOf(finding: FindingRecord): Markup {
  return markup`    <testcase name="${serverName(finding.server)}" classname="${finding.check}" time="0">${bodyOf(finding)}</testcase>
`;
}

/** A failure that does not count makes no build red: it is told in the output. */
function bodyOf(finding: FindingRecord): Markup | undefined {
  const { outcome, message, remediation, severity, waiver } = finding;
  const reason = skipReason(outcome);
  if (isJUnitFailure(finding))
    return markup`<failure type="${severity}" message="${message}">${remediation.text}</failure>`;
  if (outcome === 'Error') return markup`<error type="Error" message="${message}"></error>`;
  if (reason !== undefined)
    return markup`<skipped message="${reason}: ${waiver === undefined ? message : waiver.reason}"></skipped>`;
  return outcome === 'Pass' ? undefined : markup`<system-out>${message} ${remediation.text}</system-out>`;
}
