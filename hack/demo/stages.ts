/**
 * The demo as a person follows it: numbered stages with a heading, and at the end how long each one took.
 */
import type { Clock } from '../../core/clock.ts';
import { seconds } from '../cluster/report.ts';

/** Receives text for the terminal, one line or several, without the final line break. */
export type Print = (text: string) => void;

/** Runs the stages of one demo in order and remembers their durations. */
export class Stages {
  readonly #total: number;
  readonly #print: Print;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #taken: { title: string; durationMs: number }[] = [];

  constructor(total: number, print: Print, clock: Clock) {
    this.#total = total;
    this.#print = print;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** Runs one stage under its heading. An error passes through, with the stage's name in front. */
  async run<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#print(`\n[${this.#taken.length + 1}/${this.#total}] ${title}`);
    const startedMs = this.#clock.monotonicMs();
    try {
      return await work();
    } finally {
      this.#taken.push({ title, durationMs: this.#clock.monotonicMs() - startedMs });
    }
  }

  /** One line with every stage's duration and their sum; of a title only what stands before its colon. */
  summary(): string {
    const parts = this.#taken.map(({ title, durationMs }) => `${shortTitle(title)} ${seconds(durationMs)}`);
    return `Took ${seconds(this.#clock.monotonicMs() - this.#startedMs)}: ${parts.join(', ')}`;
  }
}

function shortTitle(title: string): string {
  return title.split(':', 1)[0]?.toLowerCase() ?? title;
}
