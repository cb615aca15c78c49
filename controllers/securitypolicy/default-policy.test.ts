import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import { AlreadyExistsError, formatKey, keyOf, type KubernetesObject } from '../../operator/runtime/index.ts';
import { DefaultPolicyReconciler } from './default-policy.ts';

const POLICY = 'MCPSecurityPolicy default';
const MARKER = 'ConfigMap mcp-system/mcp-operator-default-policy';

/** A cluster that outlives the processes which work on it. */
class Cluster {
  readonly objects = new Set<string>();
  /** What the next process does not live to write. */
  killedBefore = '';

  decide(): Promise<unknown> {
    const policies = [...this.objects].filter((name) => name.startsWith('MCPSecurityPolicy '));
    const reconciler = new DefaultPolicyReconciler({
      client: {
        get: (type, key) => Promise.resolve(this.#get(`${type.kind} ${formatKey(key)}`)),
        create: (_type, object) => this.#create(object),
      },
      policies: { size: policies.length },
      namespace: 'mcp-system',
      fieldManager: 'test',
    });
    const context = { signal: new AbortController().signal, logger: silentLogger, reconcileID: 'one' };
    return reconciler.reconcile({ namespace: '', name: 'default' }, context);
  }

  // A boundary: what is asked for is never looked at, but for being there.
  #get<T extends KubernetesObject>(name: string): T | undefined {
    return this.objects.has(name) ? ({} as T) : undefined;
  }

  #create<T extends KubernetesObject>(object: KubernetesObject): Promise<T> {
    const name = `${object.kind} ${formatKey(keyOf(object))}`;
    if (name === this.killedBefore) return Promise.reject(new Error('killed'));
    if (this.objects.has(name))
      return Promise.reject(
        new AlreadyExistsError({
          code: 409,
          reason: 'AlreadyExists',
          message: 'it exists',
          causes: [],
          retryAfterMs: undefined,
        }),
      );
    this.objects.add(name);
    return Promise.resolve(object as T);
  }
}

describe('the default policy', () => {
  let cluster: Cluster;
  beforeEach(() => {
    cluster = new Cluster();
  });
  const content = (): string[] => [...cluster.objects].toSorted();

  it('is created where there is no policy, and that is remembered', async () => {
    await cluster.decide();
    expect(content()).toEqual([MARKER, POLICY]);
  });

  it('does not come back', async () => {
    await cluster.decide();
    cluster.objects.delete(POLICY);
    await cluster.decide();
    expect(content()).toEqual([MARKER]);
  });

  it('is not created beside others, nor when these are gone later', async () => {
    cluster.objects.add('MCPSecurityPolicy ours');
    await cluster.decide();
    expect(content()).toEqual([MARKER, 'MCPSecurityPolicy ours']);
    cluster.objects.delete('MCPSecurityPolicy ours');
    await cluster.decide();
    expect(content()).toEqual([MARKER]);
  });

  it.each([
    { reason: 'before anything is written', killedBefore: POLICY },
    { reason: 'between the policy and the marker', killedBefore: MARKER },
  ])('survives a kill $reason', async ({ killedBefore }) => {
    cluster.killedBefore = killedBefore;
    await expect(cluster.decide()).rejects.toThrow('killed');
    expect(content()).not.toContain(MARKER);
    cluster.killedBefore = '';
    await cluster.decide();
    expect(content()).toEqual([MARKER, POLICY]);
  });

  it('is no matter of dispute between two processes', async () => {
    await Promise.all([cluster.decide(), cluster.decide()]);
    expect(content()).toEqual([MARKER, POLICY]);
  });
});
