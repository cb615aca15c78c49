/**
 * Tells one handler what changes, of each object in order. A handler that comes late is first told of what is there, some objects in each
 * turn of the event loop: a controller starts with the whole store, and 40,000 objects at once would block the loop for 0.1 s. What changes
 * meanwhile does not wait behind them all.
 */
import { formatKey, keyOf, type KubernetesObject } from '../object/object.ts';
import type { Change, ChangeHandler } from './informer.ts';

const OBJECTS_PER_TURN = 200;

/** One handler and what it has not been told yet. */
export class HandlerFeed<T extends KubernetesObject> {
  readonly #handler: ChangeHandler<T>;
  /** What was there, by key. */
  readonly #waiting: Map<string, T>;

  /** Tells the first of the objects at once. @param handler must not throw. */
  constructor(present: readonly T[], handler: ChangeHandler<T>) {
    this.#handler = handler;
    this.#waiting = new Map(present.map((object) => [formatKey(keyOf(object)), object]));
    this.#tellSome();
  }

  /** Tells a change at once, after the object as it was there. */
  push(change: Change<T>): void {
    if (this.#waiting.size > 0) this.#tellPresent(formatKey(keyOf(change.object)));
    this.#handler(change);
  }

  /** Forgets what waits. */
  stop(): void {
    this.#waiting.clear();
  }

  #tellSome(): void {
    let count = 0;
    for (const key of this.#waiting.keys()) {
      this.#tellPresent(key);
      count += 1;
      if (count === OBJECTS_PER_TURN) break;
    }
    if (this.#waiting.size > 0) setImmediate(() => this.#tellSome());
  }

  #tellPresent(key: string): void {
    const object = this.#waiting.get(key);
    if (object === undefined) return;
    this.#waiting.delete(key);
    this.#handler({ kind: 'add', object, initial: true });
  }
}
