/** docs/approval.md names tests, by their titles and files: each of them must exist. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PAGE = fileURLToPath(new URL('../../docs/approval.md', import.meta.url));
const TABLES = ['When things break', 'Threat model'] as const;

/** A row's first cell, and the tests that its last one links to. */
interface Row {
  readonly what: string;
  readonly tests: readonly { readonly title: string; readonly file: string }[];
}

/** Rows of the table under a heading, without its head and rule. */
function rowsUnder(page: string, heading: string): readonly Row[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const links = [...(cells.at(-2) ?? '').matchAll(/\[(.*?)\]\(\.\.\/(\S+?\.test\.ts)\)/g)];
    return { what: cells[1] ?? '', tests: links.map(([, title = '', file = '']) => ({ title, file })) };
  });
}

describe.each(TABLES)('docs/approval.md, %s', (heading) => {
  const rows = rowsUnder(readFileSync(PAGE, 'utf8'), heading);

  it('has a table', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows)('names tests that exist: $what', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const { title, file } of tests) {
      const source = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
      expect(titlesIn(source), `${title} in ${file}`).toContain(title);
    }
  });
});

/** Quoted texts at the place of a title: of `it`, or of the rows' function. */
function titlesIn(source: string): readonly string[] {
  return [...source.matchAll(/(?:\bit\(|\)\()\s*'((?:[^'\\]|\\.)*)'/g)].map(([, title = '']) => title);
}
