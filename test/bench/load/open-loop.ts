/**
 * Load as users make it: they come when they come, whether or not the answer to whoever came before is there. A closed loop would ask less
 * of a server just when it is slow, and hide that.
 */
import type { Clock } from '../../../core/clock.ts';

/** When to send what. */
export interface Schedule {
  readonly ratePerSecond: number;
  readonly durationMs: number;
}

/**
 * Sends at fixed times, and waits for all answers; the first failure of `send` rejects.
 * @param send is told which one it is, and when that was due by the monotonic clock.
 * @returns how long each took in milliseconds, from the time at which it was due: what held it up before it was sent counts too.
 */
export async function openLoop(
  { ratePerSecond, durationMs }: Schedule,
  clock: Clock,
  send: (index: number, dueMs: number) => Promise<void>,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const startedAtMs = clock.monotonicMs();
  const count = Math.round((ratePerSecond * durationMs) / 1000);
  const timed = async (index: number): Promise<number> => {
    const dueMs = startedAtMs + (index * 1000) / ratePerSecond;
    await clock.sleep(Math.max(0, dueMs - clock.monotonicMs()), signal);
    await send(index, dueMs);
    return clock.monotonicMs() - dueMs;
  };
  return Promise.all(Array.from({ length: count }, (_, index) => timed(index)));
}
