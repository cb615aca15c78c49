/**
 * Calls of the store that wait for it: while it cannot be used they are tried again, later each time, for as long as we lead. Nothing that a run
 * has found is dropped because a database restarts.
 */
import { isStoresOwn, type Fence, type RunHistory } from '../../checks/engine/history.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

export interface StoreCallOptions {
  readonly history: RunHistory;
  readonly fence: Fence;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Told why the store cannot be used, and `undefined` when it can be again. */
  readonly onProblem: (problem: string | undefined) => void;
}

/** One call, with what it needs. */
export type StoreCall<T> = (history: RunHistory, fence: Fence) => Promise<T>;

/**
 * @returns what the call gives, once it gives something.
 * @throws FencedError, the reason of the signal, or what the call throws that is not for the store to mend.
 */
export async function callStore<T>(call: StoreCall<T>, options: StoreCallOptions): Promise<T> {
  const { history, fence, clock, logger, signal, onProblem } = options;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const result = await call(history, fence);
      if (attempt > 0) onProblem(undefined);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (!isStoresOwn(error)) throw error;
      if (attempt === 0) logger.warn('the store cannot be used', { error: errorMessage(error) });
      onProblem(errorMessage(error));
      await clock.sleep(Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LAST_RETRY_MS), signal);
    }
  }
}
