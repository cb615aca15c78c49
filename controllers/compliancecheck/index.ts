/**
 * The controllers of compliance: of ComplianceChecks, of ClusterComplianceChecks, and of what both say of each server. Runs go on beside them,
 * while this process leads.
 */
import type { Registry } from 'prom-client';
import type { RunHistory } from '../../checks/engine/history.ts';
import type { RunRecord } from '../../checks/engine/record.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import {
  createConsistencyStore,
  createObjectWriter,
  keyOf,
  watchMapped,
  watchSelf,
  type Discovery,
  type EventRecorder,
  type Informer,
  type Informers,
  type KubernetesClient,
  type ResourceType,
  type Runnable,
} from '../../operator/runtime/index.ts';
import { MANAGED_BY_SELECTOR, type RenderSettings } from '../../render/index.ts';
import { createAddressPolicies, type AddressSettings } from '../addresses/index.ts';
import { createReportPublisher } from '../compliancereport/index.ts';
import {
  MCPSERVER,
  POD,
  SERVER_INDEX,
  serversOfPod,
  type DriftOf,
  type ServiceAccountName,
} from '../mcpserver/index.ts';
import type { ControllerParts } from '../parts.ts';
import type { ApprovedWaiversPort } from './counting-waivers.ts';
import {
  CLUSTER_COMPLIANCE_CHECK,
  COMPLIANCE_CHECK,
  COMPLIANCE_PROFILE,
  NAMESPACE,
  SECURITY_POLICY,
  type AnyCheck,
} from './kinds.ts';
import { createLiveFacts } from './live-facts.ts';
import { createComplianceMetrics, type ComplianceMetrics } from './metrics.ts';
import { policyChanges as recordPolicyChanges } from './policy-changes.ts';
import type { Catalogue } from './profile.ts';
import { CheckReconciler } from './reconciler.ts';
import { remediableFindings, type RemediableFindings } from './remediable.ts';
import { createReportSweep } from './report-sweep.ts';
import { Runs } from './runs.ts';
import { createServerEvaluator } from './server-evaluator.ts';
import { ServerReconciler } from './server-reconciler.ts';
import { Servers } from './servers.ts';
import { createVulnerabilityReader } from './vulnerabilities.ts';
import {
  concerns,
  covering,
  isRelabelled,
  namingProfile,
  serversIn,
  specChanged,
  verdictMayChange,
} from './watches.ts';

export type { ApprovedWaiversPort, WaiverApprovals } from './counting-waivers.ts';
export type { ComplianceMetrics } from './metrics.ts';
export { ChangeRecorder, type ChangeRecorderOptions } from './change-recorder.ts';
export { policyChanges as recordPolicyChanges } from './policy-changes.ts';
export type { Catalogue } from './profile.ts';
export type { RemediableFindings } from './remediable.ts';

/** Never changed: the ownership of every field that was ever written hangs on it. */
const FIELD_MANAGER = 'mcp-operator/compliancecheck';

export interface ComplianceSettings {
  readonly rendering: RenderSettings;
  readonly addresses: AddressSettings;
  /** Servers that are checked at the same time. */
  readonly concurrency: number;
  /** The namespaces that are served; empty means all. */
  readonly namespaces: readonly string[];
  /** The operator's own identity, named in the command that grants it the right to read Secrets. */
  readonly serviceAccount: ServiceAccountName;
  /** How the operator introduces itself, and what history says looked. */
  readonly tool: RunRecord['tool'];
}

export interface ComplianceDependencies {
  readonly client: KubernetesClient;
  readonly discovery: Discovery;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  readonly metrics: Registry;
  /** Absent without a store: then every check says so. */
  readonly history?: RunHistory;
  readonly catalogue: Catalogue;
  /** Absent where nothing can be approved: then no waiver of a tenant counts. */
  readonly approvals?: ApprovedWaiversPort;
  readonly driftOf: DriftOf;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ComplianceSettings;
}

/** The parts of the controllers, and what runs beside them. */
export interface ComplianceControllers {
  readonly parts: readonly ControllerParts[];
  readonly runnables: readonly Runnable[];
  readonly metrics: ComplianceMetrics;
  /** What may be asked to be repaired; absent without a store. */
  readonly findings?: RemediableFindings;
}

