/** Approval, wired: the controllers of its kinds, and what follows the store beside them. */
import {
  createApprovalControllers,
  type ApprovalStorage,
  type ApprovedWaivers,
  type FindingsPort,
} from '../controllers/approval/index.ts';
import { lockPieces } from '../controllers/locks/index.ts';
import { systemClock } from '../core/clock.ts';
import { compareLedger, type Store } from '../stores/index.ts';
import { CheckpointConfigMap, ledgerHead, ledgerOf } from './ledger-checkpoints.ts';
import { lockSettings } from './locks.ts';
import type { Runnable } from './runtime/index.ts';
import { rendering, running, type Shared } from './shared.ts';

/** A request costs a few writes of the store and of its status in its life. */
const CONCURRENCY = 8;

/** What approval and compliance have of each other. */
export interface ApprovalParts {
  readonly waivers: ApprovedWaivers;
  /** Absent without a store. */
  readonly findings: FindingsPort | undefined;
}

/** Asks for its informers, so call it before they are started. */
export function approvals(shared: Shared, { waivers, findings }: ApprovalParts): readonly Runnable[] {
  const { apiServer, informers, recorder, registry, logger, settings, history } = shared;
  const { parts, runnables } = createApprovalControllers({
    client: apiServer.client('approval'),
    informers,
    recorder,
    metrics: registry,
    ...(history && { store: storage(shared, history) }),
    ...(findings && { findings }),
    waivers,
    locks: lockPieces(lockSettings(shared)),
    clock: systemClock,
    logger,
    settings: {
      rendering: rendering(shared),
      namespaces: settings.watchNamespaces,
      personKey: settings.approval.personKey,
      executor: settings.approval.executorServiceAccount,
    },
  });
  return [...parts.map((part) => running(shared, part, CONCURRENCY)), ...runnables];
}

function storage({ apiServer, identity }: Shared, history: Store): ApprovalStorage {
  const source = ledgerOf(history);
  const sink = new CheckpointConfigMap(apiServer.client('ledger'), identity.operatorNamespace);
  return {
    approvals: history,
    history,
    ledgerHead: () => ledgerHead(history),
    isLedgerContinued: async (signal) => (await compareLedger(source, sink, signal)).kind === 'continued',
  };
}
