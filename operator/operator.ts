/**
 * The operator process, wired: settings in, a manager out. Nothing else in the project knows all of these parts.
 */
import { Registry } from 'prom-client';
import { createLockWatch, type LockWatch } from '../controllers/locks/index.ts';
import { createMCPServerController, type ProbeFunction } from '../controllers/mcpserver/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { systemRandom } from '../core/random.ts';
import { probe as probeServer } from '../mcp/index.ts';
import type { Settings } from './config/settings.ts';
import { processIdentity, type Environment, type ProcessIdentity } from './identity.ts';
import {
  connect,
  createController,
  createEventBroadcaster,
  createInformers,
  createLeaderElector,
  createManager,
  createRuntimeMetrics,
  loadClusterAccess,
  type ApiServer,
  type EventRecorder,
  type Informers,
  type LeaderElector,
  type Manager,
  type Runnable,
  type RuntimeMetrics,
} from './runtime/index.ts';
import { VERSION } from './version.ts';

const PROGRAM = 'mcp-operator';
const LEASE = 'mcp-operator';
/** A renewal must fail early enough to be tried again within the 10 s that leaders have to renew. */
const LEASE_CALL_DEADLINE_MS = 5_000;

/** What a process is given from outside. */
export interface OperatorDependencies {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly logger: Logger;
  /** `probe` of `mcp/` when absent; a bench passes its own. */
  readonly probe?: ProbeFunction;
}

/** What the parts of the process share. */
interface Shared extends OperatorDependencies {
  readonly apiServer: ApiServer;
  readonly identity: ProcessIdentity;
  readonly registry: Registry;
  readonly metrics: RuntimeMetrics;
}

/**
 * Wires a process that does nothing until its manager runs.
 * @throws ConfigError when no cluster can be found, or its kubeconfig cannot be used.
 */
export async function createOperator(dependencies: OperatorDependencies): Promise<Manager> {
  const { settings, environment, logger } = dependencies;
  const access = await loadClusterAccess({ path: settings.kubeconfig || undefined, env: environment });
  const registry = new Registry();
  const metrics = createRuntimeMetrics(registry);
  const apiServer = connect(access, {
    program: `${PROGRAM}/${VERSION}`,
    observe: metrics.requests(new URL(access.server).host),
  });
  const identity = processIdentity(settings, environment, access.namespace);
  const shared: Shared = { ...dependencies, apiServer, identity, registry, metrics };
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
  return createManager({
    logger,
    informers,
    events,
    runnables: [mcpServers(shared, informers, events), locks(shared, informers, events)],
    ...(settings.leaderElect && { elector: elector(shared) }),
    healthProbeBindAddress: settings.healthProbeBindAddress,
    metricsBindAddress: settings.metricsBindAddress,
    registry,
    close: () => apiServer.close(),
  });
}

function mcpServers(shared: Shared, informers: Informers, recorder: EventRecorder): Runnable {
  const { apiServer, logger, settings, identity, registry, metrics, probe = probeServer } = shared;
  const parts = createMCPServerController({
    client: apiServer.client('mcpserver'),
    informers,
    recorder,
    probe,
    metrics: registry,
    clock: systemClock,
    random: systemRandom,
    logger,
    settings: {
      rendering: {
        clusterDNS: settings.clusterDNS,
        operator: {
          namespaceLabels: { 'kubernetes.io/metadata.name': identity.operatorNamespace },
          podLabels: settings.operatorPodLabels,
        },
      },
      addresses: settings.probe,
      probeConcurrency: settings.probe.concurrency,
      serviceAccount: identity.serviceAccount,
      version: VERSION,
    },
  });
  return createController({
    ...parts,
    concurrency: settings.concurrency,
    logger,
    observer: metrics.controller(parts.name),
  });
}

function locks(
  { registry, logger, settings }: Shared,
  informers: Informers,
  recorder: EventRecorder,
): LockWatch {
  return createLockWatch({
    informers,
    recorder,
    metrics: registry,
    logger,
    settings: { webhook: undefined, secondLock: settings.secondLock || undefined },
  });
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
