/**
 * Read your own writes: after a write, the owner's next reconcile waits until the informer has caught up, so that no decision is
 * made on a cache older than what we did ourselves (KEP-5647; the double create of a child is the classic bug). It waits by
 * coming back, never by blocking a worker, and gives up after a while: a cache that hides an object must not stop its owner.
 */
import type { Clock } from '../../../core/clock.ts';
import type { Informer } from '../cache/informer.ts';
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import { formatKey } from '../object/object.ts';
import { hasReached } from '../object/resource-version.ts';

/** Remembers writes until they have been seen. One for each controller. */
export interface ConsistencyStore {
  /** `object` is the API server's answer to a write made for `owner`. */
  wroteAt<T extends KubernetesObject>(owner: ObjectKey, informer: Informer<T>, object: T): void;
  /** The object of this uid was deleted for `owner`. */
  deletedAt<T extends KubernetesObject>(
    owner: ObjectKey,
    informer: Informer<T>,
    key: ObjectKey,
    uid: string,
  ): void;
  /** The kind whose informer is still behind a write made for `owner`, if any. */
  behind(owner: ObjectKey): string | undefined;
}

interface PendingWrite {
  readonly kind: string;
  readonly resourceVersion: string;
  readonly writtenAtMs: number;
  isSeen(): boolean;
}

const GIVE_UP_AFTER_MS = 120_000;

/** An empty store. */
export function createConsistencyStore(clock: Clock): ConsistencyStore {
  const pending = new Map<string, Map<string, PendingWrite>>();

  const remember = (owner: ObjectKey, id: string, write: PendingWrite): void => {
    const ownerKey = formatKey(owner);
    const writes = pending.get(ownerKey);
    if (writes === undefined) pending.set(ownerKey, new Map([[id, write]]));
    else if (isNewer(write, writes.get(id))) writes.set(id, write);
  };
  return {
    wroteAt: (owner, informer, object) => {
      const { resourceVersion, namespace } = object.metadata;
      if (resourceVersion === undefined) return;
      const { kind } = informer.type;
      remember(owner, `${kind}/${namespace ?? ''}`, {
        kind,
        resourceVersion,
        writtenAtMs: clock.monotonicMs(),
        isSeen: () => hasReached(informer.lastSyncResourceVersion(namespace ?? ''), resourceVersion),
      });
    },
    deletedAt: (owner, informer, key, uid) => {
      const { kind } = informer.type;
      remember(owner, `${kind}/${formatKey(key)}/${uid}`, {
        kind,
        resourceVersion: '',
        writtenAtMs: clock.monotonicMs(),
        isSeen: () => isGone(informer.store.get(key), uid),
      });
    },
    behind: (owner) => {
      const ownerKey = formatKey(owner);
      const writes = pending.get(ownerKey);
      if (writes === undefined) return undefined;
      for (const [id, write] of writes) {
        if (!write.isSeen() && clock.monotonicMs() - write.writtenAtMs < GIVE_UP_AFTER_MS) return write.kind;
        writes.delete(id);
      }
      pending.delete(ownerKey);
      return undefined;
    },
  };
}

/** Writes made side by side may be answered out of order: the newest is the one to wait for. */
function isNewer(write: PendingWrite, known: PendingWrite | undefined): boolean {
  return known === undefined || hasReached(write.resourceVersion, known.resourceVersion);
}

/** A finalizer may keep the object for long; its deletion timestamp is enough to have seen. */
function isGone(object: KubernetesObject | undefined, uid: string): boolean {
  return object?.metadata.uid !== uid || object.metadata.deletionTimestamp !== undefined;
}
