/**
 * What a process owes its container: it stops in order when told to, at once when told twice, and never lives on after an error
 * that nobody handled, because nobody can say what state that left behind.
 */
import type { Logger } from '../../../core/logger.ts';

/** The parts of `process` that are used, so that tests can pass their own. */
export interface ProcessLike {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  exit(code: number): unknown;
}

const FAILED = 1;

/** A signal that aborts on SIGTERM or SIGINT. A second one ends the process. */
export function terminationSignal(logger: Logger, target: ProcessLike = process): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT']) {
    target.on(name, () => {
      if (controller.signal.aborted) target.exit(FAILED);
      logger.info('stopping', { signal: name });
      controller.abort(new Error(`received ${name}`));
    });
  }
  return controller.signal;
}

/** Ends the process, with a line in the log, when an error escapes. */
export function exitOnEscapedErrors(logger: Logger, target: ProcessLike = process): void {
  for (const name of ['uncaughtException', 'unhandledRejection']) {
    target.on(name, (error) => {
      logger.error('an error escaped', { event: name, error });
      target.exit(FAILED);
    });
  }
}
