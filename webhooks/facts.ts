/**
 * What a verdict takes besides the request: policies, the labels of the namespace, and for a change of scale the server. From caches; one
 * that is a moment behind is helped by a single read. What cannot be known is an error, never an empty list: no policy refuses nothing.
 */
import type { MCPSecurityPolicy, MCPServer } from '../api/index.ts';
import type { NamespaceFacts } from '../checks/index.ts';
import type { Clock } from '../core/clock.ts';
import { errorMessage, TransientError } from '../core/errors.ts';
import {
  formatKey,
  withDeadline,
  type Informer,
  type Informers,
  type KubernetesClient,
  type KubernetesObject,
  type ObjectKey,
  type ResourceType,
} from '../operator/runtime/index.ts';
import { MCPSERVER, NAMESPACE, SECURITY_POLICY } from './kinds.ts';

/** Where facts come from. */
export interface Facts {
  /** By name. @throws TransientError while the first list is not complete. */
  policies(): readonly MCPSecurityPolicy[];
  /** @throws TransientError when the namespace cannot be found. */
  namespace(name: string, signal: AbortSignal): Promise<NamespaceFacts>;
  /** @throws TransientError when the server cannot be found. */
  server(key: ObjectKey, signal: AbortSignal): Promise<MCPServer>;
}

export interface FactsDependencies {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly clock: Clock;
}

/** The API server waits 5 s for the whole answer. */
const READ_DEADLINE_MS = 2_000;

/** Asks for its informers, so call it before they are started. */
export function createFacts({ client, informers, clock }: FactsDependencies): Facts {
  const policies = informers.for(SECURITY_POLICY);
  const namespaces = informers.forMetadata(NAMESPACE);
  const servers = informers.for(MCPSERVER);

  const find = async <T extends KubernetesObject>(
    cache: Informer<T>,
    key: ObjectKey,
    signal: AbortSignal,
  ): Promise<T> => {
    const cached = synced(cache).store.get(key);
    return cached ?? read(client, clock, { type: cache.type, key }, signal);
  };
  return {
    policies: () => synced(policies).store.list().toSorted(byName),
    namespace: async (name, signal) => {
      const { metadata } = await find(namespaces, { namespace: '', name }, signal);
      return { name, labels: metadata.labels ?? {} };
    },
    server: (key, signal) => find(servers, key, signal),
  };
}

function synced<T extends KubernetesObject>(informer: Informer<T>): Informer<T> {
  if (informer.hasSynced()) return informer;
  throw new TransientError(
    `the operator has not read every ${informer.type.kind} yet: try again in a few seconds`,
  );
}

interface Wanted<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  readonly key: ObjectKey;
}

async function read<T extends KubernetesObject>(
  client: KubernetesClient,
  clock: Clock,
  { type, key }: Wanted<T>,
  signal: AbortSignal,
): Promise<T> {
  const named = `${type.kind} ${formatKey(key)}`;
  const object = await withDeadline(clock, READ_DEADLINE_MS, signal, (signal) =>
    client.get(type, key, signal),
  ).catch((cause: unknown) => {
    throw new TransientError(`${named} cannot be read: ${errorMessage(cause)}`, { cause });
  });
  if (object === undefined) throw new TransientError(`${named} is not there`);
  return object;
}

function byName(one: KubernetesObject, other: KubernetesObject): number {
  return one.metadata.name < other.metadata.name ? -1 : 1;
}
