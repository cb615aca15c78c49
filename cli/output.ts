/** Where commands write: results to standard output, everything else to standard error, so that a pipe gets results only. */
export { printable, printableJson } from '../core/printable.ts';

export interface Output {
  /** Writes a result, with a line break behind it. */
  result(text: string): void;
  /** Writes a note or an error, with a line break behind it. */
  note(text: string): void;
  /** Shows what is going on, in place of what it showed before; empty takes it away. Undefined where nobody is looking. */
  readonly progress?: ((text: string) => void) | undefined;
}

/** The process's own streams. */
export const processOutput: Output = {
  result: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  progress: process.stderr.isTTY ? (text) => void process.stderr.write(`\r\u001B[2K${text}`) : undefined,
};

/** The formats of `--output`. */
export const OUTPUT_FORMATS = ['table', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Lines of two columns, the second aligned. */
export function twoColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}   ${value}`.trimEnd()).join('\n');
}
