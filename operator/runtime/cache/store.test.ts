import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../object/object.ts';
import { NAMESPACE_INDEX, OWNER_UID_INDEX } from './informer.ts';
import { IndexedStore } from './store.ts';

interface Sample extends KubernetesObject {
  readonly data?: { readonly color: string };
}

const sample = (name: string, change: Partial<Sample['metadata']> = {}, color = 'red'): Sample => ({
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name, namespace: 'a', uid: `uid-${name}`, resourceVersion: '1', ...change },
  data: { color },
});
const keyOf = (name: string) => ({ namespace: 'a', name });

describe('the store', () => {
  it('tells an update from a successor that came while nobody looked', () => {
    const store = new IndexedStore<Sample>();
    expect(store.upsert(sample('one'), true)).toMatchObject([{ kind: 'add', initial: true }]);
    expect(store.upsert(sample('one', { resourceVersion: '2' }), false)).toMatchObject([
      {
        kind: 'update',
        object: { metadata: { resourceVersion: '2' } },
        previous: { metadata: { resourceVersion: '1' } },
      },
    ]);
    expect(store.upsert(sample('one', { uid: 'other', resourceVersion: '3' }), false)).toMatchObject([
      { kind: 'delete', object: { metadata: { uid: 'uid-one' } }, finalStateUnknown: true },
      { kind: 'add', object: { metadata: { uid: 'other' } } },
    ]);
  });

  it('has nothing to tell about what it knows', () => {
    const store = new IndexedStore<Sample>();
    store.upsert(sample('one'), false);
    expect(store.upsert(sample('one'), false)).toEqual([]);
    expect(store.remove(sample('never'))).toEqual([]);
  });

  it('deletes with the final state', () => {
    const store = new IndexedStore<Sample>();
    store.upsert(sample('one'), false);
    expect(store.remove(sample('one', { resourceVersion: '9' }))).toMatchObject([
      { kind: 'delete', object: { metadata: { resourceVersion: '9' } }, finalStateUnknown: false },
    ]);
    expect(store.size).toBe(0);
  });

  it('deletes the object that it told of when the end of a successor, never heard of, is all that comes', () => {
    const store = new IndexedStore<Sample>();
    store.upsert(sample('one'), false);
    expect(store.remove(sample('one', { uid: 'other', resourceVersion: '9' }))).toMatchObject([
      { kind: 'delete', object: { metadata: { uid: 'uid-one' } }, finalStateUnknown: true },
    ]);
  });

  it('drops what a complete list did not contain, in its namespace alone', () => {
    const store = new IndexedStore<Sample>();
    for (const name of ['one', 'two']) store.upsert(sample(name), false);
    store.upsert(sample('three', { namespace: 'b' }), false);
    expect(store.removeAllExcept(new Set(['a/one']), 'a')).toMatchObject([
      { kind: 'delete', object: { metadata: { name: 'two' } }, finalStateUnknown: true },
    ]);
    expect(
      store
        .list()
        .map((object) => object.metadata.name)
        .toSorted(),
    ).toEqual(['one', 'three']);
    store.removeAllExcept(new Set(), '');
    expect(store.size).toBe(0);
  });

  it('finds by index, and keeps indexes up to date', () => {
    const store = new IndexedStore<Sample>();
    store.upsert(sample('one'), false);
    store.addIndexer('color', (object) => (object.data === undefined ? [] : [object.data.color]));
    store.upsert(sample('two', {}, 'blue'), false);
    const names = (value: string) => store.byIndex('color', value).map((object) => object.metadata.name);
    expect([names('red'), names('blue'), names('green')]).toEqual([['one'], ['two'], []]);
    store.upsert(sample('one', { resourceVersion: '2' }, 'blue'), false);
    expect([names('red'), names('blue').toSorted()]).toEqual([[], ['one', 'two']]);
    store.remove(sample('two', {}, 'blue'));
    expect(names('blue')).toEqual(['one']);
  });

  it('has indexes of its own for namespaces and owners', () => {
    const store = new IndexedStore<Sample>();
    const owner = { apiVersion: 'v1', kind: 'Owner', name: 'o', uid: 'owner-uid' };
    store.upsert(sample('owned', { ownerReferences: [{ ...owner, controller: true }] }), false);
    store.upsert(sample('referenced', { ownerReferences: [owner] }), false);
    expect(store.byIndex(OWNER_UID_INDEX, 'owner-uid').map((object) => object.metadata.name)).toEqual([
      'owned',
    ]);
    expect(store.byIndex(NAMESPACE_INDEX, 'a')).toHaveLength(2);
    expect(() => store.byIndex('unknown', 'x')).toThrow(/no index "unknown"/);
  });

  it('keeps no bookkeeping of the server, and lets nobody change an object', () => {
    const store = new IndexedStore<Sample>();
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', kept: 'yes' };
    const managedFields = [{ manager: 'm', operation: 'Apply', fieldsV1: { 'f:data': { 'f:color': {} } } }];
    store.upsert(sample('one', { annotations, managedFields }), false);
    const cached = store.get(keyOf('one'));
    expect(cached?.metadata).toEqual({
      name: 'one',
      namespace: 'a',
      uid: 'uid-one',
      resourceVersion: '1',
      annotations: { kept: 'yes' },
    });
    expect(() => Object.assign(cached?.data ?? {}, { color: 'black' })).toThrow(TypeError);
    expect(store.ownership(keyOf('one'))).toEqual([
      { manager: 'm', operation: 'Apply', subresource: '', fields: { 'f:data': { 'f:color': {} } } },
    ]);
  });
});
