/**
 * MCPServers as these tests see them: applied, looked at, waited for.
 */
import type { MCPServer, MCPServerSpec } from '../../api/index.ts';
import { waitFor } from '../harness/wait.ts';
import { get, kubectl } from './cluster.ts';

/** The image of the sample server, which `make demo` has brought to the node. */
const EVERYTHING = 'localhost/mcp-everything:2026.8.31';

/** A spec that works, with `changes` over it. */
export function everythingSpec(changes: Readonly<Record<string, unknown>> = {}): object {
  return {
    source: { image: { ref: EVERYTHING } },
    transport: { port: 3001 },
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    // As process 1 this server takes no notice of SIGTERM.
    podTemplate: { spec: { terminationGracePeriodSeconds: 1 } },
    ...changes,
  } satisfies Partial<Record<keyof MCPServerSpec, unknown>>;
}

/** Applies an MCPServer. */
export async function applyServer(namespace: string, name: string, spec: object): Promise<void> {
  const server = { apiVersion: 'mcp.kilocode.ai/v1alpha1', kind: 'MCPServer', metadata: { name }, spec };
  await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify(server));
}

/** An MCPServer as it is now. */
export function getServer(namespace: string, name: string): Promise<MCPServer> {
  return get<MCPServer>('mcpserver', name, '-n', namespace);
}

/** What a condition says, once it speaks of the current spec: `False/ImagePullFailed`. */
export interface ConditionText {
  readonly verdict: string;
  readonly message: string;
}

/** A condition of a server; undefined while there is none for the current generation. */
export async function condition(
  namespace: string,
  name: string,
  type: string,
): Promise<ConditionText | undefined> {
  const { metadata, status } = await getServer(namespace, name);
  const found = status?.conditions?.find((candidate) => candidate.type === type);
  if (found === undefined || found.observedGeneration !== metadata.generation) return undefined;
  return { verdict: `${found.status}/${found.reason}`, message: found.message };
}

/** Waits until a condition says `verdict`, such as `False/ImagePullFailed`, and returns its message. */
export async function untilCondition(
  namespace: string,
  name: string,
  type: string,
  verdict: string,
): Promise<string> {
  const description = `${name}: ${type} to be ${verdict}`;
  return waitFor(
    async () => {
      const seen = await condition(namespace, name, type);
      if (seen?.verdict === verdict) return seen.message;
      throw new Error(`it is ${seen?.verdict ?? 'unknown'}: ${seen?.message ?? ''}`);
    },
    { deadlineMs: 120_000, intervalMs: 500, description },
  );
}

/** Waits for Ready in the way users and pipelines do. */
export async function waitUntilReady(namespace: string, ...names: readonly string[]): Promise<void> {
  const servers = names.map((name) => `mcpserver/${name}`);
  await kubectl(['wait', '-n', namespace, '--for=condition=Ready', '--timeout=120s', ...servers]);
}
