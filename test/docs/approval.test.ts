/** docs/approval.md names tests by their titles: each of them must exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = join(ROOT, 'docs/approval.md');
const TABLES = ['When things break', 'Threat model'] as const;
/** Where tests about approval are. */
const FOLDERS = [
  'test/integration',
  'approval',
  'cli/approval',
  'controllers/decisions',
  'controllers/executor',
  'operator/notifications',
  'webhooks/approval',
];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(ROOT, folder, name)),
);
const titles = new Set(files.flatMap((file) => titlesIn(readFileSync(file, 'utf8'))));

/** Quoted texts at the place of a title: of `it`, or of the function of its rows. */
function titlesIn(source: string): readonly string[] {
  return [...source.matchAll(/(?:\bit\(|\)\()\s*'((?:[^'\\]|\\.)*)'/g)].map(([, title = '']) => title);
}

/** A row's first cell, and the titles in its last. */
interface Row {
  readonly what: string;
  readonly tests: readonly string[];
}

/** Rows of the table under a heading, without its head and rule. */
function rowsUnder(page: string, heading: string): readonly Row[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return { what: cells[1] ?? '', tests: (cells.at(-2) ?? '').split('<br>') };
  });
}

describe.each(TABLES)('docs/approval.md, %s', (heading) => {
  const rows = rowsUnder(readFileSync(PAGE, 'utf8'), heading);

  it('has a table', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows)('names tests that exist: $what', ({ tests }) => {
    expect(tests.filter((title) => !titles.has(title))).toEqual([]);
  });
});
