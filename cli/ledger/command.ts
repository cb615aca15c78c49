/** `kilo-mcp ledger verify`: walks the ledger, row by row, and holds it against checkpoints that were kept outside of its database. */
import { Command, Option } from 'commander';
import { ConfigError } from '../../core/errors.ts';
import { exitCode } from '../exit-codes.ts';
import { OUTPUT_FORMATS, printableJson, twoColumns, type Output, type OutputFormat } from '../output.ts';
import { readCheckpoints } from './checkpoints.ts';
import type { LedgerLocation, LedgerVerdict, OpenLedger } from './ledger.ts';

export interface LedgerCommandSettings {
  readonly output: Output;
  readonly openLedger: OpenLedger;
  readonly signal: AbortSignal;
  readonly done: (exitCode: number) => void;
}

interface VerifyFlags {
  readonly output: OutputFormat;
  readonly config?: string;
  readonly checkpoints?: string;
  readonly [flag: `store${string}`]: string | undefined;
}

/** Flags that are settings of the store: name, key, value, description. */
const STORE_FLAGS = [
  ['--store-url', 'url', 'url', 'PostgreSQL, as postgres://HOST:PORT/DATABASE, without credentials.'],
  ['--store-user', 'user', 'name', 'Role; one that may only read is enough.'],
  ['--store-password-file', 'passwordFile', 'file', 'File that holds its password.'],
  ['--store-tls', 'tls.mode', 'mode', 'verify-full (default), verify-ca or disable.'],
  ['--store-ca-file', 'tls.caFile', 'file', "Trust these PEM certificates instead of the system's."],
  [
    '--store-directory',
    'directory',
    'directory',
    'An embedded database instead, while no operator has it open.',
  ],
] as const;

export const ledgerExamples: readonly string[] = [
  '%s ledger verify --config operator.yaml',
  '# Who can rewrite the database can rewrite hashes too; what was kept outside shows it:',
  "kubectl -n mcp-system get configmap mcp-operator-ledger -o jsonpath='{.data.checkpoints}' > checkpoints",
  '%s ledger verify --config operator.yaml --checkpoints checkpoints',
  '# As an auditor, with a role that may only read:',
  '%s ledger verify --store-url postgres://db.example.com/kilo_mcp --store-user auditor --store-password-file password',
];

export function ledgerCommand(settings: LedgerCommandSettings): Command {
  return new Command('ledger')
    .description('Examine the ledger, in which every run and every change is recorded.')
    .addCommand(verifyCommand(settings));
}

function verifyCommand({ output, openLedger, signal, done }: LedgerCommandSettings): Command {
  const command = new Command('verify')
    .description('Walk every row, and name the first that is not what was recorded. Changes nothing.')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    )
    .option(
      '--config <file>',
      "The operator's configuration file; its section store says where the ledger is.",
    )
    .option('--checkpoints <file>', 'Checkpoints that were kept outside, one JSON object a line.');
  for (const [flag, , value, description] of STORE_FLAGS) command.option(`${flag} <${value}>`, description);
  return command
    .helpOption('-h, --help', 'Print this help.')
    .configureHelp({ helpWidth: 100 })
    .action(async (flags: VerifyFlags) => {
      const location = locationOf(flags);
      const checkpoints = flags.checkpoints === undefined ? [] : readCheckpoints(flags.checkpoints);
      const ledger = await openLedger(location);
      try {
        const verdict = await ledger.verify(checkpoints, signal);
        output.result(format(verdict, flags.output));
        done(exitCode(verdict.kind === 'intact' ? 'success' : 'failure'));
      } finally {
        await ledger.close();
      }
    });
}

function locationOf(flags: VerifyFlags): LedgerLocation {
  const given = STORE_FLAGS.flatMap(([flag, key]) => {
    const value = flags[new Option(flag).attributeName() as `store${string}`];
    return value === undefined ? [] : [[key, value] as const];
  });
  const store = Object.fromEntries(given);
  const isPlace = store['url'] !== undefined || store['directory'] !== undefined;
  if (flags.config === undefined && !isPlace)
    throw new ConfigError(
      "--config: name the operator's configuration file, or give --store-url or --store-directory",
    );
  return { store, ...(flags.config !== undefined && { configFile: flags.config }) };
}

function format(verdict: LedgerVerdict, as: OutputFormat): string {
  if (as === 'json') return printableJson(verdict);
  const { head } = verdict;
  const place = [
    ['CHAIN', head.chain],
    ['HEAD', head.seq === 0 ? '(empty)' : `${head.seq} sha256:${head.hash}`],
  ] as const;
  if (verdict.kind === 'intact')
    return twoColumns([
      ['LEDGER', 'Intact'],
      ...place,
      ['ROWS', String(verdict.rows)],
      ['CHECKPOINTS', verdict.checkpoints === 0 ? '0 (none given)' : String(verdict.checkpoints)],
    ]);
  const what = verdict.kind === 'badRow' ? 'row' : 'checkpoint';
  return twoColumns([
    ['LEDGER', 'Broken'],
    ...place,
    [what.toUpperCase(), String(verdict.seq)],
    ['PROBLEM', `${what} ${verdict.seq}: ${verdict.problem}`],
  ]);
}
