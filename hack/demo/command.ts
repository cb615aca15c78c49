/**
 * Programs that the demo runs in front of the person: their output goes straight to the terminal, and each has a deadline.
 */
import { spawn } from 'node:child_process';
import { TerminalError } from '../../core/errors.ts';

/** How long a program may take, and what else may end the demo. */
export interface ShowOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a program with its output on the terminal; rejects unless it ends with 0 before its deadline. Ctrl-C reaches the program from the
 * terminal, and it may take its time to clear up: the demo goes no further, but does not kill it.
 */
export async function show(
  command: string,
  args: readonly string[],
  { deadlineMs, signal }: ShowOptions,
): Promise<void> {
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(deadlineMs);
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    signal: deadline,
    killSignal: 'SIGINT',
  });
  const name = [command, ...args.slice(0, 3)].join(' ');
  await new Promise<void>((resolve, reject) => {
    child.on('error', (cause) => {
      const why = deadline.aborted ? `did not end within ${deadlineMs / 1000} s` : cause.message;
      reject(new TerminalError(`${name}: ${why}`, { cause }));
    });
    child.on('close', (code, signalName) => {
      if (code === 0) resolve();
      else reject(new TerminalError(`${name} ended with ${code ?? signalName}`));
    });
  });
  signal.throwIfAborted();
}
