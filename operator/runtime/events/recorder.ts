/**
 * Kubernetes Events (`events.k8s.io/v1`) about objects: what `kubectl describe` shows a user. Recording never waits and never
 * fails the caller; similar events become one series, and a noisy object is rate limited.
 */
import type { KubernetesObject } from '../object/object.ts';

/** What happened, in the words of `events.k8s.io/v1`. */
export interface EventDetails {
  readonly type: 'Normal' | 'Warning';
  /** Why: CamelCase, from a closed union of the controller. */
  readonly reason: string;
  /** What was done: CamelCase verb, at most 128 characters. */
  readonly action: string;
  /** For people; cut to 1 KB. Must not contain secrets or times. */
  readonly note: string;
}

/** Records events; delivery happens in the background. */
export interface EventRecorder {
  event(object: KubernetesObject, details: EventDetails): void;
}
