/** `kilo-mcp ledger verify`: walks the ledger, row by row, and holds it against checkpoints that were kept outside of its database. `show` and `acknowledge` are beside. */
import { Command, Option } from 'commander';
import { exitCode } from '../exit-codes.ts';
import { acknowledgeCommand } from './acknowledge.ts';
import { OUTPUT_FORMATS, printableJson, twoColumns, type OutputFormat } from '../output.ts';
import { readCheckpoints } from './checkpoints.ts';
import { locationOf, storeFlags, type LedgerCommandSettings, type StoreFlags } from './flags.ts';
import type { LedgerVerdict } from './ledger.ts';
import { showCommand } from './show.ts';

interface VerifyFlags extends StoreFlags {
  readonly output: OutputFormat;
  readonly checkpoints?: string;
}

export const ledgerExamples: readonly string[] = [
  '%s ledger verify --config operator.yaml',
  '# Who can rewrite the database can rewrite hashes too; what was kept outside shows it:',
  "kubectl -n mcp-system get configmap mcp-operator-ledger -o jsonpath='{.data.checkpoints}' > checkpoints",
  '%s ledger verify --config operator.yaml --checkpoints checkpoints',
  '# As an auditor, with a role that may only read:',
  '%s ledger verify --store-url postgres://db.example.com/kilo_mcp --store-user auditor --store-password-file password',
  '# Who asked, who decided, and what was changed:',
  '%s ledger show remediate-github-0123456789ab-1 -n team-a --config operator.yaml',
  '# After a restore, when it is clear what is missing:',
  '%s ledger acknowledge --config operator.yaml --reason "disk lost, restored the backup of 02:00"',
];

export function ledgerCommand(settings: LedgerCommandSettings): Command {
  return new Command('ledger')
    .description('Examine the ledger, in which every run and every change is recorded.')
    .addCommand(verifyCommand(settings))
    .addCommand(showCommand(settings))
    .addCommand(acknowledgeCommand(settings));
}

function verifyCommand({ output, openLedger, signal, done }: LedgerCommandSettings): Command {
  const command = new Command('verify')
    .description('Walk every row, and name the first that is not what was recorded. Changes nothing.')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    )
    .option('--checkpoints <file>', 'Checkpoints that were kept outside, one JSON object a line.');
  return storeFlags(command)
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
