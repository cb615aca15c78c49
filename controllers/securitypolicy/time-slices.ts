/**
 * Judging is short work done very often: 5,000 servers by 50 policies are a quarter of a million verdicts. It shares the event loop by
 * time: what is more than a slice waits for the next turn, so that probes, watches and writes go on in between.
 */
import type { Clock, Timer } from '../../core/clock.ts';

const SLICE_MS = 5;

/** One slice a turn of the event loop, for everybody who judges. */
export class TimeSlices {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #usedMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether there is time left in this turn. */
  hasTime(): boolean {
    return this.#usedMs < SLICE_MS;
  }

  /** Does `work` now, on the account of this turn. */
  spend<T>(work: () => T): T {
    const startedMs = this.#clock.monotonicMs();
    try {
      return work();
    } finally {
      this.#usedMs += this.#clock.monotonicMs() - startedMs;
      this.#timer ??= this.#clock.setTimeout(() => this.#nextTurn(), 0);
    }
  }

  /** Does `work` as soon as there is time. */
  async run<T>(work: () => T): Promise<T> {
    while (!this.hasTime()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.spend(work);
  }

  #nextTurn(): void {
    this.#timer = undefined;
    this.#usedMs = 0;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
