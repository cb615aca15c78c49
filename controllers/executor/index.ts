/**
 * The executor: does exactly what was approved, looks whether it helped, and puts things back if not. It has an identity of its own, and trusts no
 * phase that somebody else wrote.
 */
import type { ApprovalStore } from '../../approval/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { KubernetesClient, Runnable } from '../../operator/runtime/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import { createAuthority } from '../decisions/index.ts';
import { Cluster } from './cluster.ts';
import { Execution } from './execution.ts';
import { Executor } from './executor.ts';

export { EXECUTOR_PERMISSIONS } from './permissions.ts';

export interface ExecutorDependencies {
  readonly client: Pick<KubernetesClient, 'get' | 'list' | 'patchJson' | 'create'>;
  readonly store: Pick<
    ApprovalStore,
    'openRequests' | 'requestsChangedSince' | 'advanceRequest' | 'admissionIntervals'
  >;
  /** Number of the ledger's last row; 0 while there is none. */
  readonly ledgerHead: () => Promise<number>;
  /** Whether the ledger goes on from its checkpoint outside: a database that was restored executes nothing. */
  readonly isLedgerContinued: (signal: AbortSignal) => Promise<boolean>;
  readonly rendering: RenderSettings;
  readonly personKey: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: {
    /** How long a server may take to be Ready after a change, in milliseconds. */
    readonly settleMs: number;
    /** Requests at the same time. */
    readonly concurrency: number;
  };
}

/** To be run by the one executor that leads. */
export function createExecutor(dependencies: ExecutorDependencies): Runnable {
  const { client, store, clock, settings, personKey, isLedgerContinued, rendering } = dependencies;
  const logger = dependencies.logger.child({ component: 'executor' });
  const authority = createAuthority({ client, clock, logger, rememberMs: 0 });
  const cluster = new Cluster({ client, store, authority, personKey });
  const { settleMs, concurrency } = settings;
  const execution = new Execution({ cluster, store, isLedgerContinued, rendering, clock, logger, settleMs });
  return new Executor({
    store,
    ledgerHead: dependencies.ledgerHead,
    step: (row, fence, signal) => execution.step(row, fence, signal),
    clock,
    logger,
    concurrency,
  });
}
