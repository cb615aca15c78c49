/**
 * What the operator does not connect to for anybody, whatever a remote URL says: it would be the most tempting deputy in a cluster.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNamespace, type TestNamespace } from '../../harness/namespace.ts';
import { cluster, DEMO_NAMESPACE, kubeconfigPath } from '../cluster.ts';
import { applyServer, getServer, untilCondition } from '../servers.ts';

const REMOTES = [
  { name: 'metadata', url: 'http://169.254.169.254/latest/meta-data' },
  { name: 'loopback', url: 'http://127.0.0.1:8081/healthz' },
  { name: 'api-server', url: 'https://kubernetes.default.svc/api' },
  { name: 'node', url: `http://${cluster.network.nodeAddress}:10250/pods` },
  { name: 'neighbour', url: `http://mcp-everything.${DEMO_NAMESPACE}.svc:3001/mcp` },
];

export function addressesScenario(): void {
  let namespace: TestNamespace;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'addresses');
    for (const { name, url } of REMOTES)
      await applyServer(namespace.name, name, { source: { remote: { url } } });
  });
  afterAll(() => namespace.remove());

  it.each(REMOTES)('$name: $url is ForbiddenAddress', async ({ name }) => {
    await untilCondition(namespace.name, name, 'Ready', 'False/ForbiddenAddress');
    const { status } = await getServer(namespace.name, name);
    expect(status?.address).toBeUndefined();
    expect(status?.protocol).toBeUndefined();
  });
}
