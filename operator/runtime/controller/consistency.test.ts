import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { Informer } from '../cache/informer.ts';
import { IndexedStore } from '../cache/store.ts';
import type { KubernetesObject } from '../object/object.ts';
import { createConsistencyStore, type ConsistencyStore } from './consistency.ts';

describe('the consistency store', () => {
  const owner = { namespace: 'a', name: 'owner' };
  let clock: FakeClock;
  let consistency: ConsistencyStore;
  let seen: string;
  let store: IndexedStore<KubernetesObject>;
  let informer: Informer<KubernetesObject>;

  beforeEach(() => {
    clock = new FakeClock();
    consistency = createConsistencyStore(clock);
    seen = '10';
    store = new IndexedStore();
    informer = {
      type: { group: '', version: 'v1', kind: 'Child', plural: 'children', namespaced: true },
      store,
      addHandler: () => () => undefined,
      hasSynced: () => true,
      lastSyncResourceVersion: () => seen,
    };
  });

  const child = (resourceVersion: string, change: object = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Child',
    metadata: { name: 'child', namespace: 'a', uid: 'u', resourceVersion, ...change },
  });

  it('holds an owner back until the cache has seen its writes', () => {
    expect(consistency.behind(owner)).toBeUndefined();
    consistency.wroteAt(owner, informer, child('12'));
    expect(consistency.behind(owner)).toBe('Child');
    expect(consistency.behind({ namespace: 'a', name: 'other' })).toBeUndefined();
    seen = '11';
    expect(consistency.behind(owner)).toBe('Child');
    seen = '12';
    expect(consistency.behind(owner)).toBeUndefined();
  });

  it('waits for the newest of several writes, in whatever order they were answered', () => {
    consistency.wroteAt(owner, informer, child('14'));
    consistency.wroteAt(owner, informer, child('12'));
    seen = '13';
    expect(consistency.behind(owner)).toBe('Child');
    seen = '14';
    expect(consistency.behind(owner)).toBeUndefined();
  });

  it('waits for a deleted object to go, or to be going', () => {
    store.upsert(child('5'), false);
    consistency.deletedAt(owner, informer, { namespace: 'a', name: 'child' }, 'u');
    expect(consistency.behind(owner)).toBe('Child');
    store.upsert(child('6', { deletionTimestamp: '2026-01-01T00:00:00Z' }), false);
    expect(consistency.behind(owner)).toBeUndefined();
  });

  it('takes a successor of the same name for the deletion', () => {
    store.upsert(child('5'), false);
    consistency.deletedAt(owner, informer, { namespace: 'a', name: 'child' }, 'u');
    store.upsert(child('6', { uid: 'successor' }), false);
    expect(consistency.behind(owner)).toBeUndefined();
  });

  it('does not stop an owner for ever', async () => {
    consistency.wroteAt(owner, informer, child('99'));
    await clock.advance(119_000);
    expect(consistency.behind(owner)).toBe('Child');
    await clock.advance(1_000);
    expect(consistency.behind(owner)).toBeUndefined();
  });
});
