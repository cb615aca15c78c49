/**
 * Ownership between objects: a child names exactly one controller, by uid, so that garbage collection removes it with its
 * owner and nobody mistakes a later object of the same name for it.
 */
import { TerminalError } from '../../../core/errors.ts';
import type { KubernetesObject, OwnerReference } from './object.ts';
import { apiVersionOf, type ResourceType } from './resource.ts';

/** The one owner that manages `object`, if any. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/**
 * A controller reference to `owner`, for `metadata.ownerReferences` of a child.
 * @throws TerminalError when `owner` has no uid, that is, was not read from the API server.
 */
export function controllerReference(type: ResourceType, owner: KubernetesObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name: owner.metadata.name,
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/**
 * The uid of an object that was read from the API server.
 * @throws TerminalError when there is none.
 */
export function uidOf(object: KubernetesObject): string {
  const { uid, name } = object.metadata;
  if (uid === undefined) throw new TerminalError(`${object.kind} ${name} has no uid: it was never stored`);
  return uid;
}
