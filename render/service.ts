/**
 * The Service of a server: one stable name and port. Sessions of the legacy protocol live in one pod, so until the server is
 * verified to speak the stateless one, a client is kept on the pod that it met first.
 */
import { childName, type MCPServer } from '../api/index.ts';
import type { ServiceManifest } from './manifest.ts';
import { childMetadata, selectorLabels } from './metadata.ts';
import { MCP_PORT_NAME } from './server-container.ts';

/** What a Service understands. */
export type EffectiveSessionAffinity = 'ClientIP' | 'None';

export function renderService(server: MCPServer): ServiceManifest {
  const { port } = server.spec.transport;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(server),
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(server),
      sessionAffinity: effectiveSessionAffinity(server),
      ports: [
        {
          name: MCP_PORT_NAME,
          port,
          targetPort: MCP_PORT_NAME,
          protocol: 'TCP',
          appProtocol: schemeOf(server),
        },
      ],
    },
  };
}

/** `Auto` resolved. `dual` servers keep the affinity: their legacy clients have sessions. */
export function effectiveSessionAffinity(server: MCPServer): EffectiveSessionAffinity {
  const { sessionAffinity } = server.spec;
  if (sessionAffinity !== 'Auto') return sessionAffinity;
  return server.status?.protocol?.era === 'modern' ? 'None' : 'ClientIP';
}

/** The host that names the Service in every namespace, whatever the cluster's DNS domain is. */
function serviceHost(server: MCPServer): string {
  return `${childName(server.metadata.name)}.${server.metadata.namespace}.svc`;
}

/** Where clients reach the server: the remote endpoint itself, or the Service. */
export function serverURL(server: MCPServer): string {
  const { source, transport } = server.spec;
  if (source.remote !== undefined) return source.remote.url;
  return `${schemeOf(server)}://${serviceHost(server)}:${transport.port}${transport.path}`;
}

function schemeOf(server: MCPServer): 'http' | 'https' {
  return server.spec.transport.tls === undefined ? 'http' : 'https';
}
