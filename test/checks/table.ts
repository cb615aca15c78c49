/** `docs/check-fixtures.md`: every check, its fixtures and eras, what was expected and what came of it. Made by running them. */
import type { Check } from '../../checks/engine/check.ts';
import type { Era } from '../../mcp/index.ts';
import type { CheckFixture } from './check-fixture.ts';
import { runFixture } from './run-fixture.ts';

/** One run of one fixture. */
export interface TableRow {
  readonly fixture: CheckFixture;
  /** Undefined for a check without eras. */
  readonly era: Era | undefined;
  readonly got: string;
}

/** Checks that cannot fail yet, and why: they need no server that breaks or gives up. */
export const CANNOT_FAIL: Readonly<Record<string, string>> = {
  'MCP-S07':
    'Nothing of ours stands between clients and a server yet, so there is no configuration that could break the rule.',
};

/** So many at a time: servers and checks share this process, and a check that waits for a silent server costs nothing. */
const AT_ONCE = 12;

/** Runs every fixture in every of its eras; the rows come in the order of the fixtures. */
export async function runTable(
  fixtures: readonly CheckFixture[],
  checks: ReadonlyMap<string, Check>,
): Promise<readonly TableRow[]> {
  const cases = fixtures.flatMap((fixture) => erasOf(fixture).map((era) => ({ fixture, era })));
  const rows: TableRow[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < cases.length; at = next++) {
      const { fixture, era } = cases[at] ?? {};
      if (fixture !== undefined) rows[at] = { fixture, era, got: await outcomeOf(fixture, era, checks) };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return rows;
}

function erasOf({ eras }: CheckFixture): readonly (Era | undefined)[] {
  return eras.length === 0 ? [undefined] : eras;
}

async function outcomeOf(
  fixture: CheckFixture,
  era: Era | undefined,
  checks: ReadonlyMap<string, Check>,
): Promise<string> {
  const check = checks.get(fixture.check);
  if (check === undefined) return 'no such check';
  return (await runFixture(check, fixture, era)).verdict.outcome;
}

/** The page. Rows of one fixture that agree stand together. */
export function renderTable(rows: readonly TableRow[], checks: ReadonlyMap<string, Check>): string {
  const byCheck = Map.groupBy(rows, ({ fixture }) => fixture.check);
  const wrong = rows.filter(({ fixture, got }) => got !== fixture.expected).length;
  return [
    '<!-- Written by a run of test/checks/table.test.ts (`UPDATE_CHECK_FIXTURES=1`); do not edit. -->',
    '# Checks on their fixtures',
    '',
    `Each check is tried on servers that keep its rule, break it, and give up while they are asked, in every era it asks in: ${byCheck.size} checks, ${rows.length} runs, ${wrong} of them other than expected.`,
    'A check without eras asks the server nothing and runs once. What each check asks for stands in [the reference](checks.md).',
    '',
    ...[...byCheck].flatMap(([id, own]) => section(id, own, checks.get(id))),
  ].join('\n');
}

function section(id: string, rows: readonly TableRow[], check: Check | undefined): readonly string[] {
  return [
    `## ${id}`,
    '',
    [
      `The check: ${check?.title ?? 'unknown'}.`,
      ...(CANNOT_FAIL[id] === undefined ? [] : [CANNOT_FAIL[id]]),
    ].join(' '),
    '',
    '| Server | Kind | Era | Expected | Got |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(({ fixture, era, got }) =>
      line([fixture.fixture, fixture.kind, era ?? '-', fixture.expected, got]),
    ),
    '',
  ];
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
