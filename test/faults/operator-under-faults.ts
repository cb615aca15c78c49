/**
 * A subject for faults: the operator as a process of its own, which reaches the real API server only through a fault proxy and serves
 * one namespace, and a plain client that plays the user and looks at what became of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childName, type MCPServer } from '../../api/index.ts';
import { systemClock } from '../../core/clock.ts';
import { mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { createNamespace } from '../harness/namespace.ts';
import { connectPlainly, type PlainClient } from '../harness/plain-client.ts';
import { waitFor } from '../harness/wait.ts';
import { startOperator, type OperatorProcess } from './process/index.ts';
import { startFaultProxy, type FaultProxy, type RequestMatch } from './proxy/index.ts';

/** Kind to uid of the children that exist. */
export type Children = Readonly<Record<string, string>>;

/** What every child of a server with an image and one replica is. */
export const CHILD_KINDS = ['Deployment', 'NetworkPolicy', 'Service', 'ServiceAccount'] as const;

/** Only the children, and the status, of servers: the Lease and events are other matters. */
export const CHILD_WRITES: RequestMatch = {
  verb: ['create', 'update', 'patch', 'delete'],
  resource: ['deployments', 'networkpolicies', 'services', 'serviceaccounts'],
};
export const ALL_WRITES: RequestMatch = {
  ...CHILD_WRITES,
  resource: ['deployments', 'networkpolicies', 'services', 'serviceaccounts', 'mcpservers'],
};

/** @see module header. */
export interface OperatorUnderFaults {
  readonly proxy: FaultProxy;
  readonly namespace: string;
  readonly client: PlainClient;
  /** Starts another process of the same operator, for a restart or a second replica. */
  start(...flags: readonly string[]): Promise<OperatorProcess>;
  createServer(name: string): Promise<void>;
  /** Changes the server's first argument. */
  editServer(name: string, argument: string): Promise<void>;
  deleteChild(name: string, kind: (typeof CHILD_KINDS)[number]): Promise<void>;
  /** The server, once every child is applied and its status speaks of its present generation. */
  current(name: string, deadlineMs?: number): Promise<MCPServer>;
  children(name: string): Promise<Children>;
  /** Resolves when the operator has not written for `quietMs`. @returns how many writes there were from `mark` on, of any server. */
  writesUntilQuiet(mark: number, quietMs?: number): Promise<number>;
  stop(): Promise<void>;
}

const COLLECTIONS: Readonly<Record<(typeof CHILD_KINDS)[number], (namespace: string) => string>> = {
  Deployment: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  NetworkPolicy: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
  Service: (namespace) => `/api/v1/namespaces/${namespace}/services`,
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
};
const DEADLINE_MS = 30_000;
const QUIET_MS = 1_500;

/** Makes the namespace, the proxy and the client; no operator runs yet. */
export async function prepareOperatorUnderFaults(kubeconfigPath: string): Promise<OperatorUnderFaults> {
  const directory = await mkdtemp(join(tmpdir(), 'faults-operator-'));
  const proxy = await startFaultProxy({ upstreamKubeconfig: kubeconfigPath, directory });
  const home = await createNamespace(kubeconfigPath, 'faults');
  const namespace = home.name;
  const client = await connectPlainly(kubeconfigPath);
  const operators: OperatorProcess[] = [];
  const serverPath = (name: string): string => `${mcpServersPath(namespace)}/${name}`;
  const childPath = (name: string, kind: (typeof CHILD_KINDS)[number]): string =>
    `${COLLECTIONS[kind](namespace)}/${childName(name)}`;
  return {
    proxy,
    namespace,
    client,
    start: async (...flags) => {
      const operator = await startOperator({
        kubeconfigPath: proxy.kubeconfigPath,
        // Policies are everybody's, and this API server is too.
        flags: [`--watch-namespaces=${namespace}`, '--default-policy=false', ...flags],
      });
      operators.push(operator);
      return operator;
    },
    createServer: async (name) => {
      const spec = { source: { image: { ref: 'registry.example.com/mcp/server:1.0.0' } } };
      await client.demand('POST', mcpServersPath(namespace), mcpServerManifest(spec, { name, namespace }));
    },
    editServer: async (name, argument) => {
      const patch = { spec: { args: [argument] } };
      await client.demand('PATCH', serverPath(name), patch, 'application/merge-patch+json');
    },
    deleteChild: async (name, kind) => {
      await client.demand('DELETE', childPath(name, kind));
    },
    current: (name, deadlineMs = DEADLINE_MS) =>
      waitFor(async () => ifCurrent((await client.demand('GET', serverPath(name))) as MCPServer), {
        deadlineMs,
        description: `server ${name} to be current`,
      }),
    children: async (name) => {
      const found = await Promise.all(
        CHILD_KINDS.map(async (kind) => [kind, await uidAt(client, childPath(name, kind))] as const),
      );
      return Object.fromEntries(found.flatMap(([kind, uid]) => (uid === undefined ? [] : [[kind, uid]])));
    },
    writesUntilQuiet: async (mark, quietMs = QUIET_MS) => {
      const fromMs = systemClock.monotonicMs();
      const lastMs = (): number => proxy.log.writes(ALL_WRITES, mark).at(-1)?.atMs ?? fromMs;
      await waitFor(() => systemClock.monotonicMs() - Math.max(lastMs(), fromMs) > quietMs, {
        deadlineMs: DEADLINE_MS,
        description: 'the operator to stop writing',
      });
      return proxy.log.writes(ALL_WRITES, mark).length;
    },
    stop: async () => {
      proxy.heal();
      await proxy.acceptConnections();
      await Promise.all(operators.map((operator) => operator.kill()));
      await proxy.stop();
      await client.close();
      await home.remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function ifCurrent(server: MCPServer): MCPServer | undefined {
  const { metadata, status } = server;
  const applied = status?.conditions?.find(({ type }) => type === 'ResourcesReady');
  const isCurrent = status?.observedGeneration === metadata.generation && applied?.status === 'True';
  return isCurrent ? server : undefined;
}

async function uidAt(client: PlainClient, path: string): Promise<string | undefined> {
  const { code, body } = await client.request('GET', path);
  return code === 200 ? (body as { readonly metadata: { readonly uid: string } }).metadata.uid : undefined;
}
