/**
 * One deadline for one call, on top of the caller's signal. `AbortSignal.any` over a signal that lives as long as the process
 * would collect a dependent signal for every call; this takes its listener away when the call is over.
 */
import type { Clock } from '../../../core/clock.ts';

/** Why a deadline's signal aborted. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';
}

/**
 * Runs `call` with a signal that aborts when `signal` does (with its reason) or after `deadlineMs` (with a
 * DeadlineExceededError).
 */
export async function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  const timer = clock.setTimeout(() => controller.abort(deadlineError(deadlineMs)), deadlineMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await call(controller.signal);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

function deadlineError(deadlineMs: number): DeadlineExceededError {
  return new DeadlineExceededError(`no answer within ${deadlineMs} ms`);
}
