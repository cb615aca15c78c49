/**
 * The finalizer of a controller that has something to clean up outside the cluster. It is there before the first side effect, and goes only
 * when the clean-up has succeeded: what was removed first once leaks for ever, because nothing leads back to it.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
 */
import { NotFoundError } from '../client/api-error.ts';
import type { JsonPatchOperation, KubernetesClient } from '../client/client.ts';
import { keyOf, type KubernetesObject } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';

/** What a finalizer works with. */
export interface FinalizerOptions<T extends KubernetesObject> {
  readonly client: Pick<KubernetesClient, 'patchJson'>;
  readonly type: ResourceType<T>;
  /** Qualified name, such as `example.com/bucket`. */
  readonly name: string;
  readonly fieldManager: string;
  /** Removes everything outside the cluster. Called again after a failure or a crash, so it must bear that. */
  readonly cleanUp: (object: T, signal: AbortSignal) => Promise<void>;
}

/**
 * What a reconciler may do next: `held`: work, the clean-up is assured. `added`: return, the watch brings the object back with it.
 * `released`: nothing more, the object is on its way out.
 */
export type FinalizerState = 'held' | 'added' | 'released';

/** Sees to the finalizer of one object. */
export interface Finalizer<T extends KubernetesObject> {
  /**
   * Call it first in each reconcile.
   * @throws ConflictError when the object has changed since it was read; what `cleanUp` throws, with the finalizer still in place.
   */
  reconcile(object: T, signal: AbortSignal): Promise<FinalizerState>;
}

/** A finalizer for objects of one type. */
export function createFinalizer<T extends KubernetesObject>(options: FinalizerOptions<T>): Finalizer<T> {
  const { client, type, name, fieldManager, cleanUp } = options;
  const patch = (object: T, operations: readonly JsonPatchOperation[], signal: AbortSignal): Promise<T> =>
    client.patchJson(type, keyOf(object), [...unchanged(object), ...operations], { fieldManager }, signal);

  const hold = async (object: T, signal: AbortSignal): Promise<FinalizerState> => {
    if (indexIn(object, name) >= 0) return 'held';
    await patch(object, [addition(object, name)], signal);
    return 'added';
  };
  const release = async (object: T, signal: AbortSignal): Promise<FinalizerState> => {
    const index = indexIn(object, name);
    if (index < 0) return 'released';
    await cleanUp(object, signal);
    try {
      await patch(object, [{ op: 'remove', path: `/metadata/finalizers/${index}` }], signal);
    } catch (error) {
      // Another process with the same duty was first, and the object is gone.
      if (!(error instanceof NotFoundError)) throw error;
    }
    return 'released';
  };
  return {
    reconcile: (object, signal) =>
      object.metadata.deletionTimestamp === undefined ? hold(object, signal) : release(object, signal),
  };
}

function indexIn({ metadata }: KubernetesObject, name: string): number {
  return metadata.finalizers?.indexOf(name) ?? -1;
}

/** The API server compares both with what is stored, and answers 409 when either differs: an index means nothing in another list. */
function unchanged({ metadata }: KubernetesObject): readonly JsonPatchOperation[] {
  return [
    { op: 'replace', path: '/metadata/uid', value: metadata.uid },
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ];
}

function addition({ metadata }: KubernetesObject, name: string): JsonPatchOperation {
  return metadata.finalizers === undefined
    ? { op: 'add', path: '/metadata/finalizers', value: [name] }
    : { op: 'add', path: '/metadata/finalizers/-', value: name };
}
