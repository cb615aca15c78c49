/**
 * The Deployment of a server. A rollout starts the new pod before it stops the old one, so that a bad image never takes a
 * working server down.
 */
import type { V1DeploymentStrategy } from '@kubernetes/client-node';
import type { MCPServer } from '../api/index.ts';
import type { DeploymentManifest } from './manifest.ts';
import { childMetadata, selectorLabels } from './metadata.ts';
import { effectiveReplicas } from './replicas.ts';
import { renderPodTemplate, type ImageSource } from './pod-template.ts';

/** Enough for `kubectl rollout undo` to look back; ten thousand servers keep ten thousand times this many ReplicaSets. */
const REVISION_HISTORY_LIMIT = 2;

export function renderDeployment(server: MCPServer, image: ImageSource): DeploymentManifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(server),
    spec: {
      replicas: effectiveReplicas(server),
      revisionHistoryLimit: REVISION_HISTORY_LIMIT,
      selector: { matchLabels: selectorLabels(server) },
      strategy: strategy(server),
      template: renderPodTemplate(server, image),
    },
  };
}

function strategy(server: MCPServer): V1DeploymentStrategy {
  const { type, rollingUpdate } = server.spec.strategy;
  if (type === 'Recreate') return { type };
  return { type, rollingUpdate: { maxSurge: 1, ...rollingUpdate, maxUnavailable: maxUnavailable(server) } };
}

/** How many pods may be missing during a rollout: none, unless the spec says so or leaves no other way. */
export function maxUnavailable(server: MCPServer): number | string {
  const { type, rollingUpdate } = server.spec.strategy;
  if (type === 'Recreate') return 0;
  const hasNoSurge = rollingUpdate?.maxSurge === 0 || rollingUpdate?.maxSurge === '0%';
  return rollingUpdate?.maxUnavailable ?? (hasNoSurge ? 1 : 0);
}
