/** What a decision binds itself to: the exact change to the exact target, and nothing that moves by itself. */
import { type Digest, digest } from '../core/canonical-json.ts';
import type { Action } from './action.ts';
import type { PlanEffect } from './plan/plan.ts';

/**
 * @returns the digest over kind, target, parameters and effect. Never over a resourceVersion, which every write of a status changes. A Quarantine
 * binds the uid alone, so that nobody stalls it by editing.
 */
export function digestOf({ kind, target, parameters }: Action, effect: PlanEffect): Digest {
  const bound =
    kind === 'Quarantine' ? { uid: target.uid } : { uid: target.uid, generation: target.generation };
  return digest({ kind, target: bound, parameters, effect });
}
