/** `kilo-mcp report`: a run, or a period, from history to a file that somebody else reads. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { writeFile } from 'node:fs/promises';
import { ConfigError, errorMessage } from '../../core/errors.ts';
import {
  formatPack,
  formatRun,
  PACK_FORMATS,
  RUN_FORMATS,
  type PackFormat,
  type RunFormat,
} from '../../reports/index.ts';
import { exitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { changesCommand } from './changes-command.ts';
import { collectPack, collectRun } from './collect.ts';
import type { HistoryReader } from './history.ts';
import { fixPeriod, parsePeriod, type PeriodFlag } from './period.ts';
import type { ReportCommandSettings } from './types.ts';

interface ReportFlags {
  readonly run?: string;
  readonly period?: PeriodFlag;
  readonly check?: string;
  readonly format: RunFormat;
  readonly out?: string;
  readonly config?: string;
}

export const reportExamples: readonly string[] = [
  '%s report --config operator.yaml --run latest --format html --out report.html',
  '%s report --config operator.yaml --run latest --check team-a/nightly --format sarif > compliance.sarif',
  '# What an auditor asks for of a quarter:',
  '%s report --config operator.yaml --period 2026-07-01..2026-09-30 --format html --out q3.html',
  '# Which servers were changed without an approval:',
  '%s report changes --config operator.yaml --period 30d',
  '# In the cluster, where the configuration is:',
  'kubectl -n mcp-system exec deploy/mcp-operator -- kilo-mcp report --config /etc/kilo-mcp/config.yaml --run latest',
];

export function reportCommand(settings: ReportCommandSettings): Command {
  return new Command('report')
    .addCommand(changesCommand(settings))
    .enablePositionalOptions()
    .description('Tell a compliance run, or a period, from history: for auditors, dashboards and CI.')
    .addOption(
      new Option(
        '--run <id>',
        'The run: its id, or latest for the last one that finished. Give this or --period.',
      )
        .argParser(parseRun)
        .conflicts('period'),
    )
    .addOption(
      new Option(
        '--period <period>',
        'An evidence pack of a period: 30d, or FROM..TO such as 2026-10-01..2026-10-31.',
      ).argParser(parsePeriod),
    )
    .option(
      '--check <name>',
      'Only runs of this check: NAMESPACE/NAME of a ComplianceCheck, NAME of a ClusterComplianceCheck.',
    )
    .addOption(
      new Option('-f, --format <format>', 'Format of the report.').choices(RUN_FORMATS).default('json'),
    )
    .option(
      '--out <file>',
      'Write to this file instead of standard output. A file that is there is replaced.',
    )
    .option('--config <file>', "The operator's configuration file; its section store says where history is.")
    .action(async (flags: ReportFlags) => {
      await runReport(flags, settings);
      settings.done(exitCode('success'));
    });
}

/** @throws ConfigError naming the flag and the fix. */
async function runReport(flags: ReportFlags, settings: ReportCommandSettings): Promise<void> {
  checkFlags(flags);
  if (flags.config === undefined)
    throw new ConfigError(
      "--config: name the operator's configuration file; its section store says where history is",
    );
  const reader = await settings.openHistory({ configFile: flags.config });
  try {
    const text = await tell(reader, flags, settings.now());
    await deliver(text, flags.out, settings.output);
  } finally {
    await reader.close();
  }
}

/** What can be refused without history is refused before it is opened. */
function checkFlags({ run, period, format, check }: ReportFlags): void {
  if (run === undefined && period === undefined)
    throw new ConfigError('--run or --period is missing: say which run (its id, or latest), or which period');
  if (period !== undefined && !isPackFormat(format))
    throw new ConfigError(
      `--format: ${format} tells one run; with --period choose ${PACK_FORMATS.join(', ')}, or give --run`,
    );
  if (check !== undefined && run !== undefined && run !== 'latest')
    throw new ConfigError('--check: a run has one check already; give it with --run latest or --period');
}

async function tell(
  reader: HistoryReader,
  { run: id, period, check, format }: ReportFlags,
  now: Date,
): Promise<string> {
  if (id !== undefined) {
    const choice = { id, ...(check !== undefined && { check }) };
    return formatRun(format, await collectRun(reader, choice, now));
  }
  const pack = await collectPack(reader, fixPeriod(period ?? { days: 30 }, now), check, now);
  return formatPack(isPackFormat(format) ? format : 'json', pack);
}

function isPackFormat(format: RunFormat): format is PackFormat {
  return PACK_FORMATS.some((each) => each === format);
}

/** Findings are nobody else's business: a new file is for its owner alone. */
async function deliver(text: string, file: string | undefined, output: Output): Promise<void> {
  if (file === undefined) {
    output.result(text);
    return;
  }
  try {
    await writeFile(file, `${text}\n`, { mode: 0o600 });
  } catch (error) {
    throw new ConfigError(`--out: ${errorMessage(error)}`, { cause: error });
  }
  output.note(`wrote ${file}`);
}

function parseRun(text: string): string {
  const id = text.toLowerCase();
  if (id === 'latest' || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new InvalidArgumentError('Write the id of a run, a UUID, or latest.');
}
