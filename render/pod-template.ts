/**
 * The pods of a server: the Pod Security Standard "restricted" by default, without a token, with the user's `podTemplate`
 * merged at its own paths. No fixed uid: OpenShift assigns one from the namespace's range.
 */
import type {
  V1PodSpec,
  V1PodTemplateSpec,
  V1TopologySpreadConstraint,
  V1Volume,
} from '@kubernetes/client-node';
import { digest } from '../core/canonical-json.ts';
import { SERVER_CONTAINER, TMP_VOLUME, childName, type MCPServer } from '../api/index.ts';
import { TEMPLATE_HASH_ANNOTATION, childLabels, selectorLabels } from './metadata.ts';
import { needsTmp, renderServerContainer, restrictContainer } from './server-container.ts';

/** `spec.source.image`, known to be there. */
export type ImageSource = NonNullable<MCPServer['spec']['source']['image']>;

/** Enough to unpack a package and to spool a request; a server that writes more wants a volume of its own. */
const TMP_SIZE_LIMIT = '64Mi';

export function renderPodTemplate(server: MCPServer, image: ImageSource): V1PodTemplateSpec {
  const { metadata } = server.spec.podTemplate ?? {};
  const template = {
    metadata: {
      labels: { ...metadata?.labels, ...childLabels(server) },
      annotations: { ...metadata?.annotations },
    },
    spec: podSpec(server, image),
  };
  const hash = templateHash(template);
  return {
    ...template,
    metadata: {
      ...template.metadata,
      annotations: { ...template.metadata.annotations, [TEMPLATE_HASH_ANNOTATION]: hash },
    },
  };
}

/**
 * Tells the pods of this template from those of an earlier one, before the Deployment's controller has seen either, and
 * without watching ReplicaSets for their `pod-template-hash`.
 */
function templateHash(template: V1PodTemplateSpec): string {
  return digest(template).slice('sha256:'.length, 'sha256:'.length + 16);
}

function podSpec(server: MCPServer, image: ImageSource): V1PodSpec {
  const {
    containers = [],
    initContainers,
    securityContext,
    ...scheduling
  } = server.spec.podTemplate?.spec ?? {};
  const beside = containers.filter(({ name }) => name !== SERVER_CONTAINER);
  return {
    serviceAccountName: childName(server.metadata.name),
    automountServiceAccountToken: false,
    // Names and addresses of every Service of the namespace are nothing that somebody else's program needs to know.
    enableServiceLinks: false,
    topologySpreadConstraints: [spreadOverNodes(server)],
    ...scheduling,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...securityContext },
    ...(image.imagePullSecrets && { imagePullSecrets: [...image.imagePullSecrets] }),
    ...(initContainers && { initContainers: initContainers.map(restrictContainer) }),
    containers: [renderServerContainer(server, image), ...beside.map(restrictContainer)],
    volumes: volumes(server),
  };
}

/**
 * A wish, never an obstacle. It stands there for a single replica too: if it came with the second one, `kubectl scale` would
 * replace the first pod and end its sessions.
 */
function spreadOverNodes(server: MCPServer): V1TopologySpreadConstraint {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(server) },
  };
}

function volumes(server: MCPServer): V1Volume[] {
  const tmp = needsTmp(server) ? [{ name: TMP_VOLUME, emptyDir: { sizeLimit: TMP_SIZE_LIMIT } }] : [];
  return [...tmp, ...(server.spec.volumes ?? [])];
}
