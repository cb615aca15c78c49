/** Times in a status: stamped when something changes, and carried along while nothing does, so that nothing is written. */
import type { ConditionStatus } from '../api/index.ts';

/** RFC 3339 in seconds, as metav1.Time is written. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

interface Stamped {
  readonly status: ConditionStatus;
  readonly lastTransitionTime: string;
}

/** `lastTransitionTime` of a condition that has `status` now and was `previous`: it moves only with the status. */
export function transitionTime(previous: Stamped | undefined, status: ConditionStatus, now: string): string {
  return previous?.status === status ? previous.lastTransitionTime : now;
}