/** Asks for its informers, so call it before they are started. */
export function createComplianceControllers(dependencies: ComplianceDependencies): ComplianceControllers {
  const { informers, clock, recorder, client } = dependencies;
  const logger = dependencies.logger.child({ controller: 'compliancecheck' });
  const informerOf = informers.for.bind(informers);
  const servers = informers.for(MCPSERVER);
  const namespaces = informers.forMetadata(NAMESPACE);
  const profiles = informers.for(COMPLIANCE_PROFILE);
  const scope = new Servers(servers.store, namespaces.store);
  const metrics = createComplianceMetrics(dependencies.metrics);
  const addresses = createAddressPolicies(informers, dependencies.settings.addresses);
  const kinds: readonly Informer<AnyCheck>[] = [
    informers.for(COMPLIANCE_CHECK),
    informers.for(CLUSTER_COMPLIANCE_CHECK),
  ];
  const checks = (): readonly AnyCheck[] => kinds.flatMap(({ store }) => store.list());
  const runs = createRuns({ ...dependencies, logger }, { scope, checks }, addresses.policies, metrics);
  const controllers = kinds.map((informer): ControllerParts => {
    const consistency = createConsistencyStore(clock);
    const writer = createObjectWriter({
      client,
      informerOf,
      fieldManager: FIELD_MANAGER,
      consistency,
      logger,
    });
    const type: ResourceType<AnyCheck> = informer.type;
    const reconciler = new CheckReconciler({
      type,
      checks: informer.store,
      profiles: profiles.store,
      servers: scope,
      ...(runs && { runs }),
      catalogue: dependencies.catalogue,
      ...(dependencies.approvals && { approvals: dependencies.approvals }),
      writer,
      recorder,
      metrics,
      clock,
    });
    const watches = [
      watchSelf(informer),
      watchMapped(profiles, (profile) => namingProfile(informer, profile)),
      watchMapped(servers, (server) => covering(informer, scope, server), concerns),
      watchMapped(namespaces, () => informer.store.list().map(keyOf), isRelabelled),
      ...(runs ? [runs.watch(type.kind)] : []),
      ...(dependencies.approvals && type.namespaced ? [dependencies.approvals.watch()] : []),
      ...addresses.watches,
    ];
    return { name: type.kind.toLowerCase(), reconciler, watches, consistency };
  });
  const consistency = createConsistencyStore(clock);
  const writer = createObjectWriter({ client, informerOf, fieldManager: FIELD_MANAGER, consistency, logger });
  const reconciler = new ServerReconciler({
    servers: servers.store,
    scope,
    checks,
    ...(runs && { runs }),
    writer,
    recorder,
    clock,
  });
  const verdicts: ControllerParts = {
    name: 'compliantservers',
    reconciler,
    watches: [
      watchMapped(servers, (server) => [keyOf(server)], verdictMayChange),
      ...kinds.map((informer) =>
        watchMapped(
          informer,
          (check) => scope.coveredBy(check).map(({ server }) => keyOf(server)),
          specChanged,
        ),
      ),
      watchMapped(namespaces, ({ metadata }) => serversIn(servers, metadata.name), isRelabelled),
      ...(runs ? [runs.serverWatch()] : []),
    ],
    consistency,
  };
  const findings = runs && remediableFindings({ servers, kinds, scope, runs, checks });
  return {
    parts: [...controllers, verdicts],
    runnables: runs ? [runs, ...policyChanges(dependencies)] : [],
    metrics,
    ...(findings && { findings }),
  };
}

function policyChanges({ history, informers, clock, logger }: ComplianceDependencies): readonly Runnable[] {
  if (history === undefined) return [];
  const policies = informers.for(SECURITY_POLICY);
  return [
    recordPolicyChanges({ policies, describe: ({ spec }) => spec.enforcement, history, clock, logger }),
  ];
}

function createRuns(
  dependencies: ComplianceDependencies,
  { scope, checks }: { readonly scope: Servers; readonly checks: () => readonly AnyCheck[] },
  addresses: ReturnType<typeof createAddressPolicies>['policies'],
  metrics: ReturnType<typeof createComplianceMetrics>,
): Runs | undefined {
  const { history, client, discovery, informers, catalogue, driftOf, clock, logger, settings } = dependencies;
  if (history === undefined) return undefined;
  const { rendering, tool } = settings;
  const pods = informers.for(POD, {
    labelSelector: MANAGED_BY_SELECTOR,
    indexers: { [SERVER_INDEX]: serversOfPod },
  });
  const vulnerabilities = createVulnerabilityReader({ client, discovery, clock, logger });
  const evaluator = createServerEvaluator({
    checks: catalogue.checks,
    references: { client, operator: settings.serviceAccount },
    addresses,
    live: createLiveFacts({ pods: pods.store, rendering, driftOf, vulnerabilities }),
    rendering,
    tool,
    clock,
    logger,
  });
  const { namespaces } = settings;
  const publisher = createReportPublisher({
    client,
    discovery,
    namespaces,
    clock,
    logger,
    observe: (kind) => metrics.reported(kind),
  });
  return new Runs({
    history,
    evaluator,
    serverOf: (server) => scope.runnable(server),
    publish: (share, signal) => publisher.publish(share, signal),
    sweep: createReportSweep({ publisher, checks, servers: scope, logger }),
    onRun: (run) => metrics.ran(run),
    tool,
    concurrency: settings.concurrency,
    clock,
    logger,
  });
}
