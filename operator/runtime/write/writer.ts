/**
 * How a controller writes: it states what should be, and only differences reach the API server. Every write is remembered
 * until the informer has seen it, so that no decision is made on a cache that is older than our own last write.
 */
import type { KubernetesObject, ObjectKey, OwnerReference } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';

/** What {@link ObjectWriter.ensure} found and did. */
export type EnsureResult<T extends KubernetesObject> =
  /** The live object matches already; nothing was written. */
  | { readonly kind: 'unchanged'; readonly object: T }
  | { readonly kind: 'created'; readonly object: T }
  /** `paths` differed (JSON pointers, at most 20, never values): for a log line or an event. */
  | { readonly kind: 'updated'; readonly object: T; readonly paths: readonly string[] }
  /** Somebody else's object has the name: it was not touched. `controller` is its owner, if it has one. */
  | { readonly kind: 'foreign'; readonly controller: OwnerReference | undefined }
  /** The object is being deleted, or belongs to an earlier owner of the same name: look again when it is gone. */
  | { readonly kind: 'terminating' };

/** What {@link ObjectWriter.ensureAbsent} found and did. */
export type EnsureAbsentResult = 'absent' | 'deleted' | 'foreign';

/** An owner, with the type that its children's reference needs. */
export interface Owner {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
}

/** Writes on behalf of one controller, under one field manager. */
export interface ObjectWriter {
  /**
   * Makes the live child equal to `intent` wherever the intent speaks, and removes what others added under its content. Adds
   * the controller reference to `owner` by itself. The intent's type must be watched through the writer's informers.
   */
  ensure<T extends KubernetesObject>(
    type: ResourceType<T>,
    intent: KubernetesObject,
    owner: Owner,
    signal: AbortSignal,
  ): Promise<EnsureResult<T>>;
  /**
   * Where the cached child differs from `intent`, as {@link ensure} would set it right: JSON pointers, at most 20. Undefined when there is no
   * such child of `owner`.
   */
  driftOf(type: ResourceType, intent: KubernetesObject, owner: Owner): readonly string[] | undefined;
  /** Deletes the child of that name if `owner` controls it. */
  ensureAbsent(
    type: ResourceType,
    key: ObjectKey,
    owner: Owner,
    signal: AbortSignal,
  ): Promise<EnsureAbsentResult>;
  /**
   * Applies `status` to the status subresource of `object`, unless it is equal to the cached one.
   * @param ownPart of a status that others write to as well: what of the live one is compared with `status`.
   * @returns whether a write happened.
   * @throws ConflictError when the object has changed since `object` was read: what was decided is out of date.
   */
  applyStatus(
    type: ResourceType,
    object: KubernetesObject,
    status: object,
    signal: AbortSignal,
    ownPart?: (live: unknown) => unknown,
  ): Promise<boolean>;
}
