/** Leads the API server to webhooks of an installed chart that are served beside the cluster: no node leads to them, but a name can. */
import { WEBHOOKS } from '../../webhooks/index.ts';
import { kubectl } from './kubectl.ts';
import { mcpServerManifest } from './mcp-server.ts';
import { waitFor } from './wait.ts';

/**
 * Resolves when they answer, with a certificate that is trusted.
 * @param namespace of the release `mcp-operator`.
 * @param judged a namespace whose servers they are asked about.
 */
export async function leadWebhooks(
  kubeconfigPath: string,
  namespace: string,
  port: number,
  judged = 'default',
): Promise<void> {
  const patch = (object: string, type: string, body: unknown): Promise<string> =>
    kubectl(kubeconfigPath, [
      'patch',
      object,
      `--namespace=${namespace}`,
      `--type=${type}`,
      `--patch=${JSON.stringify(body)}`,
    ]);
  const service = { spec: { type: 'ExternalName', externalName: 'localhost' } };
  await patch('service/mcp-operator-webhook', 'merge', service);
  for (const type of ['Mutating', 'Validating']) {
    const ports = WEBHOOKS.filter((webhook) => webhook.type === type).map((_, index) => ({
      op: 'replace',
      path: `/webhooks/${index}/clientConfig/service/port`,
      value: port,
    }));
    await patch(`${type}WebhookConfiguration/mcp-operator`, 'json', ports);
  }
  const server = mcpServerManifest({ source: { image: { ref: 'example.com/server:1' } } });
  const create = ['create', `--namespace=${judged}`, '--dry-run=server', '-f', '-'];
  await waitFor(() => kubectl(kubeconfigPath, create, JSON.stringify(server)), { description: 'admission' });
}
