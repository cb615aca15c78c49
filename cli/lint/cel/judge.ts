/**
 * Judges objects by the CEL rules of their schema in a thread of its own, so that a rule which takes for ever, or all memory, ends
 * with an error that names it and not with a build that hangs.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/errors.ts';
import type { FieldError } from '../../../api/index.ts';
import type { JsonSchema } from '../../../api/schema/json-schema.ts';
import type { RuleRequest, WorkerInput } from './messages.ts';
import { occurrences } from './occurrence.ts';

/** Beside its source, or in the bundle beside the program. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './cel-worker.mjs', import.meta.url);
/** Plenty for 1.5 MiB, the largest object that a cluster stores. */
const DEFAULT_MEMORY_MIB = 256;

export interface RuleJudgeSettings {
  /** By kind. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** For all rules on one object. */
  readonly deadlineMs: number;
  /** Of the thread. Default: 256. */
  readonly memoryMiB?: number;
  readonly clock?: Clock;
}

export interface RuleJudge {
  /**
   * What the rules of a kind have against an object whose defaults are filled in; one object at a time.
   * @param request.broken fields that do not fit the schema; see {@link occurrences}.
   */
  judge(request: RuleRequest, signal: AbortSignal): Promise<readonly FieldError[]>;
  /** Ends the thread, if there is one. */
  close(): Promise<void>;
}

interface Running {
  readonly worker: Worker;
  readonly progress: Int32Array;
}

/** The thread starts with the first object, and anew after a rule that had to be stopped. */
export function createRuleJudge(settings: RuleJudgeSettings): RuleJudge {
  let running: Running | undefined;
  const close = async (): Promise<void> => {
    const ended = running;
    running = undefined;
    await ended?.worker.terminate();
  };
  return {
    close,
    judge: async (request, signal) => {
      const { worker, progress } = (running ??= await start(settings, signal));
      Atomics.store(progress, 0, 0);
      const answer = await ask(worker, request, settings, signal);
      if (typeof answer !== 'string') return answer;
      await close();
      signal.throwIfAborted();
      return [notJudged(settings.schemas, request, Atomics.load(progress, 0), answer)];
    },
  };
}

async function start(
  { schemas, memoryMiB = DEFAULT_MEMORY_MIB }: RuleJudgeSettings,
  signal: AbortSignal,
): Promise<Running> {
  const progress = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const workerData: WorkerInput = { schemas, progress };
  const worker = new Worker(WORKER, { workerData, resourceLimits: { maxOldGenerationSizeMb: memoryMiB } });
  try {
    await once(worker, 'message', { signal });
  } catch (error) {
    await worker.terminate();
    signal.throwIfAborted();
    throw error;
  }
  return { worker, progress: new Int32Array(progress) };
}

/** @returns the verdict, or why the thread gave none. */
async function ask(
  worker: Worker,
  request: RuleRequest,
  { deadlineMs, clock = systemClock }: RuleJudgeSettings,
  signal: AbortSignal,
): Promise<readonly FieldError[] | string> {
  const deadline = new AbortController();
  const timer = clock.setTimeout(() => deadline.abort(), deadlineMs);
  try {
    worker.postMessage(request);
    const [errors] = await once(worker, 'message', { signal: AbortSignal.any([signal, deadline.signal]) });
    // A boundary: `worker.ts` answers a request with nothing else.
    return errors as readonly FieldError[];
  } catch (error) {
    return deadline.signal.aborted ? `it took longer than ${deadlineMs / 1000} s` : errorMessage(error);
  } finally {
    timer.cancel();
  }
}

function notJudged(
  schemas: RuleJudgeSettings['schemas'],
  { kind, value, broken }: RuleRequest,
  index: number,
  reason: string,
): FieldError {
  const occurrence = occurrences(schemas[kind] ?? {}, value, broken)[index];
  const message = `the rule "${occurrence?.rule.message}" was stopped, and those after it were not asked: ${reason}`;
  return { path: occurrence?.path ?? '', message };
}
