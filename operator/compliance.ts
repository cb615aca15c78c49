/** Compliance, wired: the controllers of its kinds, and the runs that go on beside them. */
import { controlsOf } from '../checks/controls/index.ts';
import { CHECKS } from '../checks/registry.ts';
import {
  createComplianceControllers,
  type ApprovedWaiversPort,
  type ComplianceMetrics,
  type RemediableFindings,
} from '../controllers/compliancecheck/index.ts';
import type { DriftOf } from '../controllers/mcpserver/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Store } from '../stores/index.ts';
import { announceStanding, CheckpointConfigMap, createLedgerWatch, ledgerOf } from './ledger-checkpoints.ts';
import type { Runnable } from './runtime/index.ts';
import { rendering, running, type Shared } from './shared.ts';
import { VERSION } from './version.ts';

/** A check costs a few writes of its status a run, a server one. */
const CONCURRENCY = 4;

/** What runs, and what others ask of it. */
export interface Compliance {
  readonly runnables: readonly Runnable[];
  /** Absent without a store. */
  readonly findings: RemediableFindings | undefined;
}

/** Asks for its informers, so call it before they are started. @param driftOf of the controller of servers. */
export function compliance(shared: Shared, driftOf: DriftOf, approvals: ApprovedWaiversPort): Compliance {
  const { apiServer, informers, recorder, registry, logger, settings, identity, history } = shared;
  const { parts, runnables, metrics, findings } = createComplianceControllers({
    client: apiServer.client('compliancecheck'),
    discovery: apiServer.discovery('compliancecheck'),
    informers,
    recorder: inServedNamespaces(shared, recorder),
    metrics: registry,
    ...(history && { history }),
    catalogue: { checks: CHECKS, controls: controlsOf },
    approvals,
    driftOf,
    clock: systemClock,
    logger,
    settings: {
      rendering: rendering(shared),
      addresses: settings.probe,
      concurrency: settings.compliance.concurrency,
      namespaces: settings.watchNamespaces,
      serviceAccount: identity.serviceAccount,
      tool: { name: 'mcp-operator', version: VERSION },
    },
  });
  return {
    runnables: [
      ...parts.map((part) => running(shared, part, CONCURRENCY)),
      ...runnables,
      ...(history ? [ledgerWatch(shared, history, metrics)] : []),
    ],
    findings,
  };
}

function ledgerWatch(
  { apiServer, identity, logger, recorder, settings }: Shared,
  store: Store,
  metrics: Pick<ComplianceMetrics, 'store' | 'ledger'>,
): Runnable {
  const { operatorNamespace } = identity;
  const { watchNamespaces } = settings;
  const mayRecord = watchNamespaces.length === 0 || watchNamespaces.includes(operatorNamespace);
  return createLedgerWatch({
    source: ledgerOf(store),
    sink: new CheckpointConfigMap(apiServer.client('ledger'), operatorNamespace),
    onPlace: async (ledgerHead) =>
      metrics.store({ ledgerHead, outbox: await (await store.outbox()).depth() }),
    onStanding: (standing) => {
      metrics.ledger(standing.kind);
      if (mayRecord) announceStanding(recorder, operatorNamespace, standing);
    },
    clock: systemClock,
    logger,
  });
}

/** Events about cluster-scoped objects are kept in `default`: without a right there, the conditions must do. */
function inServedNamespaces({ settings }: Shared, recorder: Shared['recorder']): Shared['recorder'] {
  const { watchNamespaces } = settings;
  if (watchNamespaces.length === 0 || watchNamespaces.includes('default')) return recorder;
  return {
    event: (object, details) => {
      if (object.metadata.namespace !== undefined) recorder.event(object, details);
    },
  };
}
