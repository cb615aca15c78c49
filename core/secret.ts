/**
 * A value that cannot leak by accident: printing, interpolating, serialising or inspecting it yields a placeholder. Only
 * {@link Secret.reveal} gives the value, so that every place which uses one can be found by its name.
 */
import { inspect } from 'node:util';

const PLACEHOLDER = '[secret]';

/** Holds one sensitive value, such as a token read from a Kubernetes Secret. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it at the last moment, where the value goes onto the wire. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}
