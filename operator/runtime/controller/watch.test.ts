import { describe, expect, it } from 'vitest';
import type { Change, ChangeHandler, Informer } from '../cache/informer.ts';
import { IndexedStore } from '../cache/store.ts';
import { formatKey, type KubernetesObject } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import {
  PRIORITY_INITIAL_LIST,
  PRIORITY_NORMAL,
  specOrMetadataChanged,
  watchMapped,
  watchOwned,
  watchSelf,
  type Watch,
} from './watch.ts';

const OWNER: ResourceType = {
  group: 'example.com',
  version: 'v1',
  kind: 'Owner',
  plural: 'owners',
  namespaced: true,
};

const object = (change: Partial<KubernetesObject['metadata']> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name: 'one', namespace: 'a', resourceVersion: '1', generation: 1, ...change },
});
const add = (change = {}, initial = false): Change<KubernetesObject> => ({
  kind: 'add',
  object: object(change),
  initial,
});
const update = (before: object, after: object): Change<KubernetesObject> => ({
  kind: 'update',
  previous: object(before),
  object: object({ resourceVersion: '2', ...after }),
});
const remove = (change = {}): Change<KubernetesObject> => ({
  kind: 'delete',
  object: object(change),
  finalStateUnknown: false,
});
const ownedBy = (name: string, reference: object = {}) => ({
  ownerReferences: [
    { apiVersion: 'example.com/v1', kind: 'Owner', name, uid: `uid-${name}`, controller: true, ...reference },
  ],
});

/** What a watch enqueues for a change. */
function keysFor(
  build: (informer: Informer<KubernetesObject>) => Watch,
  change: Change<KubernetesObject>,
): string[] {
  const handlers = new Set<ChangeHandler<KubernetesObject>>();
  const informer: Informer<KubernetesObject> = {
    type: OWNER,
    store: new IndexedStore(),
    addHandler: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    hasSynced: () => true,
    lastSyncResourceVersion: () => '',
  };
  const keys: string[] = [];
  const stop = build(informer).start((key, priority) => keys.push(`${formatKey(key)}@${priority}`));
  for (const handler of handlers) handler(change);
  stop();
  expect(handlers.size).toBe(0);
  return keys;
}

describe('watching', () => {
  it.each([
    ['an add', add(), [`a/one@${PRIORITY_NORMAL}`]],
    ['an object of the first list', add({}, true), [`a/one@${PRIORITY_INITIAL_LIST}`]],
    ['a delete', remove(), [`a/one@${PRIORITY_NORMAL}`]],
    ['our own status', update({}, {}), []],
  ])('the kind itself: %s', (_name, change, expected) => {
    expect(keysFor(watchSelf, change)).toEqual(expected);
  });

  const owned = (informer: Informer<KubernetesObject>) => watchOwned(informer, OWNER);
  it.each([
    ['of an owner', add(ownedBy('o')), ['a/o@0']],
    ['of an older version of the owner', add(ownedBy('o', { apiVersion: 'example.com/v1beta1' })), ['a/o@0']],
    ['of a kind of that name in another group', add(ownedBy('o', { apiVersion: 'other.com/v1' })), []],
    ['of another kind', add(ownedBy('o', { kind: 'Other' })), []],
    ['that refers to the owner without belonging to it', add(ownedBy('o', { controller: false })), []],
    ['of nobody', add(), []],
    ['that changes hands', update(ownedBy('before'), ownedBy('after')), ['a/after@0', 'a/before@0']],
    ['whose status changed', update(ownedBy('o'), ownedBy('o')), ['a/o@0', 'a/o@0']],
  ])('children: one %s', (_name, change, expected) => {
    expect(keysFor(owned, change)).toEqual(expected);
  });

  it('of a cluster-scoped owner names it without a namespace', () => {
    const cluster = { ...OWNER, namespaced: false };
    expect(keysFor((informer) => watchOwned(informer, cluster), add(ownedBy('o')))).toEqual(['o@0']);
  });

  it('anything else maps old and new, if the predicate lets it through', () => {
    const map = ({ metadata }: KubernetesObject) => [
      { namespace: '', name: metadata.labels?.['for'] ?? 'nobody' },
    ];
    const change = update({ labels: { for: 'x' } }, { labels: { for: 'y' } });
    expect(keysFor((informer) => watchMapped(informer, map), change)).toEqual(['y@0', 'x@0']);
    expect(keysFor((informer) => watchMapped(informer, map, () => false), change)).toEqual([]);
  });
});

describe('the default predicate', () => {
  it.each([
    ['a new generation', update({}, { generation: 2 }), true],
    ['a deletion', update({}, { deletionTimestamp: 'now' }), true],
    ['a finalizer', update({}, { finalizers: ['x'] }), true],
    ['an annotation', update({}, { annotations: { a: 'b' } }), true],
    ['a label', update({ labels: { a: 'b' } }, { labels: {} }), true],
    ['nothing but a resource version', update({}, {}), false],
    [
      'any change of a kind without generations',
      update({ generation: undefined }, { generation: undefined }),
      true,
    ],
  ])('%s: %s', (_name, change, expected) => {
    expect(specOrMetadataChanged(change)).toBe(expected);
  });
});
