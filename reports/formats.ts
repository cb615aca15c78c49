/** The formats of one run. */
import { formatCsv } from './csv.ts';
import { formatHtml } from './html/index.ts';
import { formatJson } from './json.ts';
import { formatJUnit } from './junit.ts';
import { formatOscal } from './oscal/index.ts';
import type { RunReport } from './run-report.ts';
import { formatSarif } from './sarif.ts';

/** The values of `kilo-mcp report --format`. */
export const RUN_FORMATS = ['json', 'sarif', 'junit', 'oscal', 'csv', 'html'] as const;
export type RunFormat = (typeof RUN_FORMATS)[number];

const FORMATS: Readonly<Record<RunFormat, (report: RunReport) => string>> = {
  json: formatJson,
  sarif: formatSarif,
  junit: formatJUnit,
  oscal: formatOscal,
  csv: formatCsv,
  html: formatHtml,
};

/** @returns the text of one file, without a line break at its end. */
export function formatRun(format: RunFormat, report: RunReport): string {
  return FORMATS[format](report);
}
