/** What executed requests mean for a server, and how many wait, in its status: nobody else writes these fields, and this writes no others. */
import type { MCPServer, MCPServerStatus } from '../../api/index.ts';
import type { ApprovalRow, ExecutedAction } from '../../approval/index.ts';
import type {
  EventDetails,
  EventRecorder,
  ObjectKey,
  ObjectWriter,
  ReconcileContext,
  Reconciler,
  ReconcileResult,
  Store,
} from '../../operator/runtime/index.ts';
import { MCPSERVER } from '../mcpserver/index.ts';
import { timestamp } from '../timestamps.ts';
import { baselineOf, quarantineOf } from './derive.ts';
import type { ApprovalFeed } from './feed.ts';

export interface ProjectionOptions {
  readonly servers: Pick<Store<MCPServer>, 'get'>;
  readonly feed: ApprovalFeed;
  readonly writer: Pick<ObjectWriter, 'applyStatus'>;
  readonly recorder: EventRecorder;
  /** Whether the ledger goes on from its checkpoint outside; false for a database that was restored, until somebody acknowledges that. */
  readonly isLedgerContinued: (signal: AbortSignal) => Promise<boolean>;
}

/** The share of a server's status. */
export type ApprovalShare = Pick<MCPServerStatus, 'baseline' | 'quarantine' | 'pendingApprovals'>;

/** While the store cannot be used the share of before stands, so that nothing leaves quarantine because a database is away. */
export class ServerProjection implements Reconciler {
  readonly #options: ProjectionOptions;

  constructor(options: ProjectionOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { servers, feed, writer, recorder, isLedgerContinued } = this.#options;
    const server = servers.get(key);
    const uid = server?.metadata.uid ?? '';
    if (server === undefined || server.metadata.deletionTimestamp !== undefined) return { kind: 'done' };
    await feed.ready();
    const executed = await feed.read((store) => store.executedActions(uid));
    const isKnown = Object.keys(ownShare(server.status)).length > 0;
    const share = shareOf(executed, feed.rows.about(uid), isKnown);
    if (takesBack(server.status, share) && !(await isLedgerContinued(signal)))
      return { kind: 'requeue', afterMs: NOT_CONTINUED_RETRY_MS };
    const written = await writer.applyStatus(MCPSERVER, server, share, signal, ownShare);
    if (!written) return { kind: 'done' };
    for (const event of quarantineEvents(server.status, share)) recorder.event(server, event);
    return { kind: 'done' };
  }
}

const NOT_CONTINUED_RETRY_MS = 30_000;

/**
 * Whether what people approved is in force no longer, or something else is: where the store was restored from before that, a server that they stopped
 * would start.
 */
export function takesBack(before: ApprovalShare | undefined, after: ApprovalShare): boolean {
  const { quarantine, baseline } = before ?? {};
  return (
    (quarantine !== undefined && after.quarantine === undefined) ||
    (baseline !== undefined && baseline.hash !== after.baseline?.hash)
  );
}

/**
 * @param open requests about the server.
 * @param isKnown whether the status has a share of ours: it never becomes empty, since server-side apply would take the whole status with the last
 * field in it. Servers that nobody ever asked anything about have none.
 */
export function shareOf(
  executed: readonly ExecutedAction[],
  open: readonly ApprovalRow[],
  isKnown = false,
): ApprovalShare {
  const baseline = baselineOf(executed);
  const quarantine = quarantineOf(executed);
  const pending = open.filter(({ phase }) => phase === 'Pending').length;
  return {
    ...(baseline && {
      baseline: {
        hash: baseline.hash,
        request: baseline.action.requestName,
        acceptedAt: timestamp(Date.parse(baseline.action.executedAt)),
      },
    }),
    ...(quarantine && {
      quarantine: { request: quarantine.requestName, since: timestamp(Date.parse(quarantine.executedAt)) },
    }),
    ...((pending > 0 || isKnown) && { pendingApprovals: pending }),
  };
}

/** Of a status as it is stored, what this controller writes. */
export function ownShare(live: unknown): ApprovalShare {
  if (typeof live !== 'object' || live === null) return {};
  const { baseline, quarantine, pendingApprovals }: MCPServerStatus = live;
  return {
    ...(baseline && { baseline }),
    ...(quarantine && { quarantine }),
    ...(pendingApprovals !== undefined && { pendingApprovals }),
  };
}

/** What a change of the share deserves to be told of. */
export function quarantineEvents(
  before: ApprovalShare | undefined,
  after: ApprovalShare,
): readonly EventDetails[] {
  if (before?.quarantine?.request === after.quarantine?.request) return [];
  if (after.quarantine === undefined)
    return [{ type: 'Normal', reason: 'QuarantineEnded', action: 'Start', note: 'the quarantine has ended' }];
  const note = `stopped by ApprovalRequest ${after.quarantine.request}`;
  return [{ type: 'Warning', reason: 'Quarantined', action: 'Stop', note }];
}
