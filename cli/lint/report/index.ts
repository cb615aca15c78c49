/** The formats of a lint's findings. */
import type { LintResult } from '../finding.ts';
import type { LintFormat } from '../flags.ts';
import { formatJson } from './json.ts';
import { formatSarif, type SarifSettings } from './sarif.ts';
import { formatText } from './text.ts';

export { formatSummary } from './text.ts';

const FORMATS: Readonly<Record<LintFormat, (result: LintResult, settings: SarifSettings) => string>> = {
  text: formatText,
  json: formatJson,
  sarif: formatSarif,
};

/** @returns the text for standard output; empty when there is nothing to say. */
export function formatFindings(format: LintFormat, result: LintResult, settings: SarifSettings): string {
  return FORMATS[format](result, settings);
}
