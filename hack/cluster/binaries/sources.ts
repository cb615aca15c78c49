/**
 * Which of the possible origins of a program is taken: the first that has it, in the order given. What an origin declined for is
 * kept, so that the result can say why a slower one was used, and a failure names every remedy.
 */
import { ConfigError } from '../../../core/errors.ts';
import type { Progress } from '../report.ts';
import type { Program } from './catalogue.ts';

/** An origin has the program (`path`), or says why not (`declined`). */
export type Outcome = { readonly path: string; readonly detail: string } | { readonly declined: string };

/** One origin of programs. `find` rejects only when going on to the next origin would hide a real fault, such as a wrong checksum. */
export interface Source {
  readonly name: string;
  find(program: Program, progress: Progress, signal?: AbortSignal): Promise<Outcome>;
}

/** A program on this machine, and where it came from. */
export interface Located {
  readonly path: string;
  /** For people: `from the cache`, or `built with Go (not in the cache; dl.k8s.io cannot be reached)`. */
  readonly origin: string;
}

/** Asks the origins in order. Rejects with a {@link ConfigError} that lists every origin's reason when none has the program. */
export async function locate(
  program: Program,
  sources: readonly Source[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<Located> {
  const declined: string[] = [];
  for (const source of sources) {
    const outcome = await source.find(program, progress, signal);
    if ('path' in outcome) return { path: outcome.path, origin: originText(outcome.detail, declined) };
    declined.push(outcome.declined);
  }
  throw new ConfigError(
    `no ${program.name} ${program.version} could be had: ${declined.join('; ')}. Set KILO_MCP_BINARIES to a directory that holds it.`,
  );
}

function originText(detail: string, declined: readonly string[]): string {
  return declined.length === 0 ? detail : `${detail} (${declined.join('; ')})`;
}
