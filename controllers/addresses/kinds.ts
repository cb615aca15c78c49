/** The kinds that know addresses of the cluster, with the fields that hold them. */
import type { KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';

export interface Node extends KubernetesObject {
  readonly spec?: { readonly podCIDR?: string; readonly podCIDRs?: readonly string[] };
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

export interface ServiceCIDR extends KubernetesObject {
  readonly spec?: { readonly cidrs?: readonly string[] };
}

export interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[];
}

export const NODE: ResourceType<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
};

/** Since Kubernetes 1.33 (KEP-1880). */
export const SERVICE_CIDR: ResourceType<ServiceCIDR> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  namespaced: false,
};

/** The name of the API server's own Service, and of its EndpointSlice, in the namespace `default`. */
export const KUBERNETES_SERVICE = 'kubernetes';

/**
 * Watched by name over all namespaces, whichever namespaces the operator serves: hence not `namespaced` here. The right to do so
 * is bound to the name.
 */
export const ENDPOINT_SLICE: ResourceType<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: false,
};
