/** MCP-W09: closes what is open to everybody or everything, and keeps the metadata services of clouds out of what stays open. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { MCPServerSpec, Network } from '../../api/index.ts';
import { METADATA_ADDRESSES } from '../../checks/workload/network-isolation.ts';
import { without } from './edit-spec.ts';

type Ingress = NonNullable<Network['ingress']>[number];
type Egress = NonNullable<Network['egress']>[number];
type Peer = NonNullable<Egress['to']>[number];
type IPBlock = NonNullable<Peer['ipBlock']>;

/** @returns the spec without peers that are everybody; a rule that has no peer left goes with them, since without peers it would open all. */
export function closeNetwork(spec: MCPServerSpec): MCPServerSpec {
  const { network } = spec;
  if (network === undefined) return spec;
  const ingress = (network.ingress ?? []).flatMap(closeIngress);
  const egress = (network.egress ?? []).flatMap(closeEgress);
  const rest = without(without(network, 'ingress'), 'egress');
  return {
    ...spec,
    network: { ...rest, ...(ingress.length > 0 && { ingress }), ...(egress.length > 0 && { egress }) },
  };
}

function closeIngress(rule: Ingress): readonly Ingress[] {
  const from = (rule.from ?? []).filter((peer) => !isEverywhere(peer.ipBlock) && !isEveryPod(peer));
  return from.length === 0 ? [] : [{ ...rule, from }];
}

function closeEgress(rule: Egress): readonly Egress[] {
  const to = (rule.to ?? []).filter(({ ipBlock }) => !isEverywhere(ipBlock)).map(withoutMetadata);
  return to.length === 0 ? [] : [{ ...rule, to }];
}

function isEverywhere(block: IPBlock | undefined): boolean {
  return block?.cidr.endsWith('/0') === true;
}

function isEveryPod({ namespaceSelector, podSelector }: Peer): boolean {
  const isAll = (selector: Peer['podSelector']): boolean =>
    Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;
  return namespaceSelector !== undefined && isAll(namespaceSelector) && isAll(podSelector);
}

function withoutMetadata(peer: Peer): Peer {
  const { ipBlock } = peer;
  if (ipBlock === undefined) return peer;
  const open = METADATA_ADDRESSES.filter((address) => isOpen(ipBlock, address));
  if (open.length === 0) return peer;
  const except = [
    ...(ipBlock.except ?? []),
    ...open.map((address) => `${address}/${isIPv6(address) ? 128 : 32}`),
  ];
  return { ...peer, ipBlock: { ...ipBlock, except } };
}

function isOpen({ cidr, except = [] }: IPBlock, address: string): boolean {
  return holds(cidr, address) && !except.some((excepted) => holds(excepted, address));
}

/** What is no range holds nothing: the check says so itself. */
function holds(cidr: string, address: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  const bits = isIPv6(network) ? 128 : 32;
  if (isIP(network) === 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits) return false;
  const range = new BlockList();
  range.addSubnet(network, Number(length), isIPv6(network) ? 'ipv6' : 'ipv4');
  return range.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
