/**
 * The container that runs the MCP server itself, closed by default, with the user's entry of the same name merged over it.
 */
import type { V1Container, V1Probe, V1SecurityContext } from '@kubernetes/client-node';
import { SERVER_CONTAINER, TMP_VOLUME, type MCPServer } from '../api/index.ts';

/** Name of the server's port, in its container and on its Service. */
export const MCP_PORT_NAME = 'mcp';

const TMP_PATH = '/tmp';

/** The fields alone: the client library's own types are classes. */
type SecurityContext = Pick<V1SecurityContext, keyof V1SecurityContext>;

/** What a user may say of a container. */
type ContainerOverride = Pick<V1Container, 'name'> & Partial<V1Container>;

export function renderServerContainer(
  server: MCPServer,
  image: NonNullable<MCPServer['spec']['source']['image']>,
): V1Container {
  const { spec } = server;
  const override = spec.podTemplate?.spec?.containers?.find(({ name }) => name === SERVER_CONTAINER);
  return {
    name: SERVER_CONTAINER,
    image: image.ref,
    ...(image.imagePullPolicy && { imagePullPolicy: image.imagePullPolicy }),
    ...(spec.command && { command: [...spec.command] }),
    ...(spec.args && { args: [...spec.args] }),
    ...(spec.env && { env: [...spec.env] }),
    ...(spec.envFrom && { envFrom: [...spec.envFrom] }),
    ports: [{ name: MCP_PORT_NAME, containerPort: spec.transport.port, protocol: 'TCP' }],
    resources: spec.resources,
    volumeMounts: volumeMounts(server),
    ...probes(),
    ...override,
    securityContext: restrict({ readOnlyRootFilesystem: true }, override?.securityContext),
  };
}

/** A container that the user adds: restricted too, unless its own security context says otherwise. */
export function restrictContainer(container: ContainerOverride): V1Container {
  return { ...container, securityContext: restrict({}, container.securityContext) };
}

/**
 * What the Pod Security Standard "restricted" asks of each container, with what the user says over it field by field: who
 * adds a capability still drops all others.
 */
function restrict(defaults: SecurityContext, own: SecurityContext = {}): SecurityContext {
  const { drop = ['ALL'], add } = own.capabilities ?? {};
  return {
    allowPrivilegeEscalation: false,
    ...defaults,
    ...own,
    capabilities: { drop, ...(add && { add }) },
  };
}

/** The server's own mount at /tmp, if there is one, takes the place of the emptyDir. */
export function needsTmp(server: MCPServer): boolean {
  return !(server.spec.volumeMounts ?? []).some(
    ({ mountPath }) => mountPath.replace(/\/+$/, '') === TMP_PATH,
  );
}

function volumeMounts(server: MCPServer): NonNullable<V1Container['volumeMounts']> {
  const tmp = needsTmp(server) ? [{ name: TMP_VOLUME, mountPath: TMP_PATH }] : [];
  return [...tmp, ...(server.spec.volumeMounts ?? [])];
}

/**
 * TCP only: the kubelet cannot speak MCP, and an HTTP GET is answered by each server differently. Whether the server works is
 * asked by the operator's own probe. Two minutes to start, because interpreters and package caches are slow when cold.
 */
function probes(): { startupProbe: V1Probe; readinessProbe: V1Probe } {
  const tcpSocket = { port: MCP_PORT_NAME };
  return {
    startupProbe: { tcpSocket, periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { tcpSocket, periodSeconds: 5 },
  };
}
