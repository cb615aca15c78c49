/**
 * Changes on their way into the ledger, whoever leads: each key is recorded once. What changes while the store is down waits here, and is lost with
 * the process unless it is the newest.
 */
import { FencedError, type RunHistory, type StatedChange } from '../../checks/engine/history.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Leadership, Runnable } from '../../operator/runtime/index.ts';
import { callStore } from './store-calls.ts';

export interface ChangeRecorderOptions {
  /**
   * Begins to tell of what there is and of what changes. It must not tell of what is the same under another key, unless with a state.
   * @returns what ends it.
   */
  readonly watch: (note: (change: StatedChange) => void) => () => void;
  readonly history: RunHistory;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Changes that may wait for the store: a new leader notes everything that there is. Most are of about 1 KiB; one of who may decide has a summary of up
 * to 2,000 characters and the names of up to 100 users.
 */
const MOST_WAITING = 10_000;

/** @see module header. */
export class ChangeRecorder implements Runnable {
  readonly #options: ChangeRecorderOptions;
  readonly #waiting = new Map<string, StatedChange>();
  #wake: () => void = () => undefined;

  constructor(options: ChangeRecorderOptions) {
    this.#options = options;
  }

  async run(stop: AbortSignal, _abort: AbortSignal, leadership: Leadership): Promise<void> {
    const ended = AbortSignal.any([stop, leadership.signal]);
    const remove = this.#options.watch((change) => this.#note(change));
    ended.addEventListener('abort', () => this.#wake(), { once: true });
    try {
      while (!ended.aborted) {
        const [next] = this.#waiting.values();
        if (next === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
        else await this.#record(next, leadership, ended);
      }
    } finally {
      remove();
      this.#waiting.clear();
    }
  }

  #note(change: StatedChange): void {
    if (this.#waiting.size < MOST_WAITING) this.#waiting.set(change.key, change);
    else
      this.#options.logger.error('the ledger misses a change: too many wait for the store', {
        change: change.key,
      });
    this.#wake();
  }

  async #record(change: StatedChange, { epoch, lease }: Leadership, signal: AbortSignal): Promise<void> {
    const { history, clock, logger } = this.#options;
    const fence = { epoch, ...(lease !== undefined && { lease }) };
    const options = { history, fence, clock, logger, signal, onProblem: () => undefined };
    try {
      await callStore((store) => store.recordChange(change, fence), options);
    } catch (error) {
      // Another one leads, or nobody does any more: it records what is now.
      if (signal.aborted || error instanceof FencedError) return;
      logger.error('the ledger misses a change', { change: change.key, error: errorMessage(error) });
    } finally {
      this.#waiting.delete(change.key);
    }
  }
}
