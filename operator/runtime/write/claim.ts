/**
 * Whose an object is. A name is no proof: the controller reference's uid is one, and where there is no controller at all, that our
 * own field manager applied the object: then it is a child whose reference was taken away (by an edit, or by a delete that
 * orphaned it), and the reference comes back with everything else.
 */
import type { Ownership } from '../cache/ownership.ts';
import type { KubernetesObject, OwnerReference } from '../object/object.ts';
import { controllerOf, controllerReference } from '../object/owner.ts';
import type { Owner } from './writer.ts';

/** What may be done with an object that has the name of a child. */
export type Claim =
  | { readonly kind: 'ours' }
  | { readonly kind: 'foreign'; readonly controller: OwnerReference | undefined }
  | { readonly kind: 'terminating' };

/** Who writes children, and for whom. */
export interface Claimant {
  readonly owner: Owner;
  readonly fieldManager: string;
}

/** Whether `claimant` may write `object`, whose fields are owned as `ownership` says. */
export function claim(object: KubernetesObject, ownership: Ownership, claimant: Claimant): Claim {
  const expected = controllerReference(claimant.owner.type, claimant.owner.object);
  const controller = controllerOf(object);
  const isOurs = controller === undefined ? wasApplied(ownership, claimant) : controller.uid === expected.uid;
  if (isOurs) {
    return object.metadata.deletionTimestamp === undefined ? { kind: 'ours' } : { kind: 'terminating' };
  }
  // Left over from an owner of the same name that is gone: garbage collection is about to remove it.
  if (controller !== undefined && isSameName(controller, expected)) return { kind: 'terminating' };
  return { kind: 'foreign', controller };
}

/** Server-side apply records the manager; nobody else has a reason to use our name. */
function wasApplied(ownership: Ownership, { fieldManager }: Claimant): boolean {
  return ownership.some(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === 'Apply' && subresource === '',
  );
}

function isSameName(one: OwnerReference, other: OwnerReference): boolean {
  return one.kind === other.kind && one.name === other.name && groupOf(one) === groupOf(other);
}

function groupOf({ apiVersion }: OwnerReference): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
