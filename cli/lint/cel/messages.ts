/** What the two threads say to each other. Everything here survives a structured clone. */
import type { FieldError } from '../../../api/index.ts';
import type { JsonSchema } from '../../../api/schema/json-schema.ts';

/** Given to the worker when it starts. */
export interface WorkerInput {
  /** By kind. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** One number in shared memory: the index of the occurrence that is being evaluated. */
  readonly progress: SharedArrayBuffer;
}

/** Asks for the verdict on one object; the arguments of `occurrences`. */
export interface RuleRequest {
  readonly kind: string;
  readonly value: unknown;
  readonly broken: readonly string[];
}

/** The worker's first message says that it has loaded, each further one answers a request. */
export type WorkerMessage = 'ready' | readonly FieldError[];
