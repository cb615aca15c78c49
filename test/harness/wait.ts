/**
 * Waiting for a state of the world, with a deadline, instead of sleeping and hoping.
 */
import { errorMessage } from '../../core/errors.ts';
import { systemClock } from '../../core/clock.ts';

/** How long to wait, and how often to look. */
export interface WaitOptions {
  /** Default 20,000. */
  readonly deadlineMs?: number;
  /** Default 50. */
  readonly intervalMs?: number;
  /** What is waited for, for the message. */
  readonly description?: string;
}

/**
 * Looks until `look` returns something other than `undefined` and `false`, and returns that. What `look` throws (a failed assertion
 * for instance) counts as "not yet"; the last such error is the cause when the deadline passes.
 */
export async function waitFor<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { deadlineMs = 20_000, intervalMs = 50, description = 'the condition' }: WaitOptions = {},
): Promise<T> {
  const deadline = systemClock.monotonicMs() + deadlineMs;
  let cause: unknown;
  do {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await systemClock.sleep(intervalMs);
  } while (systemClock.monotonicMs() < deadline);
  const last = cause === undefined ? '' : `; last: ${errorMessage(cause)}`;
  throw new Error(`waited ${deadlineMs} ms for ${description} in vain${last}`, { cause });
}
