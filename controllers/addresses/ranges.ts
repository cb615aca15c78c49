/**
 * Addresses and ranges out of objects of the cluster. What is neither (a node's host name, a malformed range) is left out: one odd
 * object must not take the policy down for everybody.
 */
import { isIP } from 'node:net';
import type { EndpointSlice, Node, ServiceCIDR } from './kinds.ts';

/** Every IP address of every node. */
export function nodeAddresses(nodes: readonly Node[]): readonly string[] {
  return nodes
    .flatMap((node) => node.status?.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => isIP(address) !== 0);
}

/** The ranges that nodes give their pods addresses from, where the cluster leaves that to nodes. */
export function podRanges(nodes: readonly Node[]): readonly string[] {
  return nodes
    .flatMap(({ spec }) => spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]))
    .filter(isRange);
}

/** The ranges of ClusterIPs. */
export function serviceRanges(objects: readonly ServiceCIDR[]): readonly string[] {
  return objects.flatMap(({ spec }) => spec?.cidrs ?? []).filter(isRange);
}

/** Where the API servers listen. An object of that name in another namespace is somebody else's. */
export function apiServerAddresses(slices: readonly EndpointSlice[]): readonly string[] {
  return slices
    .filter(({ metadata }) => metadata.namespace === 'default')
    .flatMap(({ endpoints }) => endpoints ?? [])
    .flatMap(({ addresses }) => addresses ?? [])
    .filter((address) => isIP(address) !== 0);
}

function isRange(text: string): boolean {
  const [network = '', prefix = ''] = text.split('/');
  const version = isIP(network);
  return version !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}
