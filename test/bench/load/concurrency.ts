/** Many things at once, but not too many. */

/** Runs `work` for each item with at most `inFlight` at once; the first failure ends it. */
export async function forEachInFlight<T>(
  items: Iterable<T> | AsyncIterable<T>,
  inFlight: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** Items that come one by one, for consumers that wait for them. */
export class Feed<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #ended = false;

  push(item: T): void {
    const consumer = this.#waiting.shift();
    if (consumer === undefined) this.#items.push(item);
    else consumer({ done: false, value: item });
  }

  /** No item will come; those that wait are told. */
  end(): void {
    this.#ended = true;
    for (const consumer of this.#waiting.splice(0)) consumer({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#items.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
