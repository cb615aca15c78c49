/**
 * Differences that our own write could not remove: a mutating webhook puts them back, or the API server normalises a value. They
 * are remembered for exactly this object, this intent and these values, so that there is no hot loop, and so that any other
 * change is still drift. In memory only: a restart costs such an object one write that changes nothing.
 */
import { canonicalJson, digest, type Digest } from '../../../core/canonical-json.ts';
import type { Difference, Drift } from './drift.ts';

interface Remembered {
  readonly intent: Digest;
  readonly differences: Set<string>;
}

const MAX_OBJECTS = 10_000;
/** A value that changes with each write would fill the memory: then forgetting is the lesser evil. */
const MAX_DIFFERENCES = 100;

/** What is tolerated, by uid. */
export class Tolerance {
  readonly #byUid = new Map<string, Remembered>();

  /** `drift` without what is tolerated. */
  reduce(uid: string, intent: unknown, drift: Drift): Drift {
    const remembered = this.#byUid.get(uid);
    if (remembered === undefined || remembered.intent !== digest(intent)) return drift;
    const isNew = (difference: Difference): boolean => !remembered.differences.has(signature(difference));
    return { changed: drift.changed.filter(isNew), foreign: drift.foreign.filter(isNew) };
  }

  /** `differences` were there again in the answer to a write that should have removed them. */
  add(uid: string, intent: unknown, differences: readonly Difference[]): void {
    if (differences.length === 0) return;
    const known = this.#byUid.get(uid);
    const intentDigest = digest(intent);
    const kept = known?.intent === intentDigest ? known.differences : new Set<string>();
    for (const difference of differences.slice(0, MAX_DIFFERENCES)) kept.add(signature(difference));
    if (known === undefined && this.#byUid.size >= MAX_OBJECTS) this.#forgetOldest();
    this.#byUid.set(uid, {
      intent: intentDigest,
      differences: kept.size > MAX_DIFFERENCES ? new Set() : kept,
    });
  }

  #forgetOldest(): void {
    for (const uid of this.#byUid.keys()) {
      this.#byUid.delete(uid);
      return;
    }
  }
}

function signature({ path, live }: Difference): string {
  return `${path}=${live === undefined ? '' : canonicalJson(live)}`;
}
