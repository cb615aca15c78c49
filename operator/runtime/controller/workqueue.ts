/**
 * The queue between watches and workers (client-go's workqueue, with controller-runtime's priorities). A key is never in it
 * twice and never handled by two workers at once; a key added while it is handled is handled again afterwards. Hence no lost
 * update, and a storm of events costs one reconcile.
 */
import type { Clock, Timer } from '../../../core/clock.ts';

/** Told what the queue does, for its metrics. Durations in milliseconds. */
export interface QueueObserver {
  added(): void;
  retried(): void;
  depthChanged(priority: number, change: 1 | -1): void;
  started(waitedMs: number): void;
  finished(workedMs: number): void;
}

/** Keys waiting for a worker. */
export interface WorkQueue {
  /** Adds a key, or raises its priority if it waits already. */
  add(key: string, priority: number): void;
  /** Adds a key later; of several delays for a key the earliest holds. */
  addAfter(key: string, delayMs: number, priority: number): void;
  /**
   * Waits for a key, highest priority first.
   * @param minimum the least priority that the worker takes; all of them when absent.
   * @returns undefined once the queue is shut down.
   */
  get(minimum?: number): Promise<QueuedKey | undefined>;
  /** The worker is finished with the key. Every `get` needs one `done`. */
  done(key: string): void;
  /** Lets workers go; what waits is dropped, because the next process lists everything anyway. */
  shutDown(): void;
  /** How long each key that is being handled has been, in milliseconds. */
  unfinishedMs(): readonly number[];
  readonly size: number;
}

/** A key, and the priority it was waiting with. */
export interface QueuedKey {
  readonly key: string;
  readonly priority: number;
}

interface Waiting {
  priority: number;
  readonly addedAtMs: number;
}

interface Waiter {
  readonly minimum: number;
  readonly resolve: (item: QueuedKey | undefined) => void;
}

interface Delayed {
  readonly dueMs: number;
  readonly priority: number;
  readonly timer: Timer;
}

/** Tells nobody. */
export const UNOBSERVED_QUEUE: QueueObserver = {
  added: () => undefined,
  retried: () => undefined,
  depthChanged: () => undefined,
  started: () => undefined,
  finished: () => undefined,
};

/** An empty queue. */
export function createWorkQueue(clock: Clock, observer: QueueObserver = UNOBSERVED_QUEUE): WorkQueue {
  return new PriorityWorkQueue(clock, observer);
}

class PriorityWorkQueue implements WorkQueue {
  readonly #clock: Clock;
  readonly #observer: QueueObserver;
  /** Everything that has to be handled: waiting, or added again while it is handled. */
  readonly #dirty = new Map<string, Waiting>();
  /** When each key that is being handled was started. */
  readonly #processing = new Map<string, number>();
  /** Waiting keys, first in first out, by priority. A Set keeps its order and forgets from anywhere. */
  readonly #levels = new Map<number, Set<string>>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #waiters: Waiter[] = [];
  #shutDown = false;

  constructor(clock: Clock, observer: QueueObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  get size(): number {
    let size = 0;
    for (const level of this.#levels.values()) size += level.size;
    return size;
  }

  add(key: string, priority: number): void {
    if (this.#shutDown) return;
    this.#undelay(key);
    const waiting = this.#dirty.get(key);
    if (waiting !== undefined) return this.#raise(key, waiting, priority);
    this.#observer.added();
    this.#dirty.set(key, { priority, addedAtMs: this.#clock.monotonicMs() });
    if (this.#processing.has(key)) return;
    this.#push(key, priority);
  }

  addAfter(key: string, delayMs: number, priority: number): void {
    if (this.#shutDown) return;
    if (delayMs <= 0) return this.add(key, priority);
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.dueMs <= dueMs && known.priority >= priority) return;
    known?.timer.cancel();
    const soonestMs = Math.min(dueMs, known?.dueMs ?? dueMs);
    const highest = Math.max(priority, known?.priority ?? priority);
    const timer = this.#clock.setTimeout(() => this.add(key, highest), soonestMs - this.#clock.monotonicMs());
    this.#delayed.set(key, { dueMs: soonestMs, priority: highest, timer });
  }

  get(minimum = Number.NEGATIVE_INFINITY): Promise<QueuedKey | undefined> {
    const item = this.#shutDown ? undefined : this.#pop(minimum);
    if (item !== undefined || this.#shutDown) return Promise.resolve(item);
    return new Promise((resolve) => this.#waiters.push({ minimum, resolve }));
  }

  done(key: string): void {
    const startedAtMs = this.#processing.get(key);
    if (startedAtMs === undefined) return;
    this.#processing.delete(key);
    this.#observer.finished(this.#clock.monotonicMs() - startedAtMs);
    const waiting = this.#dirty.get(key);
    if (waiting !== undefined && !this.#shutDown) this.#push(key, waiting.priority);
  }

  shutDown(): void {
    this.#shutDown = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    for (const { resolve } of this.#waiters.splice(0)) resolve(undefined);
  }

  unfinishedMs(): readonly number[] {
    const nowMs = this.#clock.monotonicMs();
    return Array.from(this.#processing.values(), (startedAtMs) => nowMs - startedAtMs);
  }

  /** Handling the key now makes a later handling of the same key pointless. */
  #undelay(key: string): void {
    this.#delayed.get(key)?.timer.cancel();
    this.#delayed.delete(key);
  }

  #raise(key: string, waiting: Waiting, priority: number): void {
    if (priority <= waiting.priority) return;
    const isQueued = this.#levels.get(waiting.priority)?.delete(key) === true;
    if (isQueued) this.#observer.depthChanged(waiting.priority, -1);
    waiting.priority = priority;
    if (isQueued) this.#push(key, priority);
  }

  #push(key: string, priority: number): void {
    const level = this.#levels.get(priority);
    if (level === undefined) this.#levels.set(priority, new Set([key]));
    else level.add(key);
    this.#observer.depthChanged(priority, 1);
    const index = this.#waiters.findIndex(({ minimum }) => minimum <= priority);
    if (index < 0) return;
    const [waiter] = this.#waiters.splice(index, 1);
    waiter?.resolve(this.#pop(waiter.minimum));
  }

  #pop(minimum: number): QueuedKey | undefined {
    const priority = this.#highestPriority();
    if (priority === undefined || priority < minimum) return undefined;
    const level = this.#levels.get(priority) ?? new Set<string>();
    const [key = ''] = level;
    level.delete(key);
    this.#observer.depthChanged(priority, -1);
    const nowMs = this.#clock.monotonicMs();
    this.#observer.started(nowMs - (this.#dirty.get(key)?.addedAtMs ?? nowMs));
    this.#dirty.delete(key);
    this.#processing.set(key, nowMs);
    return { key, priority };
  }

  /** There are only a handful of priorities. */
  #highestPriority(): number | undefined {
    let highest: number | undefined;
    for (const [priority, level] of this.#levels) {
      if (level.size > 0 && (highest === undefined || priority > highest)) highest = priority;
    }
    return highest;
  }
}
