/**
 * A clock that stands still until a test advances it. Callbacks run in the order of their deadlines, and time stops at each
 * one on the way, so that code which schedules again from inside a callback behaves as it would on a real clock.
 */
import { sleepWith, type Clock, type Timer } from '../clock.ts';

interface PendingTimer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** Let promise callbacks that are ready run before time moves on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @see Clock. Starts at `startMs` of the Unix epoch (2026-01-01 by default). */
export class FakeClock implements Clock {
  private elapsedMs = 0;
  private sequence = 0;
  private readonly startMs: number;
  private readonly pending = new Set<PendingTimer>();

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.startMs = startMs;
  }

  now(): Date {
    return new Date(this.startMs + this.elapsedMs);
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  setTimeout(callback: () => void, durationMs: number): Timer {
    const timer = { dueMs: this.elapsedMs + Math.max(0, durationMs), sequence: this.sequence++, callback };
    this.pending.add(timer);
    return { cancel: () => void this.pending.delete(timer) };
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((callback, ms) => this.setTimeout(callback, ms), durationMs, signal);
  }

  /** How many timers wait: a test for leaked timers asserts on it. */
  get pendingTimers(): number {
    return this.pending.size;
  }

  /** Moves time forward by `durationMs`, running what falls due on the way and the promise callbacks it wakes. */
  async advance(durationMs: number): Promise<void> {
    const targetMs = this.elapsedMs + durationMs;
    await settle();
    for (let next = this.nextDue(targetMs); next !== undefined; next = this.nextDue(targetMs)) {
      this.pending.delete(next);
      this.elapsedMs = next.dueMs;
      next.callback();
      await settle();
    }
    this.elapsedMs = targetMs;
  }

  private nextDue(limitMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.pending) {
      if (timer.dueMs > limitMs) continue;
      if (next === undefined || isEarlier(timer, next)) next = timer;
    }
    return next;
  }
}

function isEarlier(one: PendingTimer, other: PendingTimer): boolean {
  return one.dueMs === other.dueMs ? one.sequence < other.sequence : one.dueMs < other.dueMs;
}
