/**
 * What makes a controller look at a key: changes of an informer's objects, mapped to keys. Handlers only name keys, so a lost
 * or doubled event is harmless. On an update the old and the new object are both mapped.
 */
import type { Change, Informer } from '../cache/informer.ts';
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import { keyOf } from '../object/object.ts';
import { controllerOf } from '../object/owner.ts';
import { apiVersionOf, type ResourceType } from '../object/resource.ts';

/** How soon a key should be handled: edits before the objects of a first list. */
export const PRIORITY_NORMAL = 0;
export const PRIORITY_INITIAL_LIST = -100;

/** A source of keys. Build one with {@link watchSelf}, {@link watchOwned} or {@link watchMapped}. */
export interface Watch {
  hasSynced(): boolean;
  /** Starts naming keys to `enqueue`; returns the function that stops it. */
  start(enqueue: (key: ObjectKey, priority: number) => void): () => void;
}

/** Decides whether a change is worth a look. */
export type Predicate<T extends KubernetesObject> = (change: Change<T>) => boolean;

/**
 * The controller's own kind. Its status is written by the controller itself, so by default an update counts only when the
 * generation, deletion, finalizers, labels or annotations changed.
 */
export function watchSelf<T extends KubernetesObject>(
  informer: Informer<T>,
  predicate: Predicate<T> = specOrMetadataChanged,
): Watch {
  return watchMapped(informer, (object) => [keyOf(object)], predicate);
}

/** Children: a change is mapped to the controller owner, when that is of type `owner`. */
export function watchOwned<T extends KubernetesObject>(informer: Informer<T>, owner: ResourceType): Watch {
  const apiVersion = apiVersionOf(owner);
  const group = apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
  return watchMapped(informer, (object) => {
    const reference = controllerOf(object);
    if (reference === undefined || reference.kind !== owner.kind) return [];
    if (!isOfGroup(reference.apiVersion, group)) return [];
    return [{ namespace: owner.namespaced ? keyOf(object).namespace : '', name: reference.name }];
  });
}

/** Anything else: `map` names the keys that an object concerns. It is called for the old and the new object of an update. */
export function watchMapped<T extends KubernetesObject>(
  informer: Informer<T>,
  map: (object: T) => readonly ObjectKey[],
  predicate: Predicate<T> = () => true,
): Watch {
  return {
    hasSynced: () => informer.hasSynced(),
    start: (enqueue) =>
      informer.addHandler((change) => {
        if (!predicate(change)) return;
        for (const key of keysOf(change, map)) enqueue(key, priorityOf(change));
      }),
  };
}

/** True unless an update touched nothing but status and bookkeeping. */
export function specOrMetadataChanged(change: Change<KubernetesObject>): boolean {
  if (change.kind !== 'update') return true;
  const before = change.previous.metadata;
  const after = change.object.metadata;
  if (before.generation === undefined) return before.resourceVersion !== after.resourceVersion;
  return (
    before.generation !== after.generation ||
    before.deletionTimestamp !== after.deletionTimestamp ||
    JSON.stringify([before.finalizers, before.labels, before.annotations]) !==
      JSON.stringify([after.finalizers, after.labels, after.annotations])
  );
}

/** Versions of a group change; the group of an owner does not. */
function isOfGroup(apiVersion: string, group: string): boolean {
  const slash = apiVersion.indexOf('/');
  return (slash < 0 ? '' : apiVersion.slice(0, slash)) === group;
}

function keysOf<T extends KubernetesObject>(
  change: Change<T>,
  map: (object: T) => readonly ObjectKey[],
): readonly ObjectKey[] {
  if (change.kind !== 'update') return map(change.object);
  return [...map(change.object), ...map(change.previous)];
}

function priorityOf(change: Change<KubernetesObject>): number {
  return change.kind === 'add' && change.initial ? PRIORITY_INITIAL_LIST : PRIORITY_NORMAL;
}
