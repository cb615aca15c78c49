/**
 * The objects of one informer. Identity is the uid: an object that was deleted and created again while the watch was down is a
 * delete and an add, never an update. All changes come from the reflectors; nobody else writes here.
 */
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import { formatKey, keyOf } from '../object/object.ts';
import { controllerOf } from '../object/owner.ts';
import { NAMESPACE_INDEX, OWNER_UID_INDEX, type Change, type Indexer, type Store } from './informer.ts';
import { internOwnership, type Ownership } from './ownership.ts';
import { stripForCache } from './strip.ts';

interface Entry<T> {
  readonly object: T;
  readonly ownership: Ownership;
}

/** Keys by value. Most values name one object, and a Set for each of them would be a tenth of the cache. */
type Index = Map<string, string | Set<string>>;

const BUILT_IN_INDEXERS: Readonly<Record<string, Indexer<KubernetesObject>>> = {
  [NAMESPACE_INDEX]: (object) => [object.metadata.namespace ?? ''],
  [OWNER_UID_INDEX]: (object) => {
    const owner = controllerOf(object);
    return owner === undefined ? [] : [owner.uid];
  },
};

/** A store that its reflectors write to. */
export class IndexedStore<T extends KubernetesObject> implements Store<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #indexers = new Map<string, Indexer<T>>(Object.entries(BUILT_IN_INDEXERS));
  readonly #indexes = new Map<string, Index>();
  /** The one that was put in last, for what the next one shares with it. */
  #latest: T | undefined;

  constructor() {
    for (const name of this.#indexers.keys()) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#entries.get(formatKey(key))?.object;
  }

  list(): readonly T[] {
    return Array.from(this.#entries.values(), (entry) => entry.object);
  }

  byIndex(indexName: string, value: string): readonly T[] {
    const index = this.#indexes.get(indexName);
    if (index === undefined)
      throw new RangeError(`there is no index "${indexName}": give it to informers.for`);
    const objects: T[] = [];
    for (const key of keysOf(index.get(value))) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) objects.push(entry.object);
    }
    return objects;
  }

  ownership(key: ObjectKey): Ownership | undefined {
    return this.#entries.get(formatKey(key))?.ownership;
  }

  /** Adds an index over all objects; one of the same name stays as it is. */
  addIndexer(name: string, indexer: Indexer<T>): void {
    if (this.#indexers.has(name)) return;
    this.#indexers.set(name, indexer);
    const index: Index = new Map();
    this.#indexes.set(name, index);
    for (const [key, entry] of this.#entries) insert(index, key, indexer(entry.object));
  }

  /** Puts `object` in. @returns what changed: nothing when the resource version is the known one. */
  upsert(object: T, initial: boolean): readonly Change<T>[] {
    const key = formatKey(keyOf(object));
    const before = this.#entries.get(key)?.object;
    if (before !== undefined && isSameVersion(before, object)) return [];
    const entry = {
      object: stripForCache(object, { previous: before, sibling: this.#latest }),
      ownership: internOwnership(object.metadata.managedFields),
    };
    this.#latest = entry.object;
    this.#put(key, entry, before);
    if (before === undefined) return [{ kind: 'add', object: entry.object, initial }];
    if (before.metadata.uid === object.metadata.uid) {
      return [{ kind: 'update', object: entry.object, previous: before }];
    }
    return [
      { kind: 'delete', object: before, finalStateUnknown: true },
      { kind: 'add', object: entry.object, initial: false },
    ];
  }

  /** Takes out the object that `last` is the final state of; one of another uid must have gone before it, unnoticed. */
  remove(last: T): readonly Change<T>[] {
    const key = formatKey(keyOf(last));
    const before = this.#entries.get(key)?.object;
    if (before === undefined) return [];
    this.#drop(key, before);
    return before.metadata.uid === last.metadata.uid
      ? [{ kind: 'delete', object: stripForCache(last), finalStateUnknown: false }]
      : [{ kind: 'delete', object: before, finalStateUnknown: true }];
  }

  /** Takes out every object of `namespace` (all when empty) that a complete list did not contain. */
  removeAllExcept(listed: ReadonlySet<string>, namespace: string): readonly Change<T>[] {
    const changes: Change<T>[] = [];
    for (const [key, { object }] of this.#entries) {
      if (listed.has(key) || !isInScope(object, namespace)) continue;
      this.#drop(key, object);
      changes.push({ kind: 'delete', object, finalStateUnknown: true });
    }
    return changes;
  }

  #put(key: string, entry: Entry<T>, before: T | undefined): void {
    this.#entries.set(key, entry);
    for (const [name, indexer] of this.#indexers) {
      const index: Index = this.#indexes.get(name) ?? new Map();
      const values = indexer(entry.object);
      const previous = before === undefined ? [] : indexer(before);
      if (isSameList(values, previous)) continue;
      erase(index, key, previous);
      insert(index, key, values);
    }
  }

  #drop(key: string, object: T): void {
    this.#entries.delete(key);
    for (const [name, indexer] of this.#indexers) {
      erase(this.#indexes.get(name) ?? new Map(), key, indexer(object));
    }
  }
}

function isSameVersion(one: KubernetesObject, other: KubernetesObject): boolean {
  return (
    one.metadata.uid === other.metadata.uid &&
    one.metadata.resourceVersion !== undefined &&
    one.metadata.resourceVersion === other.metadata.resourceVersion
  );
}

function isInScope(object: KubernetesObject, namespace: string): boolean {
  return namespace === '' || object.metadata.namespace === namespace;
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, position) => value === other[position]);
}

function keysOf(keys: string | Set<string> | undefined): Iterable<string> {
  return typeof keys === 'string' ? [keys] : (keys ?? []);
}

function insert(index: Index, key: string, values: readonly string[]): void {
  for (const value of values) {
    const keys = index.get(value);
    if (keys === undefined) index.set(value, key);
    else if (typeof keys !== 'string') keys.add(key);
    else if (keys !== key) index.set(value, new Set([keys, key]));
  }
}

function erase(index: Index, key: string, values: readonly string[]): void {
  for (const value of values) {
    const keys = index.get(value);
    if (typeof keys !== 'string') keys?.delete(key);
    if (keys === key || (typeof keys !== 'string' && keys?.size === 0)) index.delete(value);
  }
}
