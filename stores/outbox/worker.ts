/** Delivers what is in the outbox: some messages at a time, each with a deadline within its lease, until it is told to stop. */
import { pause, type Clock } from '../../core/clock.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { backoffMs } from './backoff.ts';
import type { LeasedMessage, Outbox } from './outbox.ts';

/** Rejects when the message was not delivered: with a TerminalError when trying again cannot help. */
export type Deliver = (message: LeasedMessage, signal: AbortSignal) => Promise<void>;

export interface OutboxWorkerOptions {
  readonly outbox: Pick<Outbox, 'take' | 'delivered' | 'failed' | 'dead'>;
  readonly deliver: Deliver;
  readonly clock: Clock;
  readonly random: Random;
  /** A look or a settlement that failed: it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** Messages at the same time. Default 8. */
  readonly concurrency?: number;
  /** Default 10. */
  readonly maxAttempts?: number;
  /** For one delivery. Default 10,000. */
  readonly deadlineMs?: number;
  /** Between looks at an outbox that has nothing due. Default 2,000. */
  readonly pollMs?: number;
}

/** More than a delivery takes, so that nobody else has the message meanwhile. */
const LEASE_SLACK_MS = 20_000;

/** @see module header */
export class OutboxWorker {
  readonly #options: Required<OutboxWorkerOptions>;

  constructor(options: OutboxWorkerOptions) {
    this.#options = { concurrency: 8, maxAttempts: 10, deadlineMs: 10_000, pollMs: 2_000, ...options };
  }

  /** Runs until the signal aborts; deliveries under way are ended by it, and are tried again by whoever comes next. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, pollMs, onTrouble } = this.#options;
    while (!signal.aborted) {
      const delivered = await this.round(signal).catch((error: unknown) => {
        onTrouble(error);
        return 0;
      });
      if (delivered === 0) await pause(clock, pollMs, signal);
    }
  }

  /** Takes what is due, up to the bound, and tries each once. @returns how many there were. */
  async round(signal: AbortSignal): Promise<number> {
    const { outbox, concurrency, deadlineMs } = this.#options;
    const messages = await outbox.take(concurrency, deadlineMs + LEASE_SLACK_MS);
    await Promise.all(messages.map((message) => this.#one(message, signal)));
    return messages.length;
  }

  async #one(message: LeasedMessage, signal: AbortSignal): Promise<void> {
    const { outbox, onTrouble } = this.#options;
    try {
      const error = await this.#try(message, signal);
      if (error === undefined) await outbox.delivered(message);
      // Whoever stops has not failed; the lease ends by itself.
      else if (!signal.aborted) await this.#giveBack(message, error);
    } catch (error) {
      onTrouble(error);
    }
  }

  async #try(message: LeasedMessage, signal: AbortSignal): Promise<Error | undefined> {
    const { deliver, clock, deadlineMs } = this.#options;
    const over = new AbortController();
    const timer = clock.setTimeout(() => over.abort(new Error('the deadline passed')), deadlineMs);
    try {
      await deliver(message, AbortSignal.any([signal, over.signal]));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      timer.cancel();
    }
  }

  async #giveBack(message: LeasedMessage, error: Error): Promise<void> {
    const { outbox, maxAttempts, random } = this.#options;
    // The name alone: a message may repeat what the receiver said.
    const trouble = error.name;
    if (error instanceof TerminalError || message.attempts >= maxAttempts)
      await outbox.dead(message, trouble);
    else await outbox.failed(message, trouble, backoffMs(message.attempts, random));
  }
}
