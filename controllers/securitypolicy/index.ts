/**
 * The controller of MCPSecurityPolicies: judges the servers that are there already by the rules that admission asks, and reports; and
 * the policy that a cluster begins with. It changes no server and none of its children.
 */
import type { Registry } from 'prom-client';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import {
  createConsistencyStore,
  createObjectWriter,
  keyOf,
  watchSelf,
  type Change,
  type EventRecorder,
  type Informer,
  type Informers,
  type KubernetesClient,
  type Watch,
} from '../../operator/runtime/index.ts';
import type { MCPSecurityPolicy } from '../../api/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import { MCPSERVER, type PolicyVerdicts } from '../mcpserver/index.ts';
import type { ControllerParts } from '../parts.ts';
import { DEFAULT_POLICY, DefaultPolicyReconciler } from './default-policy.ts';
import type { PolicyEngine } from './engine.ts';
import { Evaluations } from './evaluations.ts';
import { NAMESPACE, SECURITY_POLICY } from './kinds.ts';
import type { LocksPort } from './locks.ts';
import { registerPolicyMetrics } from './metrics.ts';
import { PolicyReconciler } from './reconciler.ts';

export type { PolicyEngine } from './engine.ts';
export type { Locks, LocksPort } from './locks.ts';

/** Never changed: the ownership of every field that was ever written hangs on it. */
const FIELD_MANAGER = 'mcp-operator/securitypolicy';

/**
 * Figures move with every server that comes and goes, and each write is told to all who watch policies. An edit is answered at once;
 * a burst of servers costs one write in five seconds.
 */
const WRITE_BUDGET = { burst: 3, perSecond: 1 / 5 };

export interface SecurityPolicyDependencies {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  readonly metrics: Registry;
  readonly engine: PolicyEngine;
  readonly locks: LocksPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** As the controller of servers renders. */
  readonly rendering: RenderSettings;
}

/** The controller's parts, and what the controller of servers asks. */
export interface SecurityPolicyController {
  readonly parts: ControllerParts;
  readonly verdicts: PolicyVerdicts;
}

/** Asks for its informers, so call it before they are started. */
export function createSecurityPolicyController(
  dependencies: SecurityPolicyDependencies,
): SecurityPolicyController {
  const { client, informers, recorder, locks, clock } = dependencies;
  const logger = dependencies.logger.child({ controller: 'securitypolicy' });
  const policies = informers.for(SECURITY_POLICY);
  const evaluations = new Evaluations({
    ...dependencies,
    logger,
    policies,
    servers: informers.for(MCPSERVER),
    namespaces: informers.forMetadata(NAMESPACE),
  });
  registerPolicyMetrics(dependencies.metrics, () => evaluations.figures());
  const consistency = createConsistencyStore(clock);
  const informerOf = informers.for.bind(informers);
  const writer = createObjectWriter({ client, informerOf, fieldManager: FIELD_MANAGER, consistency, logger });
  const reconciler = new PolicyReconciler({
    policies: policies.store,
    evaluations,
    locks,
    writer,
    recorder,
    clock,
  });
  const watches = [watchSelf(policies, specChanged), evaluations.policyWatch(), watchLocks(locks, policies)];
  const parts = { name: 'securitypolicy', reconciler, watches, consistency, keyBudget: WRITE_BUDGET };
  return { parts, verdicts: evaluations };
}

export interface DefaultPolicyDependencies {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  /** The operator's own. */
  readonly namespace: string;
}

/** The parts of what creates the policy `default`, where nobody has one. */
export function createDefaultPolicyController(dependencies: DefaultPolicyDependencies): ControllerParts {
  const { client, informers, namespace } = dependencies;
  const policies = informers.for(SECURITY_POLICY);
  const reconciler = new DefaultPolicyReconciler({
    client,
    policies: policies.store,
    namespace,
    fieldManager: FIELD_MANAGER,
  });
  return { name: 'defaultpolicy', reconciler, watches: [once(policies)] };
}

/** Names the one key there is, when policies are known. */
function once(policies: Informer<MCPSecurityPolicy>): Watch {
  return {
    hasSynced: () => policies.hasSynced(),
    start: (enqueue) => {
      enqueue({ namespace: '', name: DEFAULT_POLICY }, 0);
      return () => undefined;
    },
  };
}

/** Nothing else of a policy has a bearing on its status. */
function specChanged(change: Change<MCPSecurityPolicy>): boolean {
  return (
    change.kind !== 'update' || change.object.metadata.generation !== change.previous.metadata.generation
  );
}

/** Every policy's condition Enforced rests on the locks. */
function watchLocks(locks: LocksPort, policies: Informer<MCPSecurityPolicy>): Watch {
  return {
    hasSynced: () => locks.hasSynced(),
    start: (enqueue) =>
      locks.onChange(() => {
        for (const policy of policies.store.list()) enqueue(keyOf(policy), 0);
      }),
  };
}
