/**
 * What an object loses before it is cached: managedFields (half of a typical object; `internOwnership` keeps what
 * matters) and kubectl's last-applied copy of the whole object. Then it is frozen, because everybody shares it.
 */
import type { KubernetesObject, ObjectMeta } from '../object/object.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A frozen copy of `object` without what is not cached. The parts that stay are taken over, not copied. */
export function stripForCache<T extends KubernetesObject>(object: T): T {
  return freezeDeep({ ...object, metadata: stripMetadata(object.metadata) });
}

/** Copying instead of deleting keeps V8's compact object layout. */
function stripMetadata(metadata: ObjectMeta): ObjectMeta {
  const { managedFields: _dropped, ...kept } = metadata;
  if (kept.annotations?.[LAST_APPLIED] === undefined) return kept;
  const { [LAST_APPLIED]: _copy, ...annotations } = kept.annotations;
  return { ...kept, annotations };
}

function freezeDeep<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) freezeDeep(member);
  }
  return Object.freeze(value);
}
