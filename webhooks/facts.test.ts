import { describe, expect, it } from 'vitest';
import { TransientError } from '../core/errors.ts';
import { FakeClock } from '../core/testing/fake-clock.ts';
import {
  formatKey,
  type Informers,
  type KubernetesClient,
  type KubernetesObject,
  type ObjectKey,
  type ResourceType,
} from '../operator/runtime/index.ts';
import { aServer } from '../render/testing/a-server.ts';
import { createFacts } from './facts.ts';

const NEVER = new AbortController().signal;

function object(kind: string, name: string, labels?: Record<string, string>): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name, ...(labels !== undefined && { labels }) } };
}

interface World {
  /** In the caches, by kind. A kind that is missing has not been listed. */
  readonly cached: Readonly<Record<string, readonly KubernetesObject[]>>;
  /** What a read of the API server does. */
  readonly get?: (key: ObjectKey, signal: AbortSignal) => Promise<KubernetesObject | undefined>;
}

function facts({ cached, get = () => Promise.reject(new Error('read from the API server')) }: World) {
  const clock = new FakeClock();
  const informer = (type: ResourceType) => ({
    type,
    hasSynced: () => cached[type.kind] !== undefined,
    store: {
      list: () => cached[type.kind] ?? [],
      get: ({ name }: ObjectKey) => cached[type.kind]?.find(({ metadata }) => metadata.name === name),
    },
  });
  // The parts that facts are taken from.
  const informers = { for: informer, forMetadata: informer } as unknown as Informers;
  const client = {
    get: (_type: ResourceType, key: ObjectKey, signal: AbortSignal) => get(key, signal),
  } as unknown as KubernetesClient;
  return { clock, facts: createFacts({ client, informers, clock }) };
}

const LISTED = { MCPSecurityPolicy: [], Namespace: [], MCPServer: [] };
const untilAborted = (_key: ObjectKey, signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('policies', () => {
  it('are those of the cache, by name', () => {
    const policies = ['b', 'a', 'c'].map((name) => object('MCPSecurityPolicy', name));
    const names = facts({ cached: { ...LISTED, MCPSecurityPolicy: policies } })
      .facts.policies()
      .map(({ metadata }) => metadata.name);
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it('are not said to be none before they were listed', () => {
    expect(() => facts({ cached: {} }).facts.policies()).toThrow(TransientError);
    expect(() => facts({ cached: {} }).facts.policies()).toThrow('has not read every MCPSecurityPolicy yet');
  });
});

describe('a namespace', () => {
  it('comes from the cache', async () => {
    const cached = { ...LISTED, Namespace: [object('Namespace', 'team-a', { stage: 'prod' })] };
    expect(await facts({ cached }).facts.namespace('team-a', NEVER)).toEqual({
      name: 'team-a',
      labels: { stage: 'prod' },
    });
  });

  it('is read when the cache is behind', async () => {
    const get = async ({ namespace, name }: ObjectKey): Promise<KubernetesObject> =>
      object('Namespace', `${namespace}${name}`);
    expect(await facts({ cached: LISTED, get }).facts.namespace('team-a', NEVER)).toEqual({
      name: 'team-a',
      labels: {},
    });
  });

  it.each<[string, World, string]>([
    ['that is nowhere', { cached: LISTED, get: async () => undefined }, 'Namespace team-a is not there'],
    [
      'that cannot be read',
      { cached: LISTED, get: () => Promise.reject(new Error('forbidden')) },
      'Namespace team-a cannot be read: forbidden',
    ],
    ['before namespaces were listed', { cached: {} }, 'has not read every Namespace yet'],
  ])('%s is an error', async (_reason, world, message) => {
    const asked = facts(world).facts.namespace('team-a', NEVER);
    await expect(asked).rejects.toThrow(TransientError);
    await expect(asked).rejects.toThrow(message);
  });

  it('that does not come in time is an error while the API server still waits', async () => {
    const { facts: slow, clock } = facts({ cached: LISTED, get: untilAborted });
    const outcome = expect(slow.namespace('team-a', NEVER)).rejects.toThrow(
      'Namespace team-a cannot be read: no answer within 2000 ms',
    );
    await clock.advance(2_000);
    await outcome;
  });
});

describe('a server', () => {
  it('comes from the cache, else from the API server', async () => {
    const server = aServer();
    const key = { namespace: 'team-a', name: 'github' };
    expect(await facts({ cached: { ...LISTED, MCPServer: [server] } }).facts.server(key, NEVER)).toBe(server);
    const get = async (key: ObjectKey): Promise<KubernetesObject> => object('MCPServer', formatKey(key));
    const read = await facts({ cached: LISTED, get }).facts.server(key, NEVER);
    expect(read.metadata.name).toBe('team-a/github');
  });
});
