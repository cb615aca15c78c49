/**
 * The controllers of MCPServers and of MCPSecurityPolicies together in the test's own process, with the real rules, against an API
 * server that they share with no other operator: policies are cluster-scoped. Probes succeed.
 */
import { evaluatePolicy, policyProblems, policySelects } from '../../checks/index.ts';
import { createMCPServerController } from '../../controllers/mcpserver/index.ts';
import {
  createDefaultPolicyController,
  createSecurityPolicyController,
  type Locks,
} from '../../controllers/securitypolicy/index.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  connect,
  createController,
  createInformers,
  loadClusterAccess,
  MetricsRegistry,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { VERIFIED } from './mcpserver-controller.ts';

export interface PolicyControllers {
  /** `Kind/name: Reason` of each event, in order. */
  readonly events: readonly string[];
  readonly metrics: MetricsRegistry;
  /** Sets what the locks are, and says so. */
  setLocks(locks: Locks): void;
  stop(): Promise<void>;
}

export interface PolicyControllersFixture {
  readonly kubeconfigPath: string;
  /** The operator's own namespace, when it is to decide about the policy `default`. */
  readonly defaultPolicyIn?: string;
}

/** Starts the controllers, as the operator does, and waits for their caches. */
export async function startPolicyControllers(fixture: PolicyControllersFixture): Promise<PolicyControllers> {
  const end = new AbortController();
  const api = connect(await loadClusterAccess({ path: fixture.kubeconfigPath }), {
    program: 'policy-test/0',
  });
  const client = api.client('policies');
  const logger = silentLogger;
  const informers = createInformers({ client, logger });
  const events: string[] = [];
  const metrics = new MetricsRegistry();
  let locks: Locks = { webhook: true, secondLock: true };
  let lockChanged: () => void = () => undefined;
  const shared = {
    client,
    informers,
    recorder: {
      event: (
        { kind, metadata }: { kind: string; metadata: { name: string } },
        { reason }: { reason: string },
      ) => void events.push(`${kind}/${metadata.name}: ${reason}`),
    },
    metrics,
    clock: systemClock,
    random: Math.random,
    logger,
  };
  const { parts, verdicts } = createSecurityPolicyController({
    ...shared,
    engine: { evaluatePolicy, policyProblems, policySelects },
    locks: {
      locks: () => locks,
      hasSynced: () => true,
      onChange: (tell) => {
        lockChanged = tell;
        return () => undefined;
      },
    },
    rendering: DEFAULT_RENDER_SETTINGS,
  });
  const servers = createMCPServerController({
    ...shared,
    policies: verdicts,
    probe: () => Promise.resolve(VERIFIED),
    settings: {
      rendering: DEFAULT_RENDER_SETTINGS,
      addresses: { allowedCIDRs: [], refusedCIDRs: [] },
      probeConcurrency: 4,
      serviceAccount: { namespace: 'mcp-system', name: 'mcp-operator' },
      version: '0',
    },
  });
  const { defaultPolicyIn: namespace } = fixture;
  const decision =
    namespace === undefined ? [] : [createDefaultPolicyController({ client, informers, namespace })];
  const controllers = [servers, parts, ...decision].map((each) => createController({ ...each, logger }));
  informers.start(end.signal);
  await informers.waitForSync(20_000, end.signal);
  const running = controllers.map((controller) => controller.run(end.signal));
  return {
    events,
    metrics,
    setLocks: (next) => {
      locks = next;
      lockChanged();
    },
    stop: async () => {
      end.abort();
      await Promise.all(running);
      await informers.stopped();
      await api.close();
    },
  };
}
