/** The executor process, wired: a store, an identity of its own, and nothing of the controllers. */
import { Registry } from 'prom-client';
import { createExecutor } from '../controllers/executor/index.ts';
import { systemClock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { compareLedger, Store } from '../stores/index.ts';
import { EXECUTOR_LEASE } from './executor-permissions.ts';
import { processIdentity } from './identity.ts';
import { CheckpointConfigMap, ledgerHead, ledgerOf } from './ledger-checkpoints.ts';
import {
  connect,
  createInformers,
  createLeaderElector,
  createManager,
  createRuntimeMetrics,
  loadClusterAccess,
  type ApiServer,
  type Manager,
  type Runnable,
} from './runtime/index.ts';
import { rendering, type OperatorDependencies, type Shared } from './shared.ts';
import { VERSION } from './version.ts';

const PROGRAM = 'mcp-executor';
/** A renewal must fail early enough to be tried again within the 10 s that leaders have to renew. */
const LEASE_CALL_DEADLINE_MS = 5_000;
const SETTLE_MS = 180_000;
const CONCURRENCY = 4;

/**
 * Wires a process that does nothing until its manager runs.
 * @throws ConfigError when no cluster can be found, or the settings name no store that a second process can use.
 */
export async function createExecutorProcess(dependencies: OperatorDependencies): Promise<Manager> {
  const { settings, environment, logger } = dependencies;
  if (settings.store.mode !== 'External')
    throw new ConfigError(
      `store.mode: it is ${settings.store.mode}, and the executor shares a store with the operator: set it to External. With Embedded the operator executes by itself`,
    );
  const access = await loadClusterAccess({ path: settings.kubeconfig || undefined, env: environment });
  const registry = new Registry();
  const metrics = createRuntimeMetrics(registry);
  const apiServer = connect(access, {
    program: `${PROGRAM}/${VERSION}`,
    observe: metrics.requests(new URL(access.server).host),
  });
  const identity = processIdentity(settings, environment, access.namespace);
  const store = new Store(settings.store, systemClock, { migrate: false });
  return createManager({
    logger,
    informers: createInformers({
      client: apiServer.client('informers'),
      namespaces: settings.watchNamespaces,
      logger,
      observe: (kind) => metrics.reflector(kind),
    }),
    runnables: [executor({ settings, identity, logger, apiServer }, store)],
    ...(settings.leaderElect && {
      elector: createLeaderElector({
        client: apiServer.leaseClient('leader-election', LEASE_CALL_DEADLINE_MS),
        lease: { namespace: identity.leaseNamespace, name: EXECUTOR_LEASE },
        identity: identity.id,
        logger,
        observer: metrics.leader(EXECUTOR_LEASE),
      }),
    }),
    healthProbeBindAddress: settings.healthProbeBindAddress,
    metricsBindAddress: settings.metricsBindAddress,
    registry,
    close: async () => {
      await store.close();
      await apiServer.close();
    },
  });
}

/** The executor alone. */
function executor(
  shared: Pick<Shared, 'settings' | 'identity' | 'logger'> & { readonly apiServer: ApiServer },
  store: Store,
): Runnable {
  const { settings, identity, logger, apiServer } = shared;
  const source = ledgerOf(store);
  const sink = new CheckpointConfigMap(apiServer.client('ledger'), identity.operatorNamespace);
  return createExecutor({
    client: apiServer.client('executor'),
    store,
    ledgerHead: () => ledgerHead(store),
    isLedgerContinued: async (signal) => (await compareLedger(source, sink, signal)).kind === 'continued',
    rendering: rendering(shared),
    personKey: settings.approval.personKey,
    clock: systemClock,
    logger,
    settings: { settleMs: SETTLE_MS, concurrency: CONCURRENCY },
  });
}

/** An embedded database has one user, so the operator executes by itself, with the rights for it: for evaluation, as the database is. */
export function embeddedExecutor({ history, ...shared }: Shared): readonly Runnable[] {
  if (shared.settings.store.mode !== 'Embedded' || history === undefined) return [];
  return [executor(shared, history)];
}
