/**
 * A resource type names a kind and where the API server serves it. It carries the object's TypeScript type, so that one
 * generic client is typed for every kind without generated code.
 */
import type { KubernetesObject, ObjectKey } from './object.ts';

/** Coordinates of a kind. The core group is the empty string. `T` exists only for the type checker. */
export interface ResourceType<T extends KubernetesObject = KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The lower-case plural used in URLs and RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: it only ties `T` to the value. */
  readonly _object?: T;
}

/** `apps/v1`, or `v1` for the core group: an object's `apiVersion`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** `deployments.apps`, or `services` for the core group: how Kubernetes itself names a resource. */
export function resourceName(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** The URL path of a collection; all namespaces when `namespace` is empty. */
export function collectionPath(type: ResourceType, namespace: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${type.plural}`;
}

/** The URL path of one object, or of one of its subresources. */
export function objectPath(type: ResourceType, key: ObjectKey, subresource?: string): string {
  const suffix = subresource === undefined ? '' : `/${subresource}`;
  return `${collectionPath(type, key.namespace)}/${encodeURIComponent(key.name)}${suffix}`;
}
