/**
 * `kilo-mcp approval rebuild-status`: writes the status of ApprovalRequests anew from the rows of the store, which alone count. The operator does
 * so by itself; this is for when it does not run, or to see whether it is right.
 */
import { Command } from 'commander';
import type { ApprovalRequest } from '../../api/index.ts';
import { statusOf, type ApprovalReader } from '../../approval/index.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import { exitCode } from '../exit-codes.ts';
import { locationOf, storeFlags, type StoreFlags } from '../ledger/flags.ts';
import type { OpenLedger } from '../ledger/ledger.ts';
import {
  APPROVAL_REQUEST,
  clusterFlags,
  withCluster,
  type ClusterFlags,
  type OpenedCluster,
} from './cluster.ts';
import type { DecideSettings } from './decide.ts';

/** What the command needs from outside. */
export interface RebuildSettings extends DecideSettings {
  readonly openLedger: OpenLedger;
}

interface RebuildFlags extends ClusterFlags, StoreFlags {
  readonly dryRun?: true;
}

/** The controller's own, so that the fields stay its. */
const FIELD_MANAGER = 'mcp-operator/approval';
const PAGE = 500;

/** What was done, by number of requests. */
interface Rebuilt {
  readonly written: number;
  readonly right: number;
  /** Requests that the store does not know. */
  readonly unknown: number;
}

/** @see module header */
export function rebuildStatusCommand(settings: RebuildSettings): Command {
  const command = new Command('rebuild-status')
    .description(
      'Write status of ApprovalRequests anew from the store, which alone counts. Run it as the ServiceAccount of the operator: nobody else may write it.',
    )
    .option('--dry-run', 'Name the requests whose status is not what the store says, and write nothing.');
  return storeFlags(clusterFlags(command, 'all of them'))
    .helpOption('-h, --help', 'Print this help.')
    .configureHelp({ helpWidth: 100 })
    .action(async ({ namespace, kubeconfig, context, dryRun, ...store }: RebuildFlags) => {
      const ledger = await settings.openLedger(locationOf(store));
      try {
        const choice = {
          ...(kubeconfig !== undefined && { kubeconfig }),
          ...(context !== undefined && { context }),
        };
        const rebuilt = await withCluster(choice, settings, (client) =>
          rebuild(
            client,
            ledger.requests,
            { namespace: namespace ?? '', isDryRun: dryRun === true },
            settings,
          ),
        );
        settings.output.result(
          `${rebuilt.written} ${dryRun === true ? 'to write' : 'written'}, ${rebuilt.right} right already, ${rebuilt.unknown} not in the store`,
        );
        settings.done(exitCode('success'));
      } finally {
        await ledger.close();
      }
    });
}

interface RebuildScope {
  /** Empty for all. */
  readonly namespace: string;
  readonly isDryRun: boolean;
}

/** One after the other: a store is read once for each, and nobody waits. */
async function rebuild(
  client: OpenedCluster['client'],
  rows: Pick<ApprovalReader, 'request'>,
  { namespace, isDryRun }: RebuildScope,
  { output, signal }: Pick<RebuildSettings, 'output' | 'signal'>,
): Promise<Rebuilt> {
  let rebuilt: Rebuilt = { written: 0, right: 0, unknown: 0 };
  for await (const request of requestsIn(client, namespace, signal)) {
    const row = await rows.request(request.metadata.uid ?? '');
    const wanted = row && wantedStatus(request, statusOf(row, request.metadata.generation ?? 0));
    if (wanted === undefined) rebuilt = { ...rebuilt, unknown: rebuilt.unknown + 1 };
    else if (canonicalJson(wanted) === canonicalJson(request.status ?? {}))
      rebuilt = { ...rebuilt, right: rebuilt.right + 1 };
    else {
      output.note(
        `${request.metadata.namespace}/${request.metadata.name}: status is not what the store says`,
      );
      if (!isDryRun) await write(client, request, wanted, signal);
      rebuilt = { ...rebuilt, written: rebuilt.written + 1 };
    }
  }
  return rebuilt;
}

async function* requestsIn(
  client: OpenedCluster['client'],
  namespace: string,
  signal: AbortSignal,
): AsyncGenerator<ApprovalRequest> {
  let next: string | undefined;
  do {
    const options = { namespace, limit: PAGE, ...(next !== undefined && next !== '' && { continue: next }) };
    const list = await client.list(APPROVAL_REQUEST, options, signal);
    yield* list.items;
    next = list.continue;
  } while (next !== undefined && next !== '');
}

type Status = NonNullable<ApprovalRequest['status']>;

/** Accepted and Recorded are the operator's own, which no row holds. */
function wantedStatus({ status }: ApprovalRequest, ofRow: Status): Status {
  const own = (status?.conditions ?? []).filter(({ type }) => type === 'Accepted' || type === 'Recorded');
  return { ...ofRow, conditions: [...own, ...(ofRow.conditions ?? [])] };
}

async function write(
  client: OpenedCluster['client'],
  { metadata }: ApprovalRequest,
  status: Status,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace, uid = '' } = metadata;
  const { group, version, kind } = APPROVAL_REQUEST;
  const intent: KubernetesObject & { readonly status: Status } = {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name, namespace, uid },
    status,
  };
  const options = { fieldManager: FIELD_MANAGER, force: true, subresource: 'status' };
  await client.apply(APPROVAL_REQUEST, intent, options, signal);
}
