/**
 * One collection as the benchmark sees it, through a watch of its own: to know the moment at which something became true, not the
 * moment at which somebody asked.
 */
import { systemClock } from '../../../core/clock.ts';
import type { PlainClient } from '../../harness/plain-client.ts';
import { waitFor } from '../../harness/wait.ts';

/** As much of an object as every object has. */
export interface SeenObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
  };
}

type Listener<T> = (name: string, object: T | undefined) => void;

/** The objects of one collection, by name. */
export class ObjectView<T extends SeenObject> {
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<Listener<T>>();

  /** Lists, watches from there, and resolves when the watch is open. */
  static async open<T extends SeenObject>(
    client: PlainClient,
    path: string,
    signal: AbortSignal,
  ): Promise<ObjectView<T>> {
    const view = new ObjectView<T>();
    // A kind that was defined a moment ago answers 429 until the API server's cache of it is there.
    const list = (await waitFor(() => client.demand('GET', path), { description: path })) as {
      readonly items: readonly T[];
      readonly metadata: { readonly resourceVersion: string };
    };
    for (const item of list.items) view.#objects.set(item.metadata.name, item);
    const query = `watch=true&resourceVersion=${list.metadata.resourceVersion}&timeoutSeconds=86400`;
    await client.watch(`${path}?${query}`, ({ type, object }) => view.#changed(type, object as T), signal);
    return view;
  }

  get(name: string): T | undefined {
    return this.#objects.get(name);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** Resolves, with the time on the monotonic clock, when the object of that name satisfies `is`; at once if it does. */
  until(name: string, is: (object: T) => boolean, deadlineMs: number): Promise<number> {
    const isNow = (): boolean => {
      const object = this.#objects.get(name);
      return object !== undefined && is(object);
    };
    return this.#wait(isNow, (changed) => changed === name && isNow(), { deadlineMs, what: name });
  }

  /** Resolves, with the time, when `count` objects satisfy `is` at once. */
  untilCount(count: number, is: (object: T) => boolean, deadlineMs: number): Promise<number> {
    const fulfilled = new Set(this.list().flatMap((object) => (is(object) ? [object.metadata.name] : [])));
    const look: (name: string, object: T | undefined) => boolean = (name, object) => {
      if (object !== undefined && is(object)) fulfilled.add(name);
      else fulfilled.delete(name);
      return fulfilled.size >= count;
    };
    const what = (): string => {
      const other = this.list().find((object) => !is(object));
      return `${count} objects; ${fulfilled.size} are so, and this one is not: ${JSON.stringify(other)}`;
    };
    return this.#wait(() => fulfilled.size >= count, look, { deadlineMs, what });
  }

  #wait(
    isNow: () => boolean,
    look: (name: string, object: T | undefined) => boolean,
    { deadlineMs, what }: { readonly deadlineMs: number; readonly what: string | (() => string) },
  ): Promise<number> {
    if (isNow()) return Promise.resolve(systemClock.monotonicMs());
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel();
        this.#listeners.delete(listener);
      };
      const listener: Listener<T> = (name, object) => {
        if (!look(name, object)) return;
        end();
        resolve(systemClock.monotonicMs());
      };
      const timer = systemClock.setTimeout(() => {
        end();
        reject(new Error(`waited ${deadlineMs} ms in vain for ${typeof what === 'string' ? what : what()}`));
      }, deadlineMs);
      this.#listeners.add(listener);
    });
  }

  #changed(type: string, object: T): void {
    const { name } = object.metadata;
    if (type === 'DELETED') this.#objects.delete(name);
    else this.#objects.set(name, object);
    for (const listener of this.#listeners) listener(name, type === 'DELETED' ? undefined : object);
  }
}
