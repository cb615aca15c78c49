/**
 * The client every controller uses: typed by {@link ResourceType}, one method a verb, each with a deadline and a size limit
 * inside. Failures are the classes of `api-error.ts`; only `get` turns "not found" into a value.
 */
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import type { WatchEvent } from './watch-event.ts';

/** What to list. Selectors are in the API's own text form. */
export interface ListOptions {
  /** All namespaces when absent or empty. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Page size; the whole collection when absent. */
  readonly limit?: number;
  /** The token of the previous page. */
  readonly continue?: string;
  readonly resourceVersion?: string;
  /** Only metadata: the objects are PartialObjectMetadata. */
  readonly metadataOnly?: boolean;
}

/** One page of a collection. */
export interface ObjectList<T extends KubernetesObject> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Set when there is a next page. */
  readonly continue?: string;
}

/** What to watch, from which resource version on. */
export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  /** The server ends the watch after this long. */
  readonly timeoutSeconds: number;
  /** The watch fails with a TransientError when neither an event nor a bookmark came for this long. */
  readonly inactivityMs: number;
  readonly metadataOnly?: boolean;
}

/** Options of every write. */
export interface WriteOptions {
  readonly fieldManager: string;
  /** `status`, `scale` ...; the object itself when absent. */
  readonly subresource?: string;
  /** The server validates and answers as if, and stores nothing. */
  readonly dryRun?: boolean;
}

/** Options of a server-side apply. */
export interface ApplyOptions extends WriteOptions {
  /** Take over fields that another manager owns with another value. */
  readonly force?: boolean;
}

/** What must still hold for a delete to happen, and what becomes of the object's dependents. */
export interface DeleteOptions {
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
}

/** One step of a JSON patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Reads and writes objects of any kind. Every method rejects with the signal's reason when it aborts. */
export interface KubernetesClient {
  /** The live object, or undefined when there is none. */
  get<T extends KubernetesObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    signal: AbortSignal,
  ): Promise<T | undefined>;
  /** One page of a collection. */
  list<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: ListOptions,
    signal: AbortSignal,
  ): Promise<ObjectList<T>>;
  /** Changes from `options.resourceVersion` on; ends when the server closes the watch. */
  watch<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
  /** @throws AlreadyExistsError when the name is taken. */
  create<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: KubernetesObject,
    options: WriteOptions,
    signal: AbortSignal,
  ): Promise<T>;
  /** Server-side apply of the full intent. */
  apply<T extends KubernetesObject>(
    type: ResourceType<T>,
    intent: KubernetesObject,
    options: ApplyOptions,
    signal: AbortSignal,
  ): Promise<T>;
  /** Replaces the object; with `metadata.resourceVersion` set, only if it is unchanged (else ConflictError). */
  replace<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: KubernetesObject,
    options: WriteOptions,
    signal: AbortSignal,
  ): Promise<T>;
  patchJson<T extends KubernetesObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    operations: readonly JsonPatchOperation[],
    options: WriteOptions,
    signal: AbortSignal,
  ): Promise<T>;
  /** Deletes the object with exactly this uid; an object that is already gone is success. */
  delete(type: ResourceType, key: ObjectKey, options: DeleteOptions, signal: AbortSignal): Promise<void>;
}
