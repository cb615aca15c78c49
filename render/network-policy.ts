/**
 * The NetworkPolicy of a server's pods: nothing in, nothing out, except what every server needs and what its spec declares.
 */
import { LABELS, type MCPServer } from '../api/index.ts';
import type { EgressRule, IngressRule, NetworkPolicyManifest } from './manifest.ts';
import { childMetadata, selectorLabels } from './metadata.ts';
import type { PodsByLabels, RenderSettings } from './settings.ts';

const DNS_PORTS = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
  // Where DNS pods may not bind port 53 themselves (OpenShift), the policy sees the port behind the Service.
  { protocol: 'UDP', port: 5353 },
  { protocol: 'TCP', port: 5353 },
];

export function renderNetworkPolicy(server: MCPServer, settings: RenderSettings): NetworkPolicyManifest {
  const { network } = server.spec;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMetadata(server),
    spec: {
      podSelector: { matchLabels: selectorLabels(server) },
      // Both types named: a policy that names one alone leaves the other direction open.
      policyTypes: ['Ingress', 'Egress'],
      ingress: [callers(server, settings), ...(network?.ingress ?? [])],
      egress: [dns(settings), ...(network?.egress ?? [])],
    },
  };
}

/** The operator and labelled clients reach the MCP port, and no other port of the pod. */
function callers(server: MCPServer, settings: RenderSettings): IngressRule {
  return {
    from: [peer(settings.operator), { podSelector: { matchLabels: { [LABELS.client]: 'true' } } }],
    ports: [{ protocol: 'TCP', port: server.spec.transport.port }],
  };
}

function dns(settings: RenderSettings): EgressRule {
  return { to: [peer(settings.clusterDNS)], ports: DNS_PORTS };
}

/** Both selectors in one peer: two peers would let in every pod of the namespace. */
function peer(pods: PodsByLabels) {
  return {
    namespaceSelector: { matchLabels: { ...pods.namespaceLabels } },
    podSelector: { matchLabels: { ...pods.podLabels } },
  };
}
