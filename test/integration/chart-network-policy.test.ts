/**
 * What the NetworkPolicy around the operator means, together with that of a server: connections that must come about and
 * connections that must not. The test cluster enforces no policies, so their documented semantics are evaluated.
 */
import { describe, expect, it } from 'vitest';
import { LABELS } from '../../api/index.ts';
import type { NetworkPolicyManifest } from '../../render/manifest.ts';
import { renderNetworkPolicy } from '../../render/network-policy.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/settings.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { isConnectionAllowed, type Endpoint } from '../../render/testing/network-policies.ts';
import { find, render } from '../harness/helm.ts';

async function policy(values: object = {}): Promise<NetworkPolicyManifest> {
  const manifests = await render(values, '--show-only=templates/networkpolicy.yaml');
  return find(manifests, 'NetworkPolicy') as unknown as NetworkPolicyManifest;
}

const byDefault = policy();

describe("the operator's NetworkPolicy", () => {
  const pod = (namespace: string, labels: Record<string, string>): Endpoint => ({
    namespace: { name: namespace, labels: { 'kubernetes.io/metadata.name': namespace } },
    labels,
  });
  const operator = pod('mcp-system', {
    'app.kubernetes.io/name': 'mcp-operator',
    'app.kubernetes.io/instance': 'mcp-operator',
  });
  const { name } = aServer().metadata;
  const server = pod('team-a', { [LABELS.server]: name });
  const database = pod('team-a', { app: 'database' });
  const prometheus = pod('monitoring', { app: 'prometheus' });

  it.each<[string, Endpoint, Endpoint, number, boolean]>([
    ['the operator asks DNS', operator, pod('kube-system', { 'k8s-app': 'kube-dns' }), 53, true],
    ['the operator reaches the API server', operator, { address: '192.0.2.10' }, 6443, true],
    [
      'the operator probes a server, whose own policy agrees',
      operator,
      server,
      aServer().spec.transport.port,
      true,
    ],
    ['the operator probes a remote server', operator, { address: '140.82.121.6' }, 443, true],
    ['the operator reaches a pod that is no server', operator, database, 5432, false],
    [
      'the operator reaches a port of the internet that nobody opened',
      operator,
      { address: '140.82.121.6' },
      25,
      false,
    ],
    ['Prometheus reads metrics', prometheus, operator, 8080, true],
    ['a kubelet asks for health', { address: '192.0.2.20' }, operator, 8081, true],
    ['an API server asks the webhooks', { address: '192.0.2.10' }, operator, 9443, true],
    ['a pod reaches another port of the operator', database, operator, 9229, false],
  ])('%s', async (_reason, from, to, port, expected) => {
    const policies = [await byDefault, renderNetworkPolicy(aServer(), DEFAULT_RENDER_SETTINGS)];
    expect(isConnectionAllowed(policies, { from, to, port })).toBe(expected);
  });

  it('is closed where no webhooks are served', async () => {
    const policies = [await policy({ webhook: { enabled: false } })];
    expect(isConnectionAllowed(policies, { from: { address: '192.0.2.10' }, to: operator, port: 9443 })).toBe(
      false,
    );
  });

  it('lets only the named peers read metrics', async () => {
    const monitoring = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
    };
    const policies = [await policy({ networkPolicy: { metricsFrom: [monitoring] } })];
    expect(isConnectionAllowed(policies, { from: prometheus, to: operator, port: 8080 })).toBe(true);
    expect(isConnectionAllowed(policies, { from: database, to: operator, port: 8080 })).toBe(false);
  });
});
