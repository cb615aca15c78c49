/**
 * What a controller sees of a watched kind: a store that is always complete up to some resource version, and changes told to
 * handlers. Informers are shared: asking twice for the same kind and selector yields the same one.
 */
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import type { Ownership } from './ownership.ts';

/** Names the values under which an object is found by {@link Store.byIndex}. Must be pure and quick. */
export type Indexer<T extends KubernetesObject> = (object: T) => readonly string[];

/** Built-in index: the uid of the controller owner. */
export const OWNER_UID_INDEX = 'ownerUid';
/** Built-in index: the namespace. */
export const NAMESPACE_INDEX = 'namespace';

/** Read access to the cached objects. They are shared: frozen, and without managedFields and last-applied annotation. */
export interface Store<T extends KubernetesObject> {
  get(key: ObjectKey): T | undefined;
  /** A new array of every object, in no particular order. */
  list(): readonly T[];
  /** Objects for which the index function of that name returned `value`. */
  byIndex(indexName: string, value: string): readonly T[];
  /** Who owns which fields of the object, from its managedFields. */
  ownership(key: ObjectKey): Ownership | undefined;
  readonly size: number;
}

/** A change of one object, as told to handlers. */
export type Change<T extends KubernetesObject> =
  | { readonly kind: 'add'; readonly object: T; /** Part of the first list. */ readonly initial: boolean }
  | { readonly kind: 'update'; readonly object: T; readonly previous: T }
  | {
      readonly kind: 'delete';
      readonly object: T;
      /** The delete itself was missed (found by a relist), so `object` may be older than the last state. */
      readonly finalStateUnknown: boolean;
    };

/** Called for each change, in order. Must only take note (enqueue a key): it cannot wait, and a throw is logged and dropped. */
export type ChangeHandler<T extends KubernetesObject> = (change: Change<T>) => void;

/** One watched kind. */
export interface Informer<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  readonly store: Store<T>;
  /**
   * Adds a handler; objects already in the store are told to it as initial adds: the first 200 at once, the others over the next
   * turns of the event loop, before any later change. Returns the function that removes it.
   */
  addHandler(handler: ChangeHandler<T>): () => void;
  /** The first list is complete and in the store. */
  hasSynced(): boolean;
  /** The newest resource version the store has seen, empty before the first list. */
  lastSyncResourceVersion(namespace: string): string;
}

/** Which objects of a kind to watch. */
export interface InformerOptions<T extends KubernetesObject> {
  /** Only objects of this namespace, whichever namespaces the process serves. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /**
   * What of an object is cached, for kinds of which most is not needed. Must be pure, and leave metadata; all who ask for a kind and selector
   * give the same one.
   */
  readonly keep?: (object: T) => T;
  /** Added to the shared informer's indexes; the same name must mean the same function. */
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
}

/** Only metadata is known of these objects: for kinds whose content is not needed, or must not be read. */
export type PartialObjectMetadata = KubernetesObject;

/** The shared informers of a process. */
export interface Informers {
  for<T extends KubernetesObject>(type: ResourceType<T>, options?: InformerOptions<T>): Informer<T>;
  /** An informer that transfers and keeps metadata alone. */
  forMetadata(
    type: ResourceType,
    options?: InformerOptions<PartialObjectMetadata>,
  ): Informer<PartialObjectMetadata>;
}
