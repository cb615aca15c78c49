/**
 * The operator process, wired: settings in, a manager out. Nothing else in the project knows all of these parts.
 */
import { systemClock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { Store } from '../stores/index.ts';
import { admission } from './admission.ts';
import { controllers } from './controllers.ts';
import { embeddedExecutor } from './executor.ts';
import { processIdentity } from './identity.ts';
import { notifications } from './notifications/index.ts';
import {
  connect,
  createEventBroadcaster,
  createInformers,
  createLeaderElector,
  createManager,
  createRuntimeMetrics,
  loadClusterAccess,
  MetricsRegistry,
  type LeaderElector,
  type Manager,
} from './runtime/index.ts';
import type { OperatorDependencies, Shared } from './shared.ts';
import { VERSION } from './version.ts';

export type { OperatorDependencies } from './shared.ts';

const PROGRAM = 'mcp-operator';
const LEASE = 'mcp-operator';
/** A renewal must fail early enough to be tried again within the 10 s that leaders have to renew. */
const LEASE_CALL_DEADLINE_MS = 5_000;
/**
 * Wires a process that does nothing until its manager runs, but for opening an embedded database.
 * @throws ConfigError when no cluster can be found, or its kubeconfig cannot be used.
 */
export async function createOperator(dependencies: OperatorDependencies): Promise<Manager> {
  const { settings, environment, logger } = dependencies;
  const access = await loadClusterAccess({ path: settings.kubeconfig || undefined, env: environment });
  const registry = new MetricsRegistry();
  const metrics = createRuntimeMetrics(registry);
  const apiServer = connect(access, {
    program: `${PROGRAM}/${VERSION}`,
    observe: metrics.requests(new URL(access.server).host),
  });
  const identity = processIdentity(settings, environment, access.namespace);
  const informers = createInformers({
    client: apiServer.client('informers'),
    namespaces: settings.watchNamespaces,
    logger,
    observe: (kind) => metrics.reflector(kind),
  });
  metrics.informers(() => informers.states());
  const events = createEventBroadcaster({
    client: apiServer.client('events'),
    reporter: { controller: `${PROGRAM}.kilocode.ai`, instance: identity.pod },
    logger,
  });
  const history = settings.store.mode === 'None' ? undefined : new Store(settings.store, systemClock);
  if (history?.mode === 'Embedded') await openEarly(history, logger);
  const shared = {
    ...dependencies,
    apiServer,
    identity,
    registry,
    metrics,
    informers,
    recorder: events,
    ...(history && { history }),
  };
  const { runnables, ...serving } = admission(shared);
  return createManager({
    logger,
    informers,
    events,
    runnables: [...controllers(shared), ...embeddedExecutor(shared), ...notifications(shared), ...runnables],
    ...serving,
    ...(settings.leaderElect && { elector: elector(shared) }),
    healthProbeBindAddress: settings.healthProbeBindAddress,
    metricsBindAddress: settings.metricsBindAddress,
    registry,
    close: async () => {
      await history?.close();
      await apiServer.close();
    },
  });
}

/**
 * To make an embedded database holds this whole process up, for ten seconds on a slow machine: long enough to lose a Lease, and for a request
 * for admission to run out of time. One that cannot be opened is tried again by whoever needs it.
 */
async function openEarly(history: Store, logger: Logger): Promise<void> {
  try {
    await history.open();
    logger.info('the embedded database is open');
  } catch (error) {
    logger.error('the embedded database could not be opened yet', { error });
  }
}

function elector({ apiServer, identity, logger, metrics }: Shared): LeaderElector {
  return createLeaderElector({
    client: apiServer.leaseClient('leader-election', LEASE_CALL_DEADLINE_MS),
    lease: { namespace: identity.leaseNamespace, name: LEASE },
    identity: identity.id,
    logger,
    observer: metrics.leader(LEASE),
  });
}
