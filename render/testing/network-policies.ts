/**
 * The semantics of NetworkPolicies for tests, as `networking.k8s.io/v1` documents them: a pod that any policy selects for a
 * direction is closed in that direction, and each rule of each such policy opens it. No cluster network is needed to
 * know what a policy means.
 */
import type { V1LabelSelector, V1NetworkPolicyPort } from '@kubernetes/client-node';
import { BlockList } from 'node:net';
import type { NetworkPolicyManifest } from '../manifest.ts';

/** A pod, or an address outside of the cluster. */
export interface Endpoint {
  readonly namespace?: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly labels?: Readonly<Record<string, string>>;
  readonly address?: string;
}

/** One connection. */
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

interface Rule {
  readonly peers: readonly Peer[] | undefined;
  readonly ports: readonly V1NetworkPolicyPort[] | undefined;
}
interface Peer {
  readonly podSelector?: V1LabelSelector;
  readonly namespaceSelector?: V1LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

/** Whether `policies` let the connection through, both out of its source and into its destination. */
export function isConnectionAllowed(
  policies: readonly NetworkPolicyManifest[],
  connection: Connection,
): boolean {
  const { from, to } = connection;
  const egress = selecting(policies, from, 'Egress');
  const ingress = selecting(policies, to, 'Ingress');
  return (
    opens(egress, ({ spec }) => spec.egress.map(({ to, ports }) => ({ peers: to, ports })), to, connection) &&
    opens(
      ingress,
      ({ spec }) => spec.ingress.map(({ from, ports }) => ({ peers: from, ports })),
      from,
      connection,
    )
  );
}

function selecting(
  policies: readonly NetworkPolicyManifest[],
  pod: Endpoint,
  direction: 'Ingress' | 'Egress',
): readonly NetworkPolicyManifest[] {
  return policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace?.name &&
      spec.policyTypes.includes(direction) &&
      matches(spec.podSelector, pod.labels),
  );
}

function opens(
  policies: readonly NetworkPolicyManifest[],
  rulesOf: (policy: NetworkPolicyManifest) => readonly Rule[],
  other: Endpoint,
  connection: Connection,
): boolean {
  if (policies.length === 0) return true;
  return policies.some((policy) =>
    rulesOf(policy).some(
      ({ peers, ports }) =>
        matchesPeers(peers, other, policy.metadata.namespace) && matchesPorts(ports, connection),
    ),
  );
}

/** No peers at all means everybody. */
function matchesPeers(peers: readonly Peer[] | undefined, other: Endpoint, namespace: string): boolean {
  if (peers === undefined || peers.length === 0) return true;
  return peers.some((peer) => matchesPeer(peer, other, namespace));
}

function matchesPeer(peer: Peer, other: Endpoint, namespace: string): boolean {
  if (peer.ipBlock !== undefined) return isInBlock(peer.ipBlock, other.address);
  if (other.namespace === undefined) return false;
  const inNamespace =
    peer.namespaceSelector === undefined
      ? other.namespace.name === namespace
      : matches(peer.namespaceSelector, other.namespace.labels);
  return inNamespace && matches(peer.podSelector ?? {}, other.labels);
}

function isInBlock(block: NonNullable<Peer['ipBlock']>, address: string | undefined): boolean {
  if (address === undefined || !contains(block.cidr, address)) return false;
  return !(block.except ?? []).some((cidr) => contains(cidr, address));
}

function contains(cidr: string, address: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
  return list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

/** No ports at all means every port. */
function matchesPorts(ports: readonly V1NetworkPolicyPort[] | undefined, connection: Connection): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some(
    ({ port, endPort, protocol = 'TCP' }) =>
      protocol === (connection.protocol ?? 'TCP') &&
      (port === undefined ||
        (connection.port >= Number(port) && connection.port <= (endPort ?? Number(port)))),
  );
}

function matches(selector: V1LabelSelector, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator }) => {
      if (operator !== 'Exists') throw new Error(`the operator ${operator} is not part of this evaluator`);
      return key in labels;
    })
  );
}
