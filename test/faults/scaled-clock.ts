/**
 * The machine's clock, running faster: for code whose limits are minutes, against real servers, where a clock that a test advances by
 * hand would run away from them.
 */
import { sleepWith, systemClock, type Clock } from '../../core/clock.ts';

/** A clock on which `factor` seconds pass in one. */
export function scaledClock(factor: number): Clock {
  const startMs = systemClock.now().getTime();
  const originMs = systemClock.monotonicMs();
  const monotonicMs = (): number => (systemClock.monotonicMs() - originMs) * factor;
  const setTimeout: Clock['setTimeout'] = (callback, ms) => systemClock.setTimeout(callback, ms / factor);
  return {
    monotonicMs,
    now: () => new Date(startMs + monotonicMs()),
    setTimeout,
    sleep: (ms, signal) => sleepWith(setTimeout, ms, signal),
  };
}
