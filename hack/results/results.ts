/**
 * The outcome of a long command, kept as a file, so that the continuous-integration script can close with one line over all
 * of them. A command that dies before it writes its file counts as a failure there, never as nothing.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many parts of a command passed, failed and were skipped. */
export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Where results are written, below the repository's root; not committed. */
export const RESULTS_DIRECTORY = '.test-results';

/** Forgets what an earlier run of `command` left behind. */
export function clearResults(command: string): void {
  rmSync(pathOf(command), { force: true });
}

/** Writes the results of `command`. */
export function writeResults(command: string, results: Results): void {
  mkdirSync(RESULTS_DIRECTORY, { recursive: true });
  writeFileSync(pathOf(command), `${JSON.stringify(results)}\n`);
}

/** @returns what `command` wrote; one failure when it wrote nothing. */
export function readResults(command: string): Results {
  try {
    return parse(JSON.parse(readFileSync(pathOf(command), 'utf8')));
  } catch (error) {
    console.error(`${command} left no results: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Adds results up. */
export function sum(all: readonly Results[]): Results {
  const total = (key: keyof Results): number => all.reduce((count, results) => count + results[key], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}

function pathOf(command: string): string {
  return join(RESULTS_DIRECTORY, `${command}.json`);
}

function parse(value: unknown): Results {
  const numberAt = (key: string): number => {
    const found = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    if (typeof found !== 'number') throw new Error(`no number at "${key}"`);
    return found;
  };
  return { passed: numberAt('passed'), failed: numberAt('failed'), skipped: numberAt('skipped') };
}
