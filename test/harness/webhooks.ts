/**
 * The webhooks in the test's own process, with the rights that the operator has, and the configurations of the chart leading to them: the same
 * rules and conditions, but a URL in the place of a Service, which a control plane without nodes cannot reach.
 */
import { Registry } from 'prom-client';
import { securityPolicyResource } from '../../api/index.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { createAuthority, issue } from '../../hack/cluster/pki.ts';
import { freePorts } from '../../hack/cluster/ports.ts';
import {
  connect,
  createInformers,
  loadClusterAccess,
  type KubernetesObject,
  type Permission,
  type Store,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { createWebhooks, WEBHOOK_PERMISSIONS } from '../../webhooks/index.ts';
import { render, type Manifest } from './helm.ts';
import { kubectl } from './kubectl.ts';
import { mcpServerManifest, mcpServersPath } from './mcp-server.ts';
import { connectPlainly, type PlainClient } from './plain-client.ts';
import { createServiceAccount } from './service-account.ts';
import { waitFor } from './wait.ts';

const HOST = '127.0.0.1';

/** Of the controller, whose cache of servers the webhooks share. */
const READ_SERVERS: Permission = {
  apiGroups: ['mcp.kilocode.ai'],
  resources: ['mcpservers'],
  verbs: ['list', 'watch'],
  why: 'The cache of the controller.',
};

/** Webhooks that API servers are sent to. */
export interface TestWebhooks {
  readonly port: number;
  readonly metrics: Registry;
  /** Starts to answer, again or for the first time, and waits until the caches are complete. */
  start(): Promise<void>;
  /** The policies that they know now, by name, with their resource versions. */
  policies(): Readonly<Record<string, string | undefined>>;
  /** Ends every connection; the configurations stay. */
  stop(): Promise<void>;
  /** Stops for good. */
  close(): Promise<void>;
  /** Sends the API server to them, and waits until it comes. They must have been started. */
  configure(): Promise<void>;
  /** Takes the configurations away, and waits until the API server comes no more. */
  unconfigure(): Promise<void>;
}

/** Prepares webhooks that neither answer nor are asked yet. */
export async function createTestWebhooks(kubeconfigPath: string): Promise<TestWebhooks> {
  const account = await createServiceAccount(kubeconfigPath, { namespace: 'default', name: 'webhooks' }, [
    ...WEBHOOK_PERMISSIONS,
    READ_SERVERS,
  ]);
  const authority = await createAuthority('webhooks of the test', new Date());
  const { certificate: cert, key } = await issue(
    authority,
    { commonName: 'webhooks', hosts: [HOST] },
    new Date(),
  );
  const [port = 0] = await freePorts(HOST, 1);
  const metrics = new Registry();
  const configurations = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: (await webhookConfigurations()).map((manifest) => leadTo(manifest, port, authority.certificate)),
  });
  const client = await connectPlainly(kubeconfigPath, 1);
  const asked = (): Promise<number> => configurationsAsked(client, metrics);
  let served: Served = { policies: { list: () => [] }, stop: () => Promise.resolve() };
  return {
    port,
    metrics,
    start: async () => {
      metrics.clear();
      served = await serve(account.kubeconfigPath, { port, cert, key, metrics });
    },
    policies: () => {
      const known = served.policies.list().map(({ metadata }) => [metadata.name, metadata.resourceVersion]);
      return Object.fromEntries(known) as Record<string, string | undefined>;
    },
    stop: () => served.stop(),
    close: async () => {
      await Promise.all([served.stop(), client.close(), account.remove()]);
    },
    configure: async () => {
      await kubectl(kubeconfigPath, ['apply', '--server-side', '-f', '-'], configurations);
      await waitFor(async () => (await asked()) === 2, { description: 'the API server to ask' });
    },
    unconfigure: async () => {
      await kubectl(kubeconfigPath, ['delete', '-f', '-'], configurations);
      await waitFor(async () => (await asked()) === 0, { description: 'the API server not to ask' });
    },
  };
}

/** How many of the two configurations the API server asks when a server is written. */
async function configurationsAsked(client: PlainClient, metrics: Registry): Promise<number> {
  const counts = async (): Promise<readonly number[]> => {
    const text = await metrics.metrics();
    return ['/mutate-mcpserver', '/validate-mcpserver'].map((path) =>
      Number(new RegExp(`seconds_count{webhook="${path}"} (\\d+)`).exec(text)?.[1]),
    );
  };
  const before = await counts();
  const server = mcpServerManifest({ source: { image: { ref: 'example.com/server:1' } } });
  await client.request('POST', `${mcpServersPath('default')}?dryRun=All`, server);
  return (await counts()).filter((count, index) => count > (before[index] ?? 0)).length;
}

/** The configurations as the chart has them. */
export async function webhookConfigurations(values: object = {}): Promise<readonly Manifest[]> {
  const manifests = await render(values, '--show-only=templates/webhooks.yaml');
  return manifests.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
}

interface RenderedWebhook {
  readonly clientConfig: { readonly service: { readonly path: string } };
}

function leadTo(manifest: Manifest, port: number, ca: string): Manifest {
  const webhooks = (manifest['webhooks'] as readonly RenderedWebhook[]).map((webhook) => ({
    ...webhook,
    clientConfig: {
      url: `https://${HOST}:${port}${webhook.clientConfig.service.path}`,
      caBundle: Buffer.from(ca).toString('base64'),
    },
  }));
  return { ...manifest, webhooks };
}

interface Serving {
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  readonly metrics: Registry;
}

interface Served {
  readonly policies: Pick<Store<KubernetesObject>, 'list'>;
  readonly stop: () => Promise<void>;
}

async function serve(kubeconfigPath: string, { port, cert, key, metrics }: Serving): Promise<Served> {
  const end = new AbortController();
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'webhooks-test/0' });
  const client = api.client('webhooks');
  const informers = createInformers({ client, logger: silentLogger });
  const { server } = createWebhooks({
    client,
    informers,
    certificates: { current: () => ({ cert, key }), onChange: () => undefined },
    metrics,
    clock: systemClock,
    logger: silentLogger,
    rendering: DEFAULT_RENDER_SETTINGS,
    bindAddress: `${HOST}:${port}`,
  });
  const running = await server.listen(end.signal);
  informers.start(end.signal);
  await informers.waitForSync(20_000, end.signal);
  return {
    policies: informers.for(securityPolicyResource).store,
    stop: async () => {
      if (end.signal.aborted) return;
      await running.close();
      end.abort();
      await informers.stopped();
      await api.close();
    },
  };
}
