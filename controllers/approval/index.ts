/**
 * The controllers of approval: of ApprovalRequests, and of what executed ones mean for servers. The store's rows decide; objects are read, and
 * statuses are written.
 */
import type { Registry } from 'prom-client';
import { isFinal, type ApprovalStore } from '../../approval/index.ts';
import type { ApprovalPolicy } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import {
  createConsistencyStore,
  createObjectWriter,
  watchSelf,
  type EventRecorder,
  type Informers,
  type KubernetesClient,
  type Runnable,
} from '../../operator/runtime/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import type { RunHistory } from '../../checks/engine/history.ts';
import { recordPolicyChanges } from '../compliancecheck/index.ts';
import { COMPLIANCE_CHECK, NAMESPACE } from '../compliancecheck/kinds.ts';
import { APPROVAL_DECISION, APPROVAL_POLICY, APPROVAL_REQUEST, createAuthority } from '../decisions/index.ts';
import { createAdmissionWatch, type LockPiece } from '../locks/index.ts';
import { MCPSERVER } from '../mcpserver/index.ts';
import type { ControllerParts } from '../parts.ts';
import { ApprovalFeed } from './feed.ts';
import { REQUEST_INDEX, TARGET_INDEX, requestsOfDecision, targetsOfRequest } from './kinds.ts';
import { FindingsReconciler, type FindingsPort } from './findings.ts';
import { createApprovalMetrics } from './metrics.ts';
import { ServerProjection } from './projection.ts';
import { RequestReconciler } from './reconciler.ts';
import { approvalRoles, recordApprovalRoles } from './roles.ts';
import type { ApprovalSources } from './sources.ts';
import { patient } from './store-trouble.ts';
import { type ApprovedWaivers, WaiverReconciler } from './waivers.ts';
import { isOtherShare, keyOfTarget, requestWatches } from './watches.ts';

export type { FindingsPort } from './findings.ts';
export { ApprovedWaivers } from './waivers.ts';
export { APPROVAL_PERMISSIONS } from './permissions.ts';

/** Never changed: the ownership of every field that was ever written hangs on it. */
const FIELD_MANAGER = 'mcp-operator/approval';
/** Rights that are taken away count no more after this long; the executor asks anew each time. */
const AUTHORITY_MS = 5_000;

export interface ApprovalSettings {
  readonly rendering: RenderSettings;
  /** The namespaces that are served; empty means all. */
  readonly namespaces: readonly string[];
  /** Key of `extra` that persons are told apart by; empty for the username. */
  readonly personKey: string;
  /** Username of the executor's ServiceAccount; empty when there is none. */
  readonly executor: string;
}

