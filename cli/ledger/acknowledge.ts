/** `kilo-mcp ledger acknowledge`: a person has looked at a restored database, and says why things may go on. */
import { Command, Option } from 'commander';
import { ConfigError } from '../../core/errors.ts';
import { exitCode } from '../exit-codes.ts';
import { OUTPUT_FORMATS, printableJson, twoColumns, type OutputFormat } from '../output.ts';
import { locationOf, storeFlags, type LedgerCommandSettings, type StoreFlags } from './flags.ts';
import type { Acknowledgement } from './ledger.ts';

interface AcknowledgeFlags extends StoreFlags {
  readonly output: OutputFormat;
  readonly reason: string;
  readonly kubeconfig?: string;
  readonly namespace: string;
}

/** A row of the ledger holds more; a reason is a sentence or two. */
const MAX_REASON = 1_000;

/** @see module header */
export function acknowledgeCommand(settings: LedgerCommandSettings): Command {
  const { output, openLedger, environment, signal, done } = settings;
  const command = new Command('acknowledge')
    .description(
      'Record that you have looked at a ledger that does not go on from its last checkpoint, as after a restore. Checkpoints begin anew.',
    )
    .requiredOption(
      '--reason <text>',
      'Why the ledger is as it is. It is recorded, with your name as the cluster knows it.',
    )
    .option('--namespace <namespace>', 'Where the operator runs, and keeps its checkpoints.', 'mcp-system')
    .option('--kubeconfig <file>', 'How to reach the cluster, if not as kubectl does.')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    );
  return storeFlags(command)
    .helpOption('-h, --help', 'Print this help.')
    .configureHelp({ helpWidth: 100 })
    .action(async ({ namespace, kubeconfig, ...flags }: AcknowledgeFlags) => {
      const reason = reasonOf(flags.reason);
      const cluster = { namespace, environment, ...(kubeconfig !== undefined && { kubeconfig }) };
      const ledger = await openLedger(locationOf(flags));
      try {
        const result = await ledger.acknowledge(cluster, reason, signal);
        output.result(flags.output === 'json' ? printableJson(result) : table(result));
        done(exitCode('success'));
      } finally {
        await ledger.close();
      }
    });
}

function reasonOf(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > MAX_REASON)
    throw new ConfigError(`--reason: say in at most ${MAX_REASON} characters why the ledger is as it is`);
  return reason;
}

function table(result: Acknowledgement): string {
  const { chain, seq, hash } = result.head;
  const head = ['HEAD', seq === 0 ? '(empty)' : `${seq} sha256:${hash}`] as const;
  if (result.kind === 'continued')
    return twoColumns([['LEDGER', 'Continued: there is nothing to acknowledge'], ['CHAIN', chain], head]);
  const { continuity, checkpoint, recorded, by } = result;
  return twoColumns([
    ['LEDGER', 'Acknowledged'],
    ['CHAIN', chain],
    ['CHECKPOINT', `${checkpoint.seq} sha256:${checkpoint.hash} (${continuity})`],
    head,
    ['RECORDED', `${recorded.seq} sha256:${recorded.hash}`],
    ['BY', by],
  ]);
}
