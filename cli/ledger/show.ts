/**
 * `kilo-mcp ledger show REQUEST`: what the ledger holds of one request: who asked, who decided what they saw, what was changed, and who was refused,
 * with hashes.
 */
import { Command, Option } from 'commander';
import type { ApprovalLedgerEntry, ApprovalRow, RefusedEntries } from '../../approval/index.ts';
import { ConfigError } from '../../core/errors.ts';
import { exitCode } from '../exit-codes.ts';
import { OUTPUT_FORMATS, printable, printableJson, twoColumns, type OutputFormat } from '../output.ts';
import { locationOf, storeFlags, type LedgerCommandSettings, type StoreFlags } from './flags.ts';
import type { OpenedLedger } from './ledger.ts';

interface ShowFlags extends StoreFlags {
  readonly output: OutputFormat;
  readonly namespace: string;
}

/** A request and its entries in the ledger. */
interface Shown {
  /** Absent where the ledger knows refused tries of that name alone: a request that was refused was never opened. */
  readonly request?: ApprovalRow;
  readonly entries: readonly ApprovalLedgerEntry[];
  readonly refused: RefusedEntries;
}

/** @see module header */
export function showCommand({ output, openLedger, done }: LedgerCommandSettings): Command {
  const command = new Command('show')
    .description(
      'Tell everything that the ledger holds of an ApprovalRequest, whether it is still in the cluster or not: who asked, who decided, what was changed, who was refused, and the hash of each entry.',
    )
    .argument('<request>', 'name of the ApprovalRequest; the newest of that name')
    .requiredOption('-n, --namespace <namespace>', 'Its namespace.')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    );
  return storeFlags(command)
    .helpOption('-h, --help', 'Print this help.')
    .configureHelp({ helpWidth: 100 })
    .action(async (name: string, { namespace, ...flags }: ShowFlags) => {
      const ledger = await openLedger(locationOf(flags));
      try {
        const shown = await shownOf(ledger.requests, namespace, name);
        const asTable = (): string => printable(table(shown, `${namespace}/${name}`));
        output.result(flags.output === 'json' ? printableJson(shown) : asTable());
        done(exitCode('success'));
      } finally {
        await ledger.close();
      }
    });
}

/** @throws ConfigError when the ledger has neither a request nor a refused try of that name. */
async function shownOf(requests: OpenedLedger['requests'], namespace: string, name: string): Promise<Shown> {
  const refused = await requests.refusalsOf(namespace, name);
  const request = await requests.requestNamed(namespace, name);
  if (request !== undefined)
    return { request, entries: await requests.entriesOf(request.requestUid), refused };
  if (refused.entries.length > 0) return { entries: [], refused };
  throw new ConfigError(`the ledger knows no ApprovalRequest ${name} in the namespace ${namespace}`);
}

function table({ request, entries, refused }: Shown, named: string): string {
  return [
    request === undefined ? withoutRow(named) : about(request),
    '',
    'ENTRIES',
    ...(entries.length === 0 ? ['  none'] : entries.map(entryText)),
    '',
    'REFUSED (it changed nothing)',
    ...(refused.hasOlder ? ['  older ones are in the ledger, and not shown'] : []),
    ...(refused.entries.length === 0 ? ['  none'] : refused.entries.map(entryText)),
  ].join('\n');
}

function withoutRow(named: string): string {
  return twoColumns([
    ['REQUEST', named],
    ['PHASE', '- (the ledger knows no request of this name, only refused tries)'],
  ]);
}

function about({ namespace, name, requestUid, action, derived, ...row }: ApprovalRow): string {
  const { target } = action;
  const { plan, policy, requestedBy, initiators } = derived;
  return twoColumns([
    ['REQUEST', `${namespace}/${name}`],
    ['UID', requestUid],
    ['PHASE', row.phase],
    ['ACTION', [action.kind, ...Object.values(action.parameters)].join(' ')],
    ['TARGET', `${target.kind} ${target.name}, uid ${target.uid}, generation ${target.generation}`],
    ['RISK', plan.risk],
    ['SUMMARY', plan.summary],
    ['DIGEST', derived.digest],
    ['ASKED BY', requestedBy.person],
    ['CHANGED BY', initiators.map(({ person }) => person).join(', ') || '-'],
    ['POLICIES', policyText(policy)],
    ['APPROVALS', `${row.approvals.have}/${row.approvals.need}`],
    ['DECISIONS', row.decisions.map(({ person, verb }) => `${verb} by ${person}`).join(', ') || '-'],
    ['NOT COUNTED', row.disregarded.map(({ name: each, why }) => `${each} (${why})`).join(', ') || '-'],
    ['EXECUTED', row.executedAt ?? '-'],
  ]);
}

function policyText(policy: ApprovalRow['derived']['policy']): string {
  if (policy === undefined) return '(none)';
  const names = policy.policies.map(({ name, generation }) => `${name} (generation ${generation})`);
  return `${names.join(', ')}, ${policy.hash}`;
}

/** Two lines or three: when, what and who; why; hash and details. */
function entryText({
  seq,
  at,
  hash,
  kind,
  event,
  phase,
  person,
  reason,
  details,
}: ApprovalLedgerEntry): string {
  const what = event === '' ? kind : event;
  const head = [`  ${seq}`, at, what, ...(phase === undefined ? [] : [`-> ${phase}`])];
  return [
    [...head, ...(person === '' ? [] : [`by ${person}`])].join('  '),
    ...(reason === undefined ? [] : [`      reason: ${JSON.stringify(reason)}`]),
    `      sha256:${hash}`,
    ...Object.entries(details).map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`),
  ].join('\n');
}
