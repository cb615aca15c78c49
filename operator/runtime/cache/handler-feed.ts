/**
 * Tells one handler what changes, in order. A handler that comes late is first told of what is there, some objects in each turn
 * of the event loop: a controller starts with the whole store, and 40,000 objects at once would block the loop for 0.1 s.
 */
import type { KubernetesObject } from '../object/object.ts';
import type { Change, ChangeHandler } from './informer.ts';

const CHANGES_PER_TURN = 200;

/** One handler and what it has not been told yet. */
export class HandlerFeed<T extends KubernetesObject> {
  readonly #handler: ChangeHandler<T>;
  /** Empty when the handler is up to date: then changes need not wait. */
  #waiting: Change<T>[];

  /** Tells the first of the objects at once. @param handler must not throw. */
  constructor(present: readonly T[], handler: ChangeHandler<T>) {
    this.#handler = handler;
    this.#waiting = present.map((object) => ({ kind: 'add', object, initial: true }));
    this.#tellSome(0);
  }

  /** Tells a change, after all that came before it. */
  push(change: Change<T>): void {
    if (this.#waiting.length > 0) this.#waiting.push(change);
    else this.#handler(change);
  }

  /** Forgets what waits. */
  stop(): void {
    this.#waiting = [];
  }

  #tellSome(start: number): void {
    const end = start + CHANGES_PER_TURN;
    for (const change of this.#waiting.slice(start, end)) this.#handler(change);
    if (end < this.#waiting.length) setImmediate(() => this.#tellSome(end));
    else this.#waiting = [];
  }
}
