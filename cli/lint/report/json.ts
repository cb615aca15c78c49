/** Findings for programs. The members are part of the public contract; docs/lint.md lists them. */
import { printableJson } from '../../output.ts';
import { type LintResult, countLevels } from '../finding.ts';

/** @returns one JSON document: every finding, and what was judged. */
export function formatJson({ findings, judged, ignored }: LintResult): string {
  const { error, warning, note } = countLevels(findings);
  return printableJson({
    findings: findings.map(({ at, ...finding }) => ({ ...finding, ...at })),
    summary: { errors: error, warnings: warning, notes: note, judged, ignored },
  });
}
