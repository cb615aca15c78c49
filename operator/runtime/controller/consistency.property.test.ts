/**
 * The consistency store: no owner is let go while the cache lacks one of its writes, none is held a moment longer, and none is
 * stuck, whatever the cache does.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { Informer } from '../cache/informer.ts';
import { IndexedStore } from '../cache/store.ts';
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import { createConsistencyStore } from './consistency.ts';

const OPTIONS = { seed: 4, numRuns: 300 };
const GIVE_UP_AFTER_MS = 120_000;
const OWNERS: readonly ObjectKey[] = ['one', 'two'].map((name) => ({ namespace: 'a', name }));
const CHILDREN: readonly ObjectKey[] = ['x', 'y'].map((name) => ({ namespace: 'a', name }));

const step = fc.record({
  kind: fc.constantFrom(
    'write',
    'write',
    'write',
    'delete',
    'remove',
    'mark',
    'replace',
    'see',
    'see',
    'see',
  ),
  owner: fc.nat({ max: OWNERS.length - 1 }),
  kindIndex: fc.nat({ max: 1 }),
  child: fc.nat({ max: CHILDREN.length - 1 }),
  /** How far behind the newest write an answer or the cache is: answers overtake one another, caches lag. */
  lag: fc.nat({ max: 9 }),
});

/** One watched kind whose cache the test moves. */
class ModelCache {
  readonly store = new IndexedStore<KubernetesObject>();
  readonly informer: Informer<KubernetesObject>;
  seen = 0;
  #uids = 0;

  constructor(kind: string) {
    this.informer = {
      type: { group: '', version: 'v1', kind, plural: kind, namespaced: true },
      store: this.store,
      addHandler: () => () => undefined,
      hasSynced: () => true,
      lastSyncResourceVersion: () => String(this.seen),
    };
    for (const key of CHILDREN) this.put(key);
  }

  /** An object of this name that has not been there before. */
  put(key: ObjectKey): void {
    this.#uids += 1;
    this.store.upsert(this.object(key, '1', `uid-${this.#uids}`), false);
  }

  object(key: ObjectKey, resourceVersion: string, uid: string, change: object = {}): KubernetesObject {
    const { kind } = this.informer.type;
    return { apiVersion: 'v1', kind, metadata: { ...key, uid, resourceVersion, ...change } };
  }
}

interface Pending {
  readonly owner: ObjectKey;
  isSeen(): boolean;
}

/** Plays `steps`, checking after each one that exactly the owners with an unseen write are held. */
function play(steps: readonly Step[], clock: FakeClock) {
  const consistency = createConsistencyStore(clock);
  const caches = [new ModelCache('Left'), new ModelCache('Right')];
  const pending: Pending[] = [];
  let version = 10;
  for (const { kind, owner: ownerIndex, kindIndex, child, lag } of steps) {
    const owner = OWNERS[ownerIndex] ?? { namespace: '', name: '' };
    const key = CHILDREN[child] ?? { namespace: '', name: '' };
    const cache = caches[kindIndex];
    if (cache === undefined) throw new RangeError('no such kind');
    const live = cache.store.get(key);
    const uid = live?.metadata.uid ?? 'none';
    version += 1;
    if (kind === 'write') {
      const written = version - lag;
      consistency.wroteAt(owner, cache.informer, cache.object(key, String(written), uid));
      pending.push({ owner, isSeen: () => cache.seen >= written });
    } else if (kind === 'delete') {
      consistency.deletedAt(owner, cache.informer, key, uid);
      pending.push({ owner, isSeen: () => !isThere(cache.store.get(key), uid) });
    } else if (kind === 'see') cache.seen = Math.max(cache.seen, version - lag);
    else if (kind === 'replace') cache.put(key);
    else if (kind === 'remove' && live !== undefined) cache.store.remove(live);
    else if (kind === 'mark' && live !== undefined)
      cache.store.upsert(cache.object(key, String(version), uid, { deletionTimestamp: 'now' }), false);
    for (const asked of OWNERS) {
      const isHeld = pending.some((write) => write.owner === asked && !write.isSeen());
      expect(consistency.behind(asked) !== undefined, `${asked.name} after ${kind}`).toBe(isHeld);
    }
  }
  return { consistency, caches, version };
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function isThere(object: KubernetesObject | undefined, uid: string): boolean {
  return object?.metadata.uid === uid && object.metadata.deletionTimestamp === undefined;
}

const steps = fc.array(step, { maxLength: 40, size: 'max' });

describe('the consistency store', () => {
  it('holds an owner exactly as long as the cache lacks one of its writes, and lets it go when all are seen', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { consistency, caches, version } = play(script, new FakeClock());
        for (const cache of caches) {
          cache.seen = version;
          for (const object of cache.store.list()) cache.store.remove(object);
        }
        for (const owner of OWNERS) expect(consistency.behind(owner)).toBeUndefined();
      }),
      OPTIONS,
    );
  });

  it('lets every owner go in the end, even if the cache never hears of anything again', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const clock = new FakeClock();
        const { consistency } = play(script, clock);
        await clock.advance(GIVE_UP_AFTER_MS);
        for (const owner of OWNERS) expect(consistency.behind(owner)).toBeUndefined();
      }),
      OPTIONS,
    );
  });
});
