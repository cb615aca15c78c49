/**
 * The controller of MCPServers: runs them, asks them in their own protocol whether they work, and reports.
 */
import type { MCPServer } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import {
  createConsistencyStore,
  createObjectWriter,
  parseKey,
  watchMapped,
  watchOwned,
  watchSelf,
  type Change,
  type EventRecorder,
  type Informer,
  type Informers,
  type KubernetesClient,
  type KubernetesObject,
  type ResourceType,
  type MetricsRegistry,
} from '../../operator/runtime/index.ts';
import { MANAGED_BY_SELECTOR, render, type RenderSettings } from '../../render/index.ts';
import { createAddressPolicies, type AddressSettings } from '../addresses/index.ts';
import type { ControllerParts } from '../parts.ts';
import type { PolicyVerdicts } from './broken-policies.ts';
import { driftOfChildren } from './children.ts';
import {
  DEPLOYMENT,
  MCPSERVER,
  NETWORK_POLICY,
  POD,
  POD_DISRUPTION_BUDGET,
  SERVICE,
  SERVICE_ACCOUNT,
} from './kinds.ts';
import { createServerMetrics } from './metrics.ts';
import { SERVER_INDEX, serversOfPod } from './observe.ts';
import type { ProbeFunction } from './probe-server.ts';
import { Prober } from './prober.ts';
import { MCPServerReconciler } from './reconciler.ts';
import type { ServiceAccountName } from './references.ts';

export type { BrokenPolicy, PolicyVerdicts } from './broken-policies.ts';
export { MCPSERVER, POD, type Pod } from './kinds.ts';
export { SERVER_INDEX, serversOfPod } from './observe.ts';
export { isReady } from './pod-failures.ts';
export { readReferences, type ReadReferences, type ReferenceReader } from './references.ts';
export type { ProbeFunction } from './probe-server.ts';
export type { ServiceAccountName } from './references.ts';

/** Never changed: the ownership of every field that was ever written hangs on it. */
const FIELD_MANAGER = 'mcp-operator/mcpserver';

/** What an administrator can set. */
export interface MCPServerControllerSettings {
  readonly rendering: RenderSettings;
  readonly addresses: AddressSettings;
  /** Probes at the same time. */
  readonly probeConcurrency: number;
  /** The operator's own identity, named in the command that grants it the right to read Secrets. */
  readonly serviceAccount: ServiceAccountName;
  /** How the operator introduces itself to servers. */
  readonly version: string;
}

export interface MCPServerControllerDependencies {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  /** `probe` of `mcp/`, or a stand-in. */
  readonly probe: ProbeFunction;
  readonly policies: PolicyVerdicts;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: MCPServerControllerSettings;
}

/** Where the children of a server are not as they were rendered; undefined where that is not known. From the caches. */
export type DriftOf = (
  server: MCPServer,
) => readonly { readonly object: string; readonly path: string }[] | undefined;

/** The controller's parts, and what others ask of it. */
export interface MCPServerController extends ControllerParts {
  readonly driftOf: DriftOf;
}

/** Asks for its informers, so call it before they are started. */
export function createMCPServerController(
  dependencies: MCPServerControllerDependencies,
): MCPServerController {
  const { client, informers, recorder, probe, policies, clock, random, settings } = dependencies;
  const logger = dependencies.logger.child({ controller: 'mcpserver' });
  const servers = informers.for(MCPSERVER);
  const children = watchedChildren(informers);
  const pods = informers.for(POD, {
    labelSelector: MANAGED_BY_SELECTOR,
    indexers: { [SERVER_INDEX]: serversOfPod },
  });
  const addresses = createAddressPolicies(informers, settings.addresses);
  const metrics = createServerMetrics(dependencies.metrics);
  const prober = new Prober({
    concurrency: settings.probeConcurrency,
    clock,
    random,
    logger,
    onResult: (result, durationMs) => metrics.probed(result, durationMs),
  });
  const consistency = createConsistencyStore(clock);
  const informerOf = <T extends KubernetesObject>(type: ResourceType<T>): Informer<T> =>
    type.kind === MCPSERVER.kind ? informers.for(type) : informers.for(type, CHILDREN);
  const writer = createObjectWriter({ client, informerOf, fieldManager: FIELD_MANAGER, consistency, logger });
  const reconciler = new MCPServerReconciler({
    servers: servers.store,
    sources: {
      deployments: informers.for(DEPLOYMENT, CHILDREN).store,
      pods: pods.store,
      addresses: addresses.policies,
      recall: (server, known) => prober.recall(server, known),
      nowMs: () => clock.now().getTime(),
    },
    writer,
    recorder,
    prober,
    policies,
    probing: {
      probe,
      references: { client, operator: settings.serviceAccount },
      addresses: addresses.policies,
      clientInfo: { name: 'mcp-operator', version: settings.version },
      clock,
    },
    metrics,
    rendering: settings.rendering,
  });
  return {
    name: 'mcpserver',
    reconciler,
    watches: [
      watchSelf(servers),
      // What was executed for a server shows in its status first.
      watchSelf(servers, approvalsChanged),
      ...children.map((child) => watchOwned(child, MCPSERVER)),
      watchMapped(pods, (pod) => serversOfPod(pod).map(parseKey)),
      prober.watch(),
      policies.watch(),
      ...addresses.watches,
    ],
    consistency,
    driftOf: (server) => driftOfChildren(server, render(server, settings.rendering), writer),
  };
}

function approvalsChanged(change: Change<MCPServer>): boolean {
  if (change.kind !== 'update') return false;
  const seen = ({ status }: MCPServer): string => JSON.stringify([status?.quarantine, status?.baseline]);
  return seen(change.object) !== seen(change.previous);
}

/** Only what carries our label is cached: on a large cluster the rest is most of it, and none of our business. */
const CHILDREN = { labelSelector: MANAGED_BY_SELECTOR };

function watchedChildren(informers: Informers): readonly Informer<KubernetesObject>[] {
  const types: readonly ResourceType[] = [
    SERVICE_ACCOUNT,
    NETWORK_POLICY,
    SERVICE,
    DEPLOYMENT,
    POD_DISRUPTION_BUDGET,
  ];
  return types.map((type) => informers.for(type, CHILDREN));
}
