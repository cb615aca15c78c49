/**
 * The controllers of compliance in the test's own process, against the test's API server and a store that the test may take away. Servers are
 * remote ones that the test plays; addresses of this machine are open to them.
 */
import { Registry } from 'prom-client';
import { StoreUnavailableError, type RunHistory } from '../../checks/engine/history.ts';
import { CHECKS } from '../../checks/registry.ts';
import {
  createComplianceControllers,
  type ApprovedWaiversPort,
  type RemediableFindings,
} from '../../controllers/compliancecheck/index.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger, type Logger } from '../../core/logger.ts';
import {
  connect,
  createController,
  createInformers,
  loadClusterAccess,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';

export interface ComplianceFixture {
  readonly kubeconfigPath: string;
  readonly namespace: string;
  /** Absent: the operator runs without a store. */
  readonly history?: RunHistory;
  /** Of the leader. */
  readonly epoch?: number;
  readonly logger?: Logger;
  /** Absent: no waiver of a tenant counts. */
  readonly approvals?: ApprovedWaiversPort;
}

export interface RunningCompliance {
  /** `Kind/name: Reason` of each event, in order. */
  readonly events: readonly string[];
  readonly metrics: Registry;
  /** What may be asked to be repaired; absent without a store. */
  readonly findings?: RemediableFindings;
  stop(): Promise<void>;
}

/** Starts the controllers, as a leader does, and waits for their caches. */
export async function startCompliance(fixture: ComplianceFixture): Promise<RunningCompliance> {
  const { kubeconfigPath, namespace, history, epoch = 1, logger = silentLogger } = fixture;
  const end = new AbortController();
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'compliance-test/0' });
  const client = api.client('compliance');
  const informers = createInformers({ client, namespaces: [namespace], logger });
  const events: string[] = [];
  const metrics = new Registry();
  const { parts, runnables, findings } = createComplianceControllers({
    client,
    discovery: api.discovery('compliance'),
    informers,
    recorder: {
      event: ({ kind, metadata }, { reason }) => void events.push(`${kind}/${metadata.name}: ${reason}`),
    },
    metrics,
    ...(history && { history }),
    ...(fixture.approvals && { approvals: fixture.approvals }),
    catalogue: { checks: CHECKS, controls: () => ({}) },
    driftOf: () => undefined,
    clock: systemClock,
    logger,
    settings: {
      rendering: DEFAULT_RENDER_SETTINGS,
      addresses: { allowedCIDRs: ['127.0.0.0/8'], refusedCIDRs: [] },
      concurrency: 4,
      namespaces: [namespace],
      serviceAccount: { namespace: 'mcp-system', name: 'mcp-operator' },
      tool: { name: 'mcp-operator', version: '0' },
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
    ...(findings && { findings }),
    stop: async () => {
      end.abort();
      await Promise.all(running);
      await informers.stopped();
      await api.close();
    },
  };
}

/** A store that can be taken away, and given back. */
export type Faulty<T> = T & { isDown: boolean };
export type FaultyHistory = Faulty<RunHistory>;

/** @returns `store` behind something that may be down. */
export function faulty<T extends object>(store: T): Faulty<T> {
  const proxy = new Proxy(store, {
    get: (target, name) => {
      if (name === 'isDown') return state.isDown;
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...parameters: readonly unknown[]): unknown =>
        state.isDown
          ? Promise.reject(new StoreUnavailableError('connection refused'))
          : Reflect.apply(method, target, parameters);
    },
    set: (_target, name, value: boolean) => {
      if (name === 'isDown') state.isDown = value;
      return true;
    },
  });
  const state = { isDown: false };
  // A boundary: the proxy has every method of the store, and the switch.
  return proxy as Faulty<T>;
}
