/**
 * The controllers of approval in the test's own process, against the test's API server and a store that the test may take away. Nobody serves
 * webhooks here: what stands for the locks is an object that the test may delete and make again.
 */
import { Registry } from 'prom-client';
import type { ApprovalStore } from '../../approval/index.ts';
import type { RunHistory } from '../../checks/engine/history.ts';
import {
  createApprovalControllers,
  type ApprovedWaivers,
  type FindingsPort,
} from '../../controllers/approval/index.ts';
import { APPROVAL_POLICY } from '../../controllers/decisions/index.ts';
import type { LockPiece } from '../../controllers/locks/index.ts';
import { systemClock, type Clock } from '../../core/clock.ts';
import { silentLogger, type Logger } from '../../core/logger.ts';
import {
  connect,
  createController,
  createInformers,
  loadClusterAccess,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';

export interface ApprovalFixture {
  readonly kubeconfigPath: string;
  readonly namespace: string;
  /** Absent: the operator runs without a store. */
  readonly store?: ApprovalStore & RunHistory;
  readonly locks: readonly LockPiece[];
  readonly epoch?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly executor?: string;
  /** Whether the ledger goes on from its checkpoint: it does when absent. */
  readonly isLedgerContinued?: () => boolean;
  /** What compliance found, and may be asked to be repaired. */
  readonly findings?: FindingsPort;
  /** Where executed approvals of waivers are remembered. */
  readonly waivers?: ApprovedWaivers;
}

export interface RunningApprovals {
  /** `Kind/name: Reason` of each event, in order. */
  readonly events: readonly string[];
  readonly metrics: Registry;
  /** Resource versions of the ApprovalPolicies that the controllers know by now, by name. */
  policies(): ReadonlyMap<string, string | undefined>;
  stop(): Promise<void>;
}

/** A stand-in for the locks: whole while the ConfigMap-like object of that name is there. */
export function lockOf(name: string): LockPiece {
  return {
    type: {
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      kind: 'ValidatingAdmissionPolicy',
      plural: 'validatingadmissionpolicies',
      namespaced: false,
    },
    name,
    problemOf: (object) => (object === undefined ? 'it does not exist' : undefined),
  };
}

/** Starts the controllers, as a leader does, and waits for their caches. */
export async function startApprovals(fixture: ApprovalFixture): Promise<RunningApprovals> {
  const { kubeconfigPath, namespace, store, locks, epoch = 1, clock = systemClock } = fixture;
  const logger = fixture.logger ?? silentLogger;
  const end = new AbortController();
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'approval-test/0' });
  const client = api.client('approval');
  const informers = createInformers({ client, namespaces: [namespace], logger });
  const events: string[] = [];
  const metrics = new Registry();
  const { parts, runnables } = createApprovalControllers({
    client,
    informers,
    recorder: {
      event: ({ kind, metadata }, { reason }) => void events.push(`${kind}/${metadata.name}: ${reason}`),
    },
    metrics,
    ...(store && {
      store: {
        approvals: store,
        history: store,
        ledgerHead: () => Promise.resolve(0),
        isLedgerContinued: () => Promise.resolve(fixture.isLedgerContinued?.() ?? true),
      },
    }),
    ...(fixture.findings && { findings: fixture.findings }),
    ...(fixture.waivers && { waivers: fixture.waivers }),
    locks,
    clock,
    logger,
    settings: {
      rendering: DEFAULT_RENDER_SETTINGS,
      namespaces: [namespace],
      personKey: '',
      executor: fixture.executor ?? '',
    },
  });
  informers.start(end.signal);
  const leadership = { epoch, signal: end.signal };
  const running = [
    ...parts.map((part) => createController({ ...part, logger }).run(end.signal)),
    ...runnables.map((runnable) => runnable.run(end.signal, end.signal, leadership)),
  ];
  await informers.waitForSync(20_000, end.signal);
  return {
    events,
    metrics,
    policies: () => {
      const known = informers.for(APPROVAL_POLICY).store.list();
      return new Map(known.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    },
    stop: async () => {
      end.abort();
      await Promise.all(running);
      await informers.stopped();
      await api.close();
    },
  };
}
