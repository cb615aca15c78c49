/** What a controller tells about itself; `metrics.ts` turns it into controller-runtime's metrics. */
import { UNOBSERVED_QUEUE, type QueueObserver } from './workqueue.ts';

/** Durations in milliseconds. */
export interface ControllerObserver {
  readonly queue: QueueObserver;
  workers(count: number): void;
  /** Gives the function that tells how long unfinished keys have been worked on; it is asked when metrics are read. */
  unfinished(read: () => readonly number[]): void;
  active(change: 1 | -1): void;
  took(durationMs: number): void;
  ended(result: 'success' | 'error' | 'requeue' | 'requeue_after'): void;
  endedTerminally(): void;
  /** The reconciler threw something that is none of `core/errors.ts`: a bug. */
  panicked(): void;
  timedOut(): void;
  /** A reconcile was put off because the cache of `kind` is behind our own writes. */
  skippedStale(kind: string): void;
}

/** Tells nobody. */
export const UNOBSERVED_CONTROLLER: ControllerObserver = {
  queue: UNOBSERVED_QUEUE,
  workers: () => undefined,
  unfinished: () => undefined,
  active: () => undefined,
  took: () => undefined,
  ended: () => undefined,
  endedTerminally: () => undefined,
  panicked: () => undefined,
  timedOut: () => undefined,
  skippedStale: () => undefined,
};
