/**
 * Programs that are on this machine already: a directory the user named, and the cache of earlier runs.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isExecutable } from '../exec.ts';
import type { Program } from './catalogue.ts';
import type { Source } from './sources.ts';

/** Where programs, Go modules and images are kept between runs: `$XDG_CACHE_HOME/kilo-mcp`, by default `~/.cache/kilo-mcp`. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['XDG_CACHE_HOME'] ?? '';
  return join(base === '' ? join(homedir(), '.cache') : base, 'kilo-mcp');
}

/** Where the cache keeps a program. */
export function cachedPath(cache: string, program: Program): string {
  return join(cache, 'binaries', program.project, program.name);
}

/** A directory that the user vouches for: what lies there under the program's name is taken, whatever its version. */
export function directorySource(directory: string): Source {
  return {
    name: 'directory',
    find: async (program) => {
      const path = join(directory, program.name);
      if (await isExecutable(path)) return { path, detail: `from ${directory}` };
      return { declined: `not in ${directory}` };
    },
  };
}

/** What an earlier run downloaded or built. */
export function cacheSource(cache: string): Source {
  return {
    name: 'cache',
    find: async (program) => {
      const path = cachedPath(cache, program);
      return (await isExecutable(path))
        ? { path, detail: 'from the cache' }
        : { declined: 'not in the cache' };
    },
  };
}
