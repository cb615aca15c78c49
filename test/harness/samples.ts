/** Samples of output in the documentation, to be compared with what is really printed. */
import { readFileSync } from 'node:fs';

/** What differs from run to run, each with what stands for it. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/sha256:[0-9a-f]{4,64}…?/g, 'HASH'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME'],
  [/-[0-9a-f]{32}\b/g, '-NAME'],
  // Ages of kubectl, and sequence numbers of the ledger.
  [/\b\d+(?:[smhd]\d*)+$/gm, 'AGE'],
  [/^ {2}\d+(?= )/gm, 'SEQ'],
  // Columns are as wide as their widest cell.
  [/[ \t]+/g, ' '],
  [/ $/gm, ''],
];

/** @returns the text without what differs from run to run. */
export function constant(text: string): string {
  return VOLATILE.reduce((rest, [pattern, by]) => rest.replaceAll(pattern, by), text.trim());
}

/** @returns what the sample lets through: a line `…` is any lines, and a `…` at the end of a line any end of it. */
export function patternOf(sample: string): RegExp {
  const lines = constant(sample)
    .split('\n')
    .map((line) => {
      if (line.trim() === '…') return '(?:.*\\n)*?';
      const rest = line.endsWith('…') ? '.*' : '';
      return `${literally(line.replace(/…$/, ''))}${rest}\\n`;
    });
  return new RegExp(`^${lines.join('')}$`);
}

/** @returns what a page shows after `$ command`, up to the next command or the end of the block. @throws Error when it shows no such command. */
export function sampleOf(page: string, command: string): string {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```console\n(.*?)```/gs)].map(
    ([, text = '']) => text,
  );
  for (const part of blocks.flatMap((block) => block.split(/^\$ /m))) {
    const [first = '', ...rest] = part.split('\n');
    if (first === command) return rest.join('\n').trim();
  }
  throw new Error(`${page} shows nothing after "$ ${command}"`);
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
