/** `kilo-mcp report changes`: what of servers and rules was changed in a period without an approval. */
import { Command, Option } from 'commander';
import type { ApprovalRow } from '../../approval/index.ts';
import { ConfigError, TerminalError } from '../../core/errors.ts';
import { exitCode } from '../exit-codes.ts';
import { OUTPUT_FORMATS, printable, printableJson, type OutputFormat } from '../output.ts';
import { judgeChanges, type JudgedChange } from './changes.ts';
import type { HistoryReader } from './history.ts';
import { fixPeriod, parsePeriod, type Period, type PeriodFlag } from './period.ts';
import type { ReportCommandSettings } from './types.ts';

interface ChangesFlags {
  readonly period: PeriodFlag;
  readonly all?: true;
  readonly output: OutputFormat;
  readonly config?: string;
}

const BEGIN_OF_TIME = '1970-01-01T00:00:00.000Z';
const PAGE = 500;
const MAX_PAGES = 2_000;

/** @see module header */
export function changesCommand({ openHistory, output, now, done }: ReportCommandSettings): Command {
  return new Command('changes')
    .description(
      'List what was changed in a period without an approval: specs of MCPServers as compliance runs found them, profiles, checks, waivers, policies, and who may decide.',
    )
    .addOption(
      new Option('--period <period>', '30d, or FROM..TO such as 2026-10-01..2026-10-31.')
        .argParser(parsePeriod)
        .default({ days: 30 }, '30d'),
    )
    .option('--all', 'List what an approval is behind too.')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    )
    .option('--config <file>', "The operator's configuration file; its section store says where history is.")
    .helpOption('-h, --help', 'Print this help.')
    .configureHelp({ helpWidth: 100 })
    .action(async ({ period, all, output: format, config }: ChangesFlags) => {
      if (config === undefined)
        throw new ConfigError(
          "--config: name the operator's configuration file, which says where history is",
        );
      const reader = await openHistory({ configFile: config });
      try {
        const judged = await changesIn(reader, fixPeriod(period, now()));
        const shown = judged.filter(({ isUnapproved }) => isUnapproved || all === true);
        output.result(format === 'json' ? printableJson(shown) : printable(table(shown)));
        done(exitCode('success'));
      } finally {
        await reader.close();
      }
    });
}

async function changesIn(reader: HistoryReader, { from, to }: Period): Promise<readonly JudgedChange[]> {
  const changes = await reader.changes({ from: BEGIN_OF_TIME, to });
  return judgeChanges(changes, await everyRequest(reader), from);
}

async function everyRequest(reader: HistoryReader): Promise<readonly ApprovalRow[]> {
  const rows: ApprovalRow[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const more = await reader.requestsChangedSince(rows.at(-1)?.ledgerSeq ?? 0, PAGE);
    rows.push(...more);
    if (more.length < PAGE) return rows;
  }
  throw new TerminalError(`there are more than ${PAGE * MAX_PAGES} requests: ask the database`);
}

function table(changes: readonly JudgedChange[]): string {
  return changes.length === 0 ? 'nothing' : changes.map(entryText).join('\n');
}

/** One line on what and who, one on the change, and one on the approvals. */
function entryText({ change, approvals, isUnapproved, generations }: JudgedChange): string {
  const { at, object, changedBy, summary, persons = [] } = change;
  const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
  const which = generations.length === 0 ? '' : ` (generation ${generations.join(', ')})`;
  return [
    `${at}  ${object.kind} ${name}  last changed by ${changedBy === '' ? 'somebody unknown' : changedBy}`,
    `    ${summary}`,
    ...(persons.length > 0 ? [`    users: ${persons.join(', ')}`] : []),
    ...(isUnapproved ? [`    no approval${which}`] : []),
    ...approvals.map((each) => `    approved by ${each.namespace}/${each.name} (${each.phase})`),
  ].join('\n');
}
