/**
 * What an auditor asks for of a period: every run, what was found and what changed, who waived what, who changed the rules, and the proof that
 * none of it was edited since. Of each check the last run is told whole; of the runs before it what was not so in the run before.
 */
import { printableJson } from '../core/printable.ts';
import { csvOf } from './csv.ts';
import { FINDING_COLUMNS } from './finding-columns.ts';
import { formatPackHtml } from './html/pack.ts';
import { runFindings, waiversOf, type EvidencePack, type RunFinding } from './pack.ts';
import { countFailures, countOutcomes, evidenceOf, findingsOf } from './run-report.ts';

/** The formats that can tell a period. */
export const PACK_FORMATS = ['json', 'csv', 'html'] as const;
export type PackFormat = (typeof PACK_FORMATS)[number];

/** @returns the text of one file, without a line break at its end. */
export function formatPack(format: PackFormat, pack: EvidencePack): string {
  return { json: packJson, csv: packCsv, html: formatPackHtml }[format](pack);
}

function packJson(pack: EvidencePack): string {
  const { period, generatedAt, runs, truncated, last, transitions, changes, proof } = pack;
  const findings = last.flatMap(({ results }) => findingsOf(results));
  const evidence = new Map(last.flatMap(({ results }) => [...evidenceOf(results)]));
  return printableJson({
    period,
    generatedAt,
    summary: {
      runs: runs.length,
      truncated,
      outcomes: countOutcomes(findings),
      failures: countFailures(findings),
      transitions: transitions.length,
      changes: changes.length,
    },
    runs,
    findings: runFindings({ last, transitions: [] }).map(flat),
    transitions: transitions.map(flat),
    waivers: waiversOf(pack),
    changes,
    evidence: [...evidence.values()],
    ledger: proof ?? null,
  });
}

function flat({ runId, finding }: RunFinding): object {
  return { run: runId, ...finding };
}

function packCsv(pack: EvidencePack): string {
  const columns = Object.entries(FINDING_COLUMNS).map(
    ([name, cell]) => [name, ({ finding }: RunFinding) => cell(finding)] as const,
  );
  return csvOf({ run: ({ runId }) => runId, ...Object.fromEntries(columns) }, runFindings(pack));
}
