/**
 * The webhooks in the test's own process, with the rights that the operator has, and the configurations of the chart leading to them: the same
 * rules and conditions, but a URL in the place of a Service, which a control plane without nodes cannot reach.
 */
import { Registry } from 'prom-client';
import { createAuthority, issue } from '../../hack/cluster/pki.ts';
import { freePorts } from '../../hack/cluster/ports.ts';
import type { RecordRefusal } from '../../webhooks/index.ts';
import { render, type Manifest } from './helm.ts';
import { kubectl } from './kubectl.ts';
import { mcpServerManifest, mcpServersPath } from './mcp-server.ts';
import { connectPlainly, type PlainClient } from './plain-client.ts';
import { serveWebhooks, SERVING_PERMISSIONS, type ServedWebhooks } from './serve-webhooks.ts';
import { createServiceAccount } from './service-account.ts';
import { waitFor } from './wait.ts';

const HOST = '127.0.0.1';

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

/** What only few tests need. */
export interface TestWebhooksOptions {
  /** Is told of refused tries about approvals. */
  readonly recordRefusal?: RecordRefusal;
  /** PEM of who signs the client certificate that they ask for. */
  readonly clientCA?: string;
}

/** Prepares webhooks that neither answer nor are asked yet. */
export async function createTestWebhooks(
  kubeconfigPath: string,
  options: TestWebhooksOptions = {},
): Promise<TestWebhooks> {
  const account = await createServiceAccount(
    kubeconfigPath,
    { namespace: 'default', name: 'webhooks' },
    SERVING_PERMISSIONS,
  );
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
    items: await configurationsLeadingTo(`https://${HOST}:${port}`, authority.certificate),
  });
  const client = await connectPlainly(kubeconfigPath, 1);
  const asked = (): Promise<number> => configurationsAsked(client, metrics);
  let served: ServedWebhooks = { policies: { list: () => [] }, stop: () => Promise.resolve() };
  return {
    port,
    metrics,
    start: async () => {
      metrics.clear();
      served = await serveWebhooks(account.kubeconfigPath, {
        bindAddress: `${HOST}:${port}`,
        certificates: { current: () => ({ cert, key }), onChange: () => undefined },
        metrics,
        ...options,
      });
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

/** The same, but for where they lead. @param origin `https://host:port`. @param ca PEM. */
export async function configurationsLeadingTo(origin: string, ca: string): Promise<readonly Manifest[]> {
  const manifests = await webhookConfigurations();
  return manifests.map((manifest) => leadTo(manifest, origin, ca));
}

interface RenderedWebhook {
  readonly clientConfig: { readonly service: { readonly path: string } };
}

function leadTo(manifest: Manifest, origin: string, ca: string): Manifest {
  const webhooks = (manifest['webhooks'] as readonly RenderedWebhook[]).map((webhook) => ({
    ...webhook,
    clientConfig: {
      url: `${origin}${webhook.clientConfig.service.path}`,
      caBundle: Buffer.from(ca).toString('base64'),
    },
  }));
  return { ...manifest, webhooks };
}
