/** docs/robustness.md names tests: each of them must exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('../integration/', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/robustness.md', import.meta.url));

/** The last cell of each row of a table, without heads and rules. */
function namedTests(page: string): readonly string[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (fault|---)/.test(line));
  return rows.map((row) => row.split('|').at(-2)?.trim() ?? '');
}

/** Every title that stands in the fault tests, also those in tables of rows. */
function titles(): string {
  const files = readdirSync(TESTS).filter((name) => /^faults-.*\.test\.ts$/.test(name));
  return files.map((name) => readFileSync(TESTS + name, 'utf8')).join('\n');
}

describe('docs/robustness.md', () => {
  const named = namedTests(readFileSync(PAGE, 'utf8'));

  it('has a table of faults', () => {
    expect(named.length).toBeGreaterThan(20);
  });

  it.each(named)('names a test that exists: %s', (name) => {
    expect(titles()).toContain(`'${name}'`);
  });
});