export interface ApprovalDependencies {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  readonly metrics: Registry;
  /** Absent without a store: then every request says so. */
  readonly store?: ApprovalStorage;
  /** Absent: nothing is asked for by the operator itself. */
  readonly findings?: FindingsPort;
  /** Where executed approvals of waivers are remembered. */
  readonly waivers?: ApprovedWaivers;
  /** What must be whole for a decision to count. */
  readonly locks: readonly LockPiece[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ApprovalSettings;
}

/** What is kept, and where. */
export interface ApprovalStorage {
  readonly approvals: ApprovalStore;
  /** For what is no request: changes of policies. */
  readonly history: RunHistory;
  /** Number of the ledger's last row; 0 while there is none. */
  readonly ledgerHead: () => Promise<number>;
  /** Whether the ledger goes on from its checkpoint outside: false for a database that was restored, until somebody acknowledges that. */
  readonly isLedgerContinued: (signal: AbortSignal) => Promise<boolean>;
}

/** The parts of the controllers, and what runs beside them. */
export interface ApprovalControllers {
  readonly parts: readonly ControllerParts[];
  readonly runnables: readonly Runnable[];
}

/** Asks for its informers, so call it before they are started. */
export function createApprovalControllers(dependencies: ApprovalDependencies): ApprovalControllers {
  const { client, clock, recorder, store, locks, settings } = dependencies;
  const logger = dependencies.logger.child({ controller: 'approval' });
  const sources = sourcesOf(dependencies, logger);
  const { namespaces } = settings;
  const feed =
    store &&
    new ApprovalFeed({ store: store.approvals, ledgerHead: store.ledgerHead, namespaces, clock, logger });
  const admission = createAdmissionWatch({
    client,
    ...(store && { store: store.approvals }),
    fence: () => (feed === undefined ? Promise.reject(new Error('there is no store')) : feed.fence()),
    pieces: locks,
    clock,
    logger,
  });
  const metrics = createApprovalMetrics(dependencies.metrics, () => feed?.rows.list() ?? [], clock);
  // What the executor ends is seen in the store alone.
  feed?.onRow((row) => {
    if (EXECUTED.has(row.phase)) metrics.moved(undefined, row);
  });
  const consistency = createConsistencyStore(clock);
  const writer = createObjectWriter({
    client,
    informerOf: dependencies.informers.for.bind(dependencies.informers),
    fieldManager: FIELD_MANAGER,
    consistency,
    logger,
  });
  const reconciler = new RequestReconciler({
    sources,
    ...(feed && { feed }),
    admission,
    writer,
    recorder,
    metrics,
    clock,
  });
  const requests: ControllerParts = {
    name: 'approvalrequest',
    reconciler: patient(reconciler),
    watches: requestWatches(sources, feed),
    consistency,
  };
  if (feed === undefined || store === undefined) return { parts: [requests], runnables: [] };
  return {
    parts: [
      requests,
      projectionParts(dependencies, sources, { feed, storage: store, logger }),
      ...findingsParts(dependencies, sources, feed),
      ...waiverParts(dependencies, sources, feed),
    ],
    runnables: [feed, admission, ...changesOfRules(dependencies, sources, logger)],
  };
}

/** The ledger knows who must have agreed, and who could, at any time. */
function changesOfRules(
  { store, clock, informers }: ApprovalDependencies,
  { policies }: ApprovalSources,
  logger: Logger,
): readonly Runnable[] {
  if (store === undefined) return [];
  const describe = ({ spec }: ApprovalPolicy): string =>
    `${spec.quorum.approvals} approvals, ${spec.quorum.denials} denials, ${spec.auto === undefined ? 'nothing' : 'something'} automatic`;
  const parts = { history: store.history, clock, logger };
  return [
    recordPolicyChanges({ policies, describe, ...parts }),
    recordApprovalRoles({ roles: approvalRoles(informers), ...parts }),
  ];
}

interface ServerProjectionParts {
  readonly feed: ApprovalFeed;
  readonly storage: Pick<ApprovalStorage, 'isLedgerContinued'>;
  readonly logger: Logger;
}

/** Of what was executed for servers. */
function projectionParts(
  { client, informers, recorder, clock }: ApprovalDependencies,
  { servers }: ApprovalSources,
  { feed, storage: { isLedgerContinued }, logger }: ServerProjectionParts,
): ControllerParts {
  const consistency = createConsistencyStore(clock);
  const writer = createObjectWriter({
    client,
    informerOf: informers.for.bind(informers),
    fieldManager: FIELD_MANAGER,
    consistency,
    logger,
  });
  return {
    name: 'approvedservers',
    reconciler: patient(
      new ServerProjection({ servers: servers.store, feed, writer, recorder, isLedgerContinued }),
    ),
    watches: [watchSelf(servers, isOtherShare), feed.watch((row) => [keyOfTarget(row)])],
    consistency,
  };
}

/** Of what checks found. */
function findingsParts(
  { client, findings, clock }: ApprovalDependencies,
  sources: ApprovalSources,
  feed: ApprovalFeed,
): readonly ControllerParts[] {
  if (findings === undefined) return [];
  return [
    {
      name: 'approvalfindings',
      reconciler: patient(new FindingsReconciler({ sources, findings, feed, client, clock })),
      watches: [...findings.watches, feed.watch((row) => (isFinal(row.phase) ? [keyOfTarget(row)] : []))],
    },
  ];
}

/** Of what tenants may waive. */
function waiverParts(
  { waivers }: ApprovalDependencies,
  { checks }: ApprovalSources,
  feed: ApprovalFeed,
): readonly ControllerParts[] {
  if (waivers === undefined) return [];
  return [
    {
      name: 'approvedwaivers',
      reconciler: patient(new WaiverReconciler({ checks: checks.store, feed, waivers })),
      watches: [watchSelf(checks), feed.watch((row) => (isFinal(row.phase) ? [keyOfTarget(row)] : []))],
    },
  ];
}

const EXECUTED: ReadonlySet<string> = new Set(['Executed', 'Failed', 'RolledBack']);

const REQUEST_INDEXERS = { [TARGET_INDEX]: targetsOfRequest };
const DECISION_INDEXERS = { [REQUEST_INDEX]: requestsOfDecision };

function sourcesOf(
  { informers, client, clock, settings }: ApprovalDependencies,
  logger: Logger,
): ApprovalSources {
  const { rendering, personKey, executor } = settings;
  return {
    requests: informers.for(APPROVAL_REQUEST, { indexers: REQUEST_INDEXERS }),
    decisions: informers.for(APPROVAL_DECISION, { indexers: DECISION_INDEXERS }),
    policies: informers.for(APPROVAL_POLICY),
    servers: informers.for(MCPSERVER),
    checks: informers.for(COMPLIANCE_CHECK),
    namespaces: informers.forMetadata(NAMESPACE),
    authority: createAuthority({ client, clock, logger, rememberMs: AUTHORITY_MS }),
    rendering,
    personKey,
    executor,
  };
}
