/**
 * Address policies that follow the cluster: rebuilt when a node, a Service range or an API server comes or goes. What the operator
 * dials for a tenant must not be the machinery that the tenant shares with everybody.
 */
import { createAddressPolicy, type AddressPolicy } from '../../mcp/index.ts';
import type { Informer, Informers, KubernetesObject, Watch } from '../../operator/runtime/index.ts';
import { ENDPOINT_SLICE, KUBERNETES_SERVICE, NODE, SERVICE_CIDR } from './kinds.ts';
import { apiServerAddresses, nodeAddresses, podRanges, serviceRanges } from './ranges.ts';

/** What the administrator adds. All in CIDR notation or as single addresses. */
export interface AddressSettings {
  /** May be probed although a rule below refuses it. */
  readonly allowedCIDRs: readonly string[];
  /** Never the address of a remote server: pod ranges that nodes do not know, for one. */
  readonly refusedCIDRs: readonly string[];
}

/** One policy for each kind of target. Both always speak of the cluster as it is now. */
export interface AddressPolicies {
  /** For pods of servers: anywhere but nodes, API servers, loopback and link-local. */
  readonly pod: AddressPolicy;
  /** For remote servers: not into the cluster's own ranges either. */
  readonly remote: AddressPolicy;
}

/** The policies, and the watches that a controller must wait for before it trusts them. */
export interface ObservedAddresses {
  readonly policies: AddressPolicies;
  readonly watches: readonly Watch[];
}

/**
 * Policies over the shared informers of the process.
 * @throws ConfigError naming a setting's entry that is neither an address nor a range.
 */
export function createAddressPolicies(informers: Informers, settings: AddressSettings): ObservedAddresses {
  const nodes = informers.for(NODE);
  const serviceCIDRs = informers.for(SERVICE_CIDR);
  const slices = informers.for(ENDPOINT_SLICE, { fieldSelector: `metadata.name=${KUBERNETES_SERVICE}` });
  const infrastructure = (): string[] => [
    ...nodeAddresses(nodes.store.list()),
    ...apiServerAddresses(slices.store.list()),
  ];
  const cluster = (): string[] => [
    ...infrastructure(),
    ...podRanges(nodes.store.list()),
    ...serviceRanges(serviceCIDRs.store.list()),
    ...settings.refusedCIDRs,
  ];
  const pod = following(infrastructure, settings);
  const remote = following(cluster, settings);
  const onChange = (): void => {
    pod.outdated();
    remote.outdated();
  };
  return {
    policies: { pod: pod.policy, remote: remote.policy },
    watches: [watching(nodes, onChange), watching(serviceCIDRs, onChange), watching(slices, onChange)],
  };
}

/** A policy that is built again at its first use after a change. */
function following(
  refused: () => readonly string[],
  { allowedCIDRs }: AddressSettings,
): { readonly policy: AddressPolicy; outdated(): void } {
  const build = (): AddressPolicy => createAddressPolicy({ refused: refused(), allowed: allowedCIDRs });
  // Built at once, before there is anything to know: a range that cannot be read stops the start, not the first probe.
  let current: AddressPolicy | undefined = build();
  return {
    policy: (address) => {
      current ??= build();
      return current(address);
    },
    outdated: () => {
      current = undefined;
    },
  };
}

/** Names no keys: servers are probed again soon enough, and each probe asks the policy anew. */
function watching<T extends KubernetesObject>(informer: Informer<T>, onChange: () => void): Watch {
  return { hasSynced: () => informer.hasSynced(), start: () => informer.addHandler(onChange) };
}
