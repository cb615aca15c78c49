/**
 * The operator process, wired: settings in, a manager out. Nothing else in the project knows all of these parts.
 */
import { Registry } from 'prom-client';
import { evaluatePolicy, policyProblems, policySelects } from '../checks/index.ts';
import {
  createMCPServerController,
  type PolicyVerdicts,
  type ProbeFunction,
} from '../controllers/mcpserver/index.ts';
import type { ControllerParts } from '../controllers/parts.ts';
import {
  createDefaultPolicyController,
  createSecurityPolicyController,
  type LocksPort,
  type SecurityPolicyController,
} from '../controllers/securitypolicy/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { systemRandom } from '../core/random.ts';
import { probe as probeServer } from '../mcp/index.ts';
import type { RenderSettings } from '../render/index.ts';
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
/** A policy costs one write of its status now and then. */
const POLICY_CONCURRENCY = 2;
/** This process serves no webhook, and knows of no second lock. */
const NO_LOCKS: LocksPort = {
  locks: () => ({ webhook: false, secondLock: false }),
  hasSynced: () => true,
  onChange: () => () => undefined,
};

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
    runnables: runnables(shared, informers, events),
    ...(settings.leaderElect && { elector: elector(shared) }),
    healthProbeBindAddress: settings.healthProbeBindAddress,
    metricsBindAddress: settings.metricsBindAddress,
    registry,
    close: () => apiServer.close(),
  });
}

function runnables(shared: Shared, informers: Informers, recorder: EventRecorder): readonly Runnable[] {
  const { settings } = shared;
  const { parts, verdicts } = securityPolicies(shared, informers, recorder);
  return [
    running(shared, mcpServers(shared, informers, recorder, verdicts), settings.concurrency),
    running(shared, parts, POLICY_CONCURRENCY),
    ...(settings.defaultPolicy ? [running(shared, defaultPolicy(shared, informers), 1)] : []),
  ];
}

function running({ logger, metrics }: Shared, parts: ControllerParts, concurrency: number): Runnable {
  return createController({ ...parts, concurrency, logger, observer: metrics.controller(parts.name) });
}

function securityPolicies(
  { apiServer, logger, registry, ...shared }: Shared,
  informers: Informers,
  events: EventRecorder,
): SecurityPolicyController {
  const { watchNamespaces } = shared.settings;
  // Events about cluster-scoped objects are kept in `default`: without a right there, the conditions must do.
  const mayRecord = watchNamespaces.length === 0 || watchNamespaces.includes('default');
  return createSecurityPolicyController({
    client: apiServer.client('securitypolicy'),
    informers,
    recorder: mayRecord ? events : { event: () => undefined },
    metrics: registry,
    engine: { policyProblems, policySelects, evaluatePolicy },
    locks: NO_LOCKS,
    clock: systemClock,
    random: systemRandom,
    logger,
    rendering: rendering(shared),
  });
}

function defaultPolicy({ apiServer, identity }: Shared, informers: Informers): ControllerParts {
  const client = apiServer.client('defaultpolicy');
  return createDefaultPolicyController({ client, informers, namespace: identity.operatorNamespace });
}

function rendering({ settings, identity }: Pick<Shared, 'settings' | 'identity'>): RenderSettings {
  return {
    clusterDNS: settings.clusterDNS,
    operator: {
      namespaceLabels: { 'kubernetes.io/metadata.name': identity.operatorNamespace },
      podLabels: settings.operatorPodLabels,
    },
  };
}

function mcpServers(
  shared: Shared,
  informers: Informers,
  recorder: EventRecorder,
  policies: PolicyVerdicts,
): ControllerParts {
  const { apiServer, logger, settings, identity, registry, probe = probeServer } = shared;
  return createMCPServerController({
    client: apiServer.client('mcpserver'),
    informers,
    recorder,
    probe,
    policies,
    metrics: registry,
    clock: systemClock,
    random: systemRandom,
    logger,
    settings: {
      rendering: rendering(shared),
      addresses: settings.probe,
      probeConcurrency: settings.probe.concurrency,
      serviceAccount: identity.serviceAccount,
      version: VERSION,
    },
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
