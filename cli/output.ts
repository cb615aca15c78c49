/** Where commands write: results to standard output, everything else to standard error, so that a pipe gets results only. */

export interface Output {
  /** Writes a result, with a line break behind it. */
  result(text: string): void;
  /** Writes a note or an error, with a line break behind it. */
  note(text: string): void;
}

/** The process's own streams. */
export const processOutput: Output = {
  result: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
};

/** The formats of `--output`. */
export const OUTPUT_FORMATS = ['table', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/**
 * @returns indented JSON in which every invisible character is escaped: what a server says about itself must not move the
 *   cursor of the terminal that shows it.
 */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value, null, 2));
}

/** @returns the text with every invisible character but line breaks escaped as JSON does: what a file holds must not move the cursor either. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

/** Lines of two columns, the second aligned. */
export function twoColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}   ${value}`.trimEnd()).join('\n');
}

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
