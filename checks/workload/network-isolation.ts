import type { V1LabelSelector } from '@kubernetes/client-node';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Network } from '../../api/index.ts';
import { defineCheck, type Breach } from '../check.ts';
import type { Subject } from '../subject.ts';

type Peer = NonNullable<NonNullable<Network['egress']>[number]['to']>[number];
type IPBlock = NonNullable<Peer['ipBlock']>;

/** Where clouds hand out the credentials of a node: AWS, Google, Azure and most others; Alibaba; AWS over IPv6. */
export const METADATA_ADDRESSES: readonly string[] = ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254'];

/**
 * MCP-W09: the rendered NetworkPolicy closes both directions, and what the server opens in it names who may come and where it may go. The
 * operator's own openings (its probe, labelled clients, DNS) are narrow by construction.
 */
export const networkIsolation = defineCheck(
  {
    id: 'MCP-W09',
    severity: 'high',
    title:
      'only declared clients come in, only declared destinations are reached, and no metadata service among them',
    references: ['CIS Kubernetes 5.3.2', 'OWASP MCP Top 10: MCP09'],
  },
  (subject) => [
    ...direction(subject, 'Ingress'),
    ...direction(subject, 'Egress'),
    ...ingress(subject),
    ...egress(subject),
  ],
);

/** A direction that a policy does not name stays open. */
function direction({ workload }: Subject, type: 'Ingress' | 'Egress'): readonly Breach[] {
  if (workload === undefined || workload.networkPolicy.spec.policyTypes.includes(type)) return [];
  return [
    {
      path: 'spec.network',
      value: `no ${type}`,
      message: `The NetworkPolicy leaves ${type} open.`,
      fix: `Let the NetworkPolicy name ${type}.`,
    },
  ];
}

function ingress({ workload, server }: Subject): readonly Breach[] {
  const rules = workload === undefined ? [] : (server.spec.network?.ingress ?? []);
  return rules.flatMap(({ from = [] }, index) => {
    const path = `spec.network.ingress[${index}]`;
    if (from.length === 0) return anybody(path, 'no peers');
    return from.flatMap((peer, position) => incoming(peer, `${path}.from[${position}]`));
  });
}

function incoming(peer: Peer, path: string): readonly Breach[] {
  if (peer.ipBlock !== undefined && isEverywhere(peer.ipBlock))
    return anybody(`${path}.ipBlock.cidr`, peer.ipBlock.cidr);
  if (selectsAll(peer.namespaceSelector) && (peer.podSelector === undefined || selectsAll(peer.podSelector)))
    return anybody(`${path}.namespaceSelector`, 'all pods of all namespaces');
  return [];
}

function anybody(path: string, value: string): readonly Breach[] {
  return [
    {
      path,
      value,
      message: 'Anybody may call the server.',
      fix: 'Name its clients by the labels of their pods and namespaces, or by their addresses.',
    },
  ];
}

function egress({ workload, server }: Subject): readonly Breach[] {
  const rules = workload === undefined ? [] : (server.spec.network?.egress ?? []);
  return rules.flatMap(({ to = [] }, index) => {
    const path = `spec.network.egress[${index}]`;
    if (to.length === 0) return anywhere(path, 'no peers');
    return to.flatMap(({ ipBlock }, position) =>
      ipBlock === undefined ? [] : outgoing(ipBlock, `${path}.to[${position}].ipBlock`),
    );
  });
}

function outgoing(ipBlock: IPBlock, path: string): readonly Breach[] {
  const { cidr, except = [] } = ipBlock;
  const range = rangeOf(cidr);
  if (range === undefined) return [unreadable(`${path}.cidr`, cidr)];
  if (isEverywhere(ipBlock)) return anywhere(`${path}.cidr`, cidr);
  const excepted = except.flatMap((text) => rangeOf(text) ?? []);
  const isOpen = (address: string): boolean =>
    holds(range, address) && !excepted.some((each) => holds(each, address));
  return METADATA_ADDRESSES.filter(isOpen).map((address) => ({
    path,
    value: `${cidr} holds ${address}`,
    message: 'The server may ask the cloud for the credentials of its node.',
    fix: `Add ${address}/${isIPv6(address) ? 128 : 32} to except.`,
  }));
}

function unreadable(path: string, cidr: string): Breach {
  return {
    path,
    value: cidr,
    message: 'This is no range of addresses, so that nobody can say what it opens.',
    fix: 'Write it like 203.0.113.0/24.',
  };
}

function anywhere(path: string, value: string): readonly Breach[] {
  return [
    {
      path,
      value,
      message: 'The server may send what it knows to any address.',
      fix: 'Name what it needs: pods by their labels, or ranges by ipBlock.',
    },
  ];
}

function isEverywhere({ cidr }: IPBlock): boolean {
  return cidr.endsWith('/0');
}

/** @returns undefined when the text is no range: our schema takes any text, and the API server refuses the NetworkPolicy later. */
function rangeOf(cidr: string): BlockList | undefined {
  const [, network = '', length = ''] = /^([0-9A-Fa-f:.]+)\/(0|[1-9][0-9]{0,2})$/.exec(cidr) ?? [];
  if (!isIP(network) || Number(length) > (isIPv6(network) ? 128 : 32)) return undefined;
  const range = new BlockList();
  range.addSubnet(network, Number(length), familyOf(network));
  return range;
}

function holds(range: BlockList, address: string): boolean {
  return range.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function selectsAll(selector: V1LabelSelector | undefined): boolean {
  if (selector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
