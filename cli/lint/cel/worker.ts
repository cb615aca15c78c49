/**
 * The thread that evaluates rules, and can be stopped in the middle of one. An entry of its own: in the bundle it is a second file,
 * so that only `lint` loads the evaluator.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { evaluate } from './evaluate.ts';
import type { RuleRequest, WorkerInput, WorkerMessage } from './messages.ts';
import { occurrences } from './occurrence.ts';

// A boundary: `judge.ts` is the only one who starts this file.
const { schemas, progress } = workerData as WorkerInput;
const current = new Int32Array(progress);

function answer({ kind, value, broken }: RuleRequest): WorkerMessage {
  return occurrences(schemas[kind] ?? {}, value, broken).flatMap((occurrence, index) => {
    Atomics.store(current, 0, index);
    return evaluate(occurrence) ?? [];
  });
}

const say = (message: WorkerMessage): void => parentPort?.postMessage(message);
parentPort?.on('message', (request: RuleRequest) => say(answer(request)));
say('ready');
