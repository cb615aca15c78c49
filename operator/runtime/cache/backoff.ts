/**
 * Growing delays between failures, with jitter, and a fresh start after a long enough success (client-go's reflector
 * backoff: 0.8 s to 30 s, factor 2, jitter 1.0, reset after 2 minutes).
 */
import type { Clock } from '../../../core/clock.ts';
import type { Random } from '../../../core/random.ts';

/** How the delays grow. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly factor: number;
  /** The delay is multiplied by a number between 1 and 1 + jitter. */
  readonly jitter: number;
  /** A failure this long after the previous one starts over. */
  readonly resetAfterMs: number;
}

/** The reflector's constants. */
export const REFLECTOR_BACKOFF: BackoffOptions = {
  firstMs: 800,
  maxMs: 30_000,
  factor: 2,
  jitter: 1,
  resetAfterMs: 120_000,
};

/** Counts failures of one thing. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;
  #lastFailureMs = 0;

  constructor(options: BackoffOptions, clock: Clock, random: Random) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
  }

  /** Notes a failure. @returns how long to wait before trying again. */
  nextMs(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastFailureMs > this.#options.resetAfterMs) this.#failures = 0;
    const { firstMs, maxMs, factor, jitter } = this.#options;
    const baseMs = Math.min(firstMs * factor ** this.#failures, maxMs);
    this.#failures += 1;
    this.#lastFailureMs = nowMs;
    return baseMs * (1 + jitter * this.#random());
  }
}
