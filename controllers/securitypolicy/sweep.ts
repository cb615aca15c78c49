/**
 * The servers that have to be judged again because of something else than themselves, or before their own controller comes to them:
 * one after the other, a slice of time in each turn of the event loop. A key waits once, however often it is named.
 */
import type { Clock, Timer } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { formatKey, parseKey, type ObjectKey } from '../../operator/runtime/index.ts';
import type { TimeSlices } from './time-slices.ts';

export interface SweepOptions {
  /** @returns whether it is done with; else it is called again in a later turn. */
  readonly judge: (key: ObjectKey) => boolean;
  /** Every server there is: asked once, when its turn has come, however many policies changed until then. */
  readonly everything: () => readonly ObjectKey[];
  /** Nothing waits any more. */
  readonly onEnd: () => void;
  readonly slices: TimeSlices;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @see module header. */
export class Sweep {
  readonly #options: SweepOptions;
  readonly #waiting = new Set<string>();
  #everything = false;
  #timer: Timer | undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  add(key: ObjectKey): void {
    this.#waiting.add(formatKey(key));
    this.#wake();
  }

  addEverything(): void {
    this.#everything = true;
    this.#wake();
  }

  /** Forgets what waits. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
    this.#everything = false;
  }

  #wake(): void {
    this.#timer ??= this.#options.clock.setTimeout(() => this.#turn(), 0);
  }

  #turn(): void {
    this.#timer = undefined;
    const { slices, everything, onEnd } = this.#options;
    if (this.#everything) {
      this.#everything = false;
      for (const key of everything()) this.#waiting.add(formatKey(key));
    }
    for (const key of this.#waiting) {
      if (!slices.hasTime()) break;
      if (slices.spend(() => this.#judge(parseKey(key)))) this.#waiting.delete(key);
    }
    if (this.#waiting.size > 0) this.#wake();
    else onEnd();
  }

  /** One server that cannot be judged must not keep the others from it. */
  #judge(key: ObjectKey): boolean {
    try {
      return this.#options.judge(key);
    } catch (error) {
      const server = formatKey(key);
      this.#options.logger.error('a server could not be judged', { server, error: errorMessage(error) });
      return true;
    }
  }
}
