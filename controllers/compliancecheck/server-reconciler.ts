/** One look at one server: what all checks say of it, into its status. Nobody else writes these fields, and this writes no others. */
import type { MCPServer, MCPServerStatus } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import type {
  EventRecorder,
  ObjectKey,
  ObjectWriter,
  ReconcileContext,
  Reconciler,
  ReconcileResult,
  Store,
} from '../../operator/runtime/index.ts';
import { MCPSERVER } from '../mcpserver/index.ts';
import { serverAnnouncements } from './announcements.ts';
import { uidOf, type AnyCheck } from './kinds.ts';
import type { Runs } from './runs.ts';
import { compliantOf, shareOf, type Coverage, type ServerShare } from './server-verdict.ts';
import type { Servers } from './servers.ts';

export interface ServerReconcilerOptions {
  readonly servers: Pick<Store<MCPServer>, 'get'>;
  readonly scope: Servers;
  /** Every check of both kinds. */
  readonly checks: () => readonly AnyCheck[];
  /** Absent without a store. */
  readonly runs?: Pick<Runs, 'known'>;
  readonly writer: Pick<ObjectWriter, 'applyStatus'>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

export class ServerReconciler implements Reconciler {
  readonly #options: ServerReconcilerOptions;

  constructor(options: ServerReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { servers, writer, recorder, clock } = this.#options;
    const server = servers.get(key);
    if (server === undefined || server.metadata.deletionTimestamp !== undefined) return { kind: 'done' };
    const coverage = this.#coverageOf(server);
    // Until history was read, the verdict of before stands.
    if (coverage === undefined) return { kind: 'done' };
    const share = shareOf(server, coverage, clock.now().getTime());
    const written = await writer.applyStatus(MCPSERVER, server, share, signal, ownShare);
    if (!written) return { kind: 'done' };
    for (const event of serverAnnouncements(compliantOf(server), share.conditions?.[0]))
      recorder.event(server, event);
    return { kind: 'done' };
  }

  #coverageOf(server: MCPServer): readonly Coverage[] | undefined {
    const { checks, scope, runs } = this.#options;
    const covering = checks()
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .filter((check) => scope.isCovered(check, server));
    if (runs === undefined) return covering.map((check) => ({ check }));
    const uid = uidOf(server);
    const coverage: Coverage[] = [];
    for (const check of covering) {
      const memory = runs.known(uidOf(check));
      if (memory?.isRestored !== true) return undefined;
      const summary = memory.summaries.get(uid);
      const subject = memory.subjects.get(uid);
      coverage.push({ check, ...(summary && { summary }), ...(subject !== undefined && { subject }) });
    }
    return coverage;
  }
}

/** Of a status as it is stored, what this controller writes; the rest is that of the controller of servers. */
export function ownShare(live: unknown): ServerShare {
  if (typeof live !== 'object' || live === null) return {};
  const { compliance, conditions = [] }: MCPServerStatus = live;
  const own = conditions.filter((condition) => condition.type === 'Compliant');
  return { ...(own.length > 0 && { conditions: own }), ...(compliance && { compliance }) };
}
