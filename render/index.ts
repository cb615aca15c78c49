/**
 * From an MCPServer to the Kubernetes objects that run it. Pure: the same server and settings give the same objects,
 * for the controller that applies them, for admission and for lint.
 */
import type { MCPServer } from '../api/index.ts';
import { renderDeployment } from './deployment.ts';
import type { PodDisruptionBudgetManifest, RenderedWorkload, ServiceAccountManifest } from './manifest.ts';
import { childMetadata, selectorLabels } from './metadata.ts';
import { renderNetworkPolicy } from './network-policy.ts';
import { effectiveReplicas } from './replicas.ts';
import { renderService } from './service.ts';
import type { RenderSettings } from './settings.ts';

export { maxUnavailable } from './deployment.ts';
export type {
  DeploymentManifest,
  NetworkPolicyManifest,
  PodDisruptionBudgetManifest,
  RenderedWorkload,
  ServiceAccountManifest,
  ServiceManifest,
} from './manifest.ts';
export { MANAGED_BY, MANAGED_BY_SELECTOR, TEMPLATE_HASH_ANNOTATION } from './metadata.ts';
export { effectiveReplicas } from './replicas.ts';
export { effectiveSessionAffinity, serverURL, type EffectiveSessionAffinity } from './service.ts';
export { DEFAULT_RENDER_SETTINGS, type PodsByLabels, type RenderSettings } from './settings.ts';

/**
 * The workload of `server`, or undefined when its source runs no pods. The server must be complete, as the API server returns
 * it or `defaultMCPServer` makes it.
 */
export function render(server: MCPServer, settings: RenderSettings): RenderedWorkload | undefined {
  const { image } = server.spec.source;
  if (image === undefined) return undefined;
  const ownAccount = server.spec.podTemplate?.spec?.serviceAccountName === undefined;
  return {
    ...(ownAccount && { serviceAccount: renderServiceAccount(server) }),
    networkPolicy: renderNetworkPolicy(server, settings),
    service: renderService(server),
    deployment: renderDeployment(server, image),
    ...(effectiveReplicas(server) > 1 && { podDisruptionBudget: renderPodDisruptionBudget(server) }),
  };
}

/** An identity of its own, without rights and without a token: nothing to steal, and nothing shared with `default`. */
function renderServiceAccount(server: MCPServer): ServiceAccountManifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: childMetadata(server),
    automountServiceAccountToken: false,
  };
}

/** With one replica a budget would only block node drains. Pods that are not ready never block one either. */
function renderPodDisruptionBudget(server: MCPServer): PodDisruptionBudgetManifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: childMetadata(server),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorLabels(server) },
    },
  };
}
