/**
 * Judging is short work done very often: 5,000 servers by 50 policies are a quarter of a million verdicts. It shares the event loop by
 * time: what is more than a slice waits for the next turn, so that probes, watches and writes go on in between.
 */
import type { Clock } from '../../core/clock.ts';

const SLICE_MS = 5;

/** One slice a turn of the event loop, for everybody who judges. */
export class TimeSlices {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #usedMs = 0;
  /** Since when the work that is being done now is being done. */
  #sinceMs: number | undefined;
  #endsTurn = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether there is time left in this turn; work in pieces asks between two of them. */
  hasTime(): boolean {
    const nowMs = this.#clock.monotonicMs();
    return this.#usedMs + nowMs - (this.#sinceMs ?? nowMs) < SLICE_MS;
  }

  /** Does `work` now, on the account of this turn. */
  spend<T>(work: () => T): T {
    const sinceMs = this.#clock.monotonicMs();
    this.#sinceMs = sinceMs;
    try {
      return work();
    } finally {
      this.#sinceMs = undefined;
      this.#usedMs += this.#clock.monotonicMs() - sinceMs;
      this.#endTurn();
    }
  }

  /** Does `work` as soon as there is time. */
  async run<T>(work: () => T): Promise<T> {
    while (!this.hasTime()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.spend(work);
  }

  #endTurn(): void {
    if (this.#endsTurn) return;
    this.#endsTurn = true;
    this.#clock.setTimeout(() => this.#nextTurn(), 0);
  }

  #nextTurn(): void {
    this.#endsTurn = false;
    this.#usedMs = 0;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
