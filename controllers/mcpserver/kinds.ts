/**
 * The kinds that the controller reads and writes, with the fields of each that it looks at. Times are text, as on the wire;
 * whatever others write is optional, whatever we write ourselves is known by its manifest.
 */
import { mcpServerResource, type MCPServer } from '../../api/index.ts';
import type { KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';

/** A condition of a Deployment or a Pod. */
export interface ObjectCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** How one run of a container ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** What a container does: at most one member is set. */
export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: ContainerEnd;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly imageID?: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface Pod extends KubernetesObject {
  readonly spec?: {
    readonly containers?: readonly { readonly name: string; readonly image?: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly ObjectCondition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface Deployment extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly ObjectCondition[];
  };
}

/** A ConfigMap or a Secret: `data` of a Secret is base64. */
export interface KeyedData extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const MCPSERVER: ResourceType<MCPServer> = mcpServerResource;
export const SERVICE_ACCOUNT: ResourceType = core('ServiceAccount', 'serviceaccounts');
export const SERVICE: ResourceType = core('Service', 'services');
export const POD: ResourceType<Pod> = core('Pod', 'pods');
export const CONFIG_MAP: ResourceType<KeyedData> = core('ConfigMap', 'configmaps');
export const SECRET: ResourceType<KeyedData> = core('Secret', 'secrets');
export const DEPLOYMENT: ResourceType<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
export const NETWORK_POLICY: ResourceType = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
};
export const POD_DISRUPTION_BUDGET: ResourceType = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
};

function core(kind: string, plural: string) {
  return { group: '', version: 'v1', kind, plural, namespaced: true };
}
