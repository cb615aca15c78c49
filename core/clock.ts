/**
 * Time as a dependency. Everything that waits, schedules or stamps takes a {@link Clock}, so that tests move time by hand
 * and never sleep. Monotonic and wall time are kept apart: leases and deadlines must not jump when somebody sets the clock.
 */
import { performance } from 'node:perf_hooks';

/** A pending callback; `cancel` is idempotent and safe after the callback ran. */
export interface Timer {
  cancel(): void;
}

/** A source of time. */
export interface Clock {
  /** Wall time: for stamps that people and other systems read. */
  now(): Date;
  /** Milliseconds from an arbitrary start that never go back: for durations and deadlines. */
  monotonicMs(): number;
  /** Resolves after `durationMs`; rejects with the signal's reason as soon as `signal` aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `durationMs`. The timer does not keep the process alive. */
  setTimeout(callback: () => void, durationMs: number): Timer;
}

/**
 * Builds `sleep` from a clock's own `setTimeout`, so that every clock waits in the same abortable way.
 * @internal shared by the system clock and the fake one.
 */
export function sleepWith(
  schedule: (callback: () => void, durationMs: number) => Timer,
  durationMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = schedule(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Waits until `durationMs` is over or `signal` aborts, whichever comes first: for loops that look at the signal themselves. */
export async function pause(
  clock: Pick<Clock, 'sleep'>,
  durationMs: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await clock.sleep(durationMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function schedule(callback: () => void, durationMs: number, keepAlive: boolean): Timer {
  const handle = setTimeout(callback, durationMs);
  if (!keepAlive) handle.unref();
  return { cancel: () => clearTimeout(handle) };
}

/** The machine's clock. A sleep keeps the process alive, because somebody awaits it; a plain timer does not. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    sleepWith((callback, ms) => schedule(callback, ms, true), durationMs, signal),
  setTimeout: (callback, durationMs) => schedule(callback, durationMs, false),
};
