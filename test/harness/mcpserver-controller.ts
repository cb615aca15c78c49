/**
 * The controller of MCPServers in the test's own process, against the test's API server and for one namespace, with a probe
 * that the test plays.
 */
import {
  createMCPServerController,
  type PolicyVerdicts,
  type ProbeFunction,
} from '../../controllers/mcpserver/index.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger, type Logger } from '../../core/logger.ts';
import type { ProbeOutcome } from '../../mcp/index.ts';
import {
  connect,
  createController,
  createInformers,
  loadClusterAccess,
  type EventDetails,
  MetricsRegistry,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';

export interface RunningController {
  /** `Reason` of each event about the server of that name, in order. */
  events(name: string): readonly string[];
  readonly metrics: MetricsRegistry;
  stop(): Promise<void>;
}

export interface ControllerFixture {
  readonly kubeconfigPath: string;
  readonly namespace: string;
  readonly probe?: ProbeFunction;
  /** Default: there are none. */
  readonly policies?: PolicyVerdicts;
  readonly logger?: Logger;
  /** Default: exactly what these tests need. */
  readonly allowedCIDRs?: readonly string[];
}

/** What a working server answers. */
export const VERIFIED: Extract<ProbeOutcome, { readonly kind: 'verified' }> = {
  kind: 'verified',
  description: {
    era: 'legacy',
    protocolVersion: '2025-11-25',
    serverInfo: { name: 'test-server', version: '1.2.3' },
    capabilities: { tools: {}, resources: {} },
    tools: [{ name: 'echo' }, { name: 'add' }],
    prompts: [],
    resources: [],
    resourceTemplates: [],
    hash: `sha256:${'0'.repeat(64)}`,
  },
};

const NO_POLICIES: PolicyVerdicts = {
  violationsOf: () => Promise.resolve([]),
  watch: () => ({ hasSynced: () => true, start: () => () => undefined }),
};

/** Starts the controller and waits for its caches. */
export async function startMCPServerController(fixture: ControllerFixture): Promise<RunningController> {
  const {
    kubeconfigPath,
    namespace,
    probe = () => Promise.resolve(VERIFIED),
    logger = silentLogger,
  } = fixture;
  const end = new AbortController();
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'mcpserver-test/0' });
  const client = api.client('mcpserver');
  const informers = createInformers({ client, namespaces: [namespace], logger });
  const recorded: (EventDetails & { readonly name: string })[] = [];
  const metrics = new MetricsRegistry();
  const parts = createMCPServerController({
    client,
    informers,
    recorder: { event: ({ metadata }, details) => recorded.push({ ...details, name: metadata.name }) },
    probe,
    policies: fixture.policies ?? NO_POLICIES,
    metrics,
    clock: systemClock,
    random: Math.random,
    logger,
    settings: {
      rendering: DEFAULT_RENDER_SETTINGS,
      addresses: { allowedCIDRs: fixture.allowedCIDRs ?? [], refusedCIDRs: [] },
      probeConcurrency: 4,
      serviceAccount: { namespace: 'mcp-system', name: 'mcp-operator' },
      version: '0',
    },
  });
  const controller = createController({ ...parts, logger });
  informers.start(end.signal);
  const running = controller.run(end.signal);
  await informers.waitForSync(20_000, end.signal);
  return {
    events: (name) => recorded.filter((event) => event.name === name).map(({ reason }) => reason),
    metrics,
    stop: async () => {
      end.abort();
      await running;
      await informers.stopped();
      await api.close();
    },
  };
}
