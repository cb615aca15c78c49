/** Holds docs/check-fixtures.md to what the checks really say of their fixtures; `UPDATE_CHECK_FIXTURES=1` writes it. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../checks/registry.ts';
import type { Era } from '../../mcp/index.ts';
import { FIXTURES } from './fixtures/index.ts';
import { CANNOT_FAIL, renderTable, runTable } from './table.ts';

const PAGE = fileURLToPath(new URL('../../docs/check-fixtures.md', import.meta.url));
const byId = new Map(CHECKS.map((check) => [check.id, check]));

describe('the fixtures of all checks', () => {
  it('are a conforming, a violating and a crashing server for each check in each of its eras', () => {
    const has = (id: string, kind: string, era: Era | undefined): boolean =>
      FIXTURES.some(
        (each) =>
          each.check === id &&
          each.kind === kind &&
          (era === undefined ? each.eras.length === 0 : each.eras.includes(era)),
      );
    const tried = CHECKS.filter(({ id }) => CANNOT_FAIL[id] === undefined);
    const missing = tried.flatMap(({ id, eras }) =>
      (eras.length === 0 ? [undefined] : eras).flatMap((era) =>
        ['conforming', 'violating', 'crashing']
          .filter((kind) => !has(id, kind, era))
          .map((kind) => `${id} ${era ?? ''} ${kind}`),
      ),
    );
    expect(missing).toEqual([]);
  });

  it('have names of their own', () => {
    const names = FIXTURES.map(({ check, fixture }) => `${check}: ${fixture}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('get the verdicts that the page says', { timeout: 300_000 }, async () => {
    const rows = await runTable(FIXTURES, byId);
    const wrong = rows
      .filter(({ fixture, got }) => got !== fixture.expected)
      .map(
        ({ fixture, era, got }) =>
          `${fixture.check} ${era ?? ''} ${fixture.fixture}: expected ${fixture.expected}, got ${got}`,
      );
    expect(wrong).toEqual([]);
    const config = { ...(await resolveConfig(PAGE)), filepath: PAGE };
    const page = await format(renderTable(rows, byId), config);
    if (process.env['UPDATE_CHECK_FIXTURES'] === '1') await writeFile(PAGE, page);
    expect(await readFile(PAGE, 'utf8')).toBe(page);
  });
});
