/**
 * The shapes that rendering yields: exactly what is sent to the API server, typed by Kubernetes' own spec types.
 */
import type {
  V1DeploymentSpec,
  V1LabelSelector,
  V1PodDisruptionBudgetSpec,
  V1ServiceSpec,
} from '@kubernetes/client-node';
import type { Network } from '../api/index.ts';

/** A rule of a NetworkPolicy, as in JSON: the client library's own type calls `from` `_from`. */
export type IngressRule = NonNullable<Network['ingress']>[number];
/** A rule of a NetworkPolicy. */
export type EgressRule = NonNullable<Network['egress']>[number];

export interface ChildMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Child<ApiVersion extends string, Kind extends string> {
  readonly apiVersion: ApiVersion;
  readonly kind: Kind;
  readonly metadata: ChildMetadata;
}

export interface ServiceAccountManifest extends Child<'v1', 'ServiceAccount'> {
  readonly automountServiceAccountToken: boolean;
}

export interface NetworkPolicyManifest extends Child<'networking.k8s.io/v1', 'NetworkPolicy'> {
  readonly spec: {
    readonly podSelector: V1LabelSelector;
    readonly policyTypes: readonly ('Ingress' | 'Egress')[];
    readonly ingress: readonly IngressRule[];
    readonly egress: readonly EgressRule[];
  };
}

export interface ServiceManifest extends Child<'v1', 'Service'> {
  readonly spec: V1ServiceSpec;
}

export interface DeploymentManifest extends Child<'apps/v1', 'Deployment'> {
  readonly spec: V1DeploymentSpec;
}

export interface PodDisruptionBudgetManifest extends Child<'policy/v1', 'PodDisruptionBudget'> {
  readonly spec: V1PodDisruptionBudgetSpec;
}

/** Everything that runs one server. A member that is absent must not exist in the cluster. */
export interface RenderedWorkload {
  readonly serviceAccount?: ServiceAccountManifest;
  readonly networkPolicy: NetworkPolicyManifest;
  readonly service: ServiceManifest;
  readonly deployment: DeploymentManifest;
  readonly podDisruptionBudget?: PodDisruptionBudgetManifest;
}
