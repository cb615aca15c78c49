/** A run for programs. The members are part of the public contract; docs/reports.md lists them. */
import type { FindingRecord } from '../checks/engine/record.ts';
import { printableJson } from '../core/printable.ts';
import { countFailures, countOutcomes, evidenceOf, findingsOf, type RunReport } from './run-report.ts';

/** @returns one document: the figures, every finding, and the evidence that they point at. */
export function formatJson(report: RunReport): string {
  return printableJson(jsonOf(report));
}

/** @see formatJson */
function jsonOf({ run, results, history, proof, generatedAt }: RunReport): object {
  const findings = findingsOf(results);
  return {
    score: run.score ?? null,
    coverage: run.coverage ?? null,
    result: run.result ?? null,
    generatedAt,
    run,
    servers: results.map(({ server, score, coverage, findings: own }) => ({
      ...server,
      score: score ?? null,
      coverage: coverage ?? null,
      findings: own.length,
    })),
    summary: { outcomes: countOutcomes(findings), failures: countFailures(findings) },
    findings: findings.map(jsonOfFinding),
    evidence: [...evidenceOf(results).values()],
    history,
    ...(proof !== undefined && { ledger: proof }),
  };
}

/** Everything that is known of a finding, its waiver and evidence `null` where there is none. */
function jsonOfFinding({ waiver, evidence, ...finding }: FindingRecord): object {
  return { ...finding, waiver: waiver ?? null, evidence: evidence ?? null };
}
