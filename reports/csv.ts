/**
 * Tables for spreadsheets, as RFC 4180 has them, with a line of names first.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
import { excerpt } from '../core/excerpt.ts';
import { findingsOf, type RunReport } from './run-report.ts';
import { FINDING_COLUMNS } from './finding-columns.ts';

/** @returns one line a finding, the most urgent first. */
export function formatCsv({ results }: RunReport): string {
  return csvOf(FINDING_COLUMNS, findingsOf(results));
}

/** @returns the table of `rows`, whose columns are named and filled by `columns`. */
export function csvOf<T>(columns: Readonly<Record<string, (row: T) => string>>, rows: readonly T[]): string {
  const cells = Object.values(columns);
  const lines = [Object.keys(columns), ...rows.map((row) => cells.map((cell) => cell(row)))];
  return lines.map((line) => line.map(quoted).join(',')).join('\r\n');
}

const MAX_CELL_LENGTH = 4_096;

/**
 * One cell. A spreadsheet runs what begins like a formula, blanks before it or not; an apostrophe in front makes text of it, which the
 * programs do not show.
 */
function quoted(text: string): string {
  const line = excerpt(text, MAX_CELL_LENGTH);
  const safe = /^[=+\-@|%\uFF1D\uFF0B\uFF0D\uFF20]/.test(line) ? `'${line}` : line;
  return `"${safe.replaceAll('"', '""')}"`;
}
