/** Runs pieces of work, a few at a time, and those of one key one after the other. */

export class Turns {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  readonly #last = new Map<string, Promise<unknown>>();
  #running = 0;

  /** @param limit how many at the same time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Errors of the work pass through, and hold up nobody behind it. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#after(this.#last.get(key), work);
    this.#last.set(key, turn);
    const forget = (): void => {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    };
    turn.then(forget, forget);
    return turn;
  }

  async #after<T>(before: Promise<unknown> | undefined, work: () => Promise<T>): Promise<T> {
    await before?.catch(() => undefined);
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    // Who is woken may find that somebody was quicker.
    while (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }
}
