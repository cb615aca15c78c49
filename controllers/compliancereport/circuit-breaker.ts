/**
 * Stops writing for a while when one write after the other fails: an API server in trouble is not helped by a thousand reports, and what is
 * not written now is written after the next run.
 */
import type { Clock } from '../../core/clock.ts';

const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 600_000;

export class CircuitBreaker {
  readonly #clock: Clock;
  #failures = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #openUntilMs = 0;
  #isProbing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Asks to write. After a pause one caller may try; the others wait for what comes of it.
   * @returns 0 when the caller may, and must tell what came of it; else after how many milliseconds to ask again.
   */
  request(): number {
    if (this.#failures < FAILURES_TO_OPEN) return 0;
    const waitMs = this.#openUntilMs - this.#clock.monotonicMs();
    if (waitMs > 0) return waitMs;
    if (this.#isProbing) return FIRST_PAUSE_MS;
    this.#isProbing = true;
    return 0;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#isProbing = false;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures < FAILURES_TO_OPEN) return;
    if (this.#isProbing) this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#openUntilMs = this.#clock.monotonicMs() + this.#pauseMs;
    this.#isProbing = false;
  }

  /** The caller was told to stop before it could tell. */
  abandoned(): void {
    this.#isProbing = false;
  }
}
