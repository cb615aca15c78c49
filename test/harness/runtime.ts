/**
 * The operator's runtime against the test's API server: a client, and a writer with the informers it needs.
 */
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  connect,
  createConsistencyStore,
  createInformers,
  createObjectWriter,
  loadClusterAccess,
  type ApiServer,
  type ConsistencyStore,
  type InformerRegistry,
  type KubernetesClient,
  type ObjectWriter,
  type ResourceType,
} from '../../operator/runtime/index.ts';

export const CONFIG_MAP = builtIn('', 'v1', 'ConfigMap', 'configmaps');
export const SECRET = builtIn('', 'v1', 'Secret', 'secrets');
export const SERVICE_ACCOUNT = builtIn('', 'v1', 'ServiceAccount', 'serviceaccounts');
export const SERVICE = builtIn('', 'v1', 'Service', 'services');
export const DEPLOYMENT = builtIn('apps', 'v1', 'Deployment', 'deployments');
export const NETWORK_POLICY = builtIn('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies');

/** The field manager of {@link RuntimeFixture.writer}. */
export const FIELD_MANAGER = 'runtime-test';

/** What a test of the runtime works with. */
export interface RuntimeFixture {
  readonly api: ApiServer;
  readonly client: KubernetesClient;
  readonly informers: InformerRegistry;
  readonly consistency: ConsistencyStore;
  readonly writer: ObjectWriter;
  /** Never aborts before {@link stop}. */
  readonly signal: AbortSignal;
  /** Starts informers for `types` in the fixture's namespace and waits for their first lists. */
  watch(...types: readonly ResourceType[]): Promise<void>;
  stop(): Promise<void>;
}

/** A fixture that sees one namespace. */
export async function startRuntime(kubeconfigPath: string, namespace: string): Promise<RuntimeFixture> {
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'runtime-test/0' });
  const client = api.client('test');
  const informers = createInformers({ client, namespaces: [namespace], logger: silentLogger });
  const consistency = createConsistencyStore(systemClock);
  const controller = new AbortController();
  const writer = createObjectWriter({
    client,
    informerOf: (type) => informers.for(type),
    fieldManager: FIELD_MANAGER,
    consistency,
    logger: silentLogger,
  });
  return {
    api,
    client,
    informers,
    consistency,
    writer,
    signal: controller.signal,
    watch: async (...types) => {
      for (const type of types) informers.for(type);
      informers.start(controller.signal);
      await informers.waitForSync(20_000, controller.signal);
    },
    stop: async () => {
      controller.abort();
      await informers.stopped();
      await api.close();
    },
  };
}

function builtIn(group: string, version: string, kind: string, plural: string): ResourceType {
  return { group, version, kind, plural, namespaced: true };
}
