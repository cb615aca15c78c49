/** The load: MCPServers as a user would write them, and the objects that they become. */
import { mcpServerResource, type MCPServer } from '../../../api/index.ts';
import { controllerReference } from '../../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS, render } from '../../../render/index.ts';
import type { PlainClient } from '../../harness/plain-client.ts';
import { forEachInFlight } from './concurrency.ts';

/** Requests of the load generator that may be in flight. */
export const IN_FLIGHT = 16;
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

/** Names of `count` servers. */
export function serverNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `server-${String(index).padStart(5, '0')}`);
}

/** The collection of MCPServers of a namespace. */
export function serversPath(namespace: string): string {
  const { group, version, plural } = mcpServerResource;
  return `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
}

/** The collection of Deployments of a namespace. */
export function deploymentsPath(namespace: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments`;
}

/** Makes the namespace. */
export async function createNamespace(client: PlainClient, name: string): Promise<void> {
  await client.demand('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
}

/** Creates servers, {@link IN_FLIGHT} at a time; `created` gets each as it is stored. */
export async function createServers(
  client: PlainClient,
  namespace: string,
  names: readonly string[],
  created: (server: MCPServer) => void = () => undefined,
): Promise<void> {
  await forEachInFlight(names, IN_FLIGHT, async (name) => {
    const server = await client.demand('POST', serversPath(namespace), manifest(namespace, name));
    created(server as MCPServer);
  });
}

/** What a user changes: one argument of the server's command line. */
export async function editServer(
  client: PlainClient,
  namespace: string,
  name: string,
  argument: string,
): Promise<MCPServer> {
  const patch = { spec: { args: [argument] } };
  return (await client.demand('PATCH', `${serversPath(namespace)}/${name}`, patch, MERGE)) as MCPServer;
}

/** The argument that a Deployment's server runs with. */
export function argumentOf(deployment: unknown): string | undefined {
  const { spec } = deployment as {
    readonly spec?: {
      readonly template?: { readonly spec?: { readonly containers?: readonly { args?: string[] }[] } };
    };
  };
  return spec?.template?.spec?.containers?.[0]?.args?.[0];
}

/** Writes the children of `server` side by side, as the operator would: the floor. */
export async function writeChildren(client: PlainClient, server: MCPServer): Promise<void> {
  await Promise.all(childrenOf(server).map((child) => writeChild(client, child)));
}

/** Writes the Deployment of `server` alone. */
export async function writeDeployment(client: PlainClient, server: MCPServer): Promise<void> {
  const deployment = childrenOf(server).find(({ kind }) => kind === 'Deployment');
  if (deployment !== undefined) await writeChild(client, deployment);
}

/** Writes a status of the size that a pending server has. */
export async function writeStatus(client: PlainClient, server: MCPServer, status: unknown): Promise<void> {
  const { name, namespace } = server.metadata;
  const body = { apiVersion: server.apiVersion, kind: server.kind, metadata: { name, namespace }, status };
  await client.demand(
    'PATCH',
    `${serversPath(namespace)}/${name}/status?fieldManager=floor&force=true`,
    body,
    APPLY,
  );
}

interface Child {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
}

const PLURALS: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies' };

function childrenOf(server: MCPServer): readonly Child[] {
  const ownerReferences = [controllerReference(mcpServerResource, server)];
  const rendered = render(server, DEFAULT_RENDER_SETTINGS) ?? {};
  const children = Object.values(rendered) as readonly Child[];
  return children.map((child) => ({ ...child, metadata: { ...child.metadata, ownerReferences } }));
}

async function writeChild(client: PlainClient, child: Child): Promise<void> {
  const { namespace, name } = child.metadata as { readonly namespace: string; readonly name: string };
  const root = child.apiVersion.includes('/') ? `/apis/${child.apiVersion}` : `/api/${child.apiVersion}`;
  const plural = PLURALS[child.kind] ?? `${child.kind.toLowerCase()}s`;
  const path = `${root}/namespaces/${namespace}/${plural}/${name}?fieldManager=floor&force=true`;
  await client.demand('PATCH', path, child, APPLY);
}

function manifest(namespace: string, name: string): object {
  return {
    apiVersion: `${mcpServerResource.group}/${mcpServerResource.version}`,
    kind: mcpServerResource.kind,
    metadata: { name, namespace },
    spec: {
      source: { image: { ref: 'registry.example.com/mcp/server:1.0.0' } },
      // Probes repeat once a day: an idle minute is without them.
      probe: { intervalSeconds: 86_400 },
    },
  };
}
