/**
 * Other programs, run to their end: output collected, failures turned into one sentence that shows the end of what the
 * program said. Programs that keep running are the business of `processes.ts`.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** How to run a program; everything is optional. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for its standard input; otherwise the input is empty. */
  readonly input?: string;
  /** Called with each line of standard output and standard error as it arrives. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A program ended with something other than 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const TAIL_LINES = 15;

/** Runs `command` and resolves with its standard output; rejects with {@link CommandError} unless it ends with 0. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      signal: options.signal,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    let everything = '';
    const collect = (text: string): void => {
      everything += text;
      for (const line of text.split('\n')) if (line !== '') options.onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.push(text);
      collect(text);
    });
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (cause) =>
      reject(new CommandError(`cannot run ${command}: ${cause.message}`, { cause })),
    );
    child.on('close', (code, signalName) => {
      if (code === 0) resolve(output.join(''));
      else reject(new CommandError(failureText(command, args, code ?? signalName, everything)));
    });
    // A program that ends without reading its input is not an error of ours; its exit code tells what happened.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

function failureText(
  command: string,
  args: readonly string[],
  result: number | string | null,
  output: string,
): string {
  const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  return `${command} ${args.slice(0, 3).join(' ')} ended with ${result}:\n${tail}`;
}

/** The full path of an installed program, or undefined. Looks where administrators' tools live as well. */
export async function findProgram(name: string): Promise<string | undefined> {
  const directories = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/sbin', '/sbin');
  for (const directory of directories) {
    const path = join(directory, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** Whether a file is there and may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Absent or not executable: for the question asked the two are one answer.
    return false;
  }
}
