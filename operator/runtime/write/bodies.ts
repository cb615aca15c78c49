/** What goes onto the wire: each body says which object it is meant for, so that it never hits another. Pure. */
import type { JsonPatchOperation } from '../client/client.ts';
import type { KubernetesObject } from '../object/object.ts';
import { controllerReference, uidOf } from '../object/owner.ts';
import type { Difference } from './drift.ts';
import type { Owner } from './writer.ts';

/**
 * No object ever has this resource version, so an apply that carries it creates the object or conflicts: with it the API server
 * itself sees to it that nothing of somebody else's is ever adopted, whatever our cache has missed.
 */
const NOTHING_IS_THERE = '1';

/** The intent of a child: `owner` is its controller. */
export function withController(intent: KubernetesObject, owner: Owner): KubernetesObject {
  const reference = controllerReference(owner.type, owner.object);
  const others = intent.metadata.ownerReferences?.filter(({ uid }) => uid !== reference.uid) ?? [];
  return withMetadata(intent, { ownerReferences: [...others, reference] });
}

/** Creates, and conflicts when the name is taken. */
export function creationOf(intent: KubernetesObject): KubernetesObject {
  return withMetadata(intent, { resourceVersion: NOTHING_IS_THERE });
}

/** Corrects the object that was looked at; a successor of the same name is refused. */
export function correctionOf(intent: KubernetesObject, live: KubernetesObject): KubernetesObject {
  return withMetadata(intent, { uid: uidOf(live) });
}

/**
 * Names the object in the state that was looked at. The status subresource ignores the uid, but not the resource version: a
 * status that was decided on an older spec, or on a predecessor of the same name, conflicts.
 */
export function statusBody(object: KubernetesObject, status: object): KubernetesObject & { status: object } {
  const { name, namespace, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    status,
  };
}

/**
 * Each removal first tests that it removes what was looked at: a position in a list means something else once the list changes.
 * A test of the resource version would do too, but would fail with every change of the status in between.
 */
export function removalOf(
  live: KubernetesObject,
  foreign: readonly Difference[],
): readonly JsonPatchOperation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uidOf(live) },
    ...foreign.flatMap(({ path, live: value }) => [
      { op: 'test', path, value } as const,
      { op: 'remove', path } as const,
    ]),
  ];
}

/**
 * Puts the content of the intent in the place of the whole content, in one step: for additions that no longer pass validation beside
 * what the intent says (`privileged` beside `allowPrivilegeEscalation: false`, a second source of a volume), where neither an apply
 * nor a removal alone is valid.
 */
export function replacementOf(
  intent: KubernetesObject,
  live: KubernetesObject,
): readonly JsonPatchOperation[] {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...content } = intent;
  return [
    { op: 'test', path: '/metadata/uid', value: uidOf(live) },
    ...Object.entries(content).map(([name, value]) => ({ op: 'add', path: `/${name}`, value }) as const),
  ];
}

function withMetadata(
  object: KubernetesObject,
  metadata: Partial<KubernetesObject['metadata']>,
): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}
