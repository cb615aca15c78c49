/**
 * Folders that become images: a program of this machine with the shared libraries it names, and nothing else.
 */
import { cp, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError, run } from '../exec.ts';

// glibc before 2.34 loads these when a name is looked up, so no program names them.
const NAME_SERVICE_LIBRARIES = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** Copies `program` to `destination` within `root`, and its libraries to where the loader looks for them. */
export async function copyProgram(program: string, root: string, destination: string): Promise<void> {
  await copyInto(program, root, destination);
  const libraries = await sharedLibraries(program);
  for (const library of libraries) await copyInto(library, root, library);
  const folder = dirname(libraries.find((path) => path.endsWith('/libc.so.6')) ?? '/lib/libc.so.6');
  for (const name of libraries.length === 0 ? [] : NAME_SERVICE_LIBRARIES) {
    await copyInto(join(folder, name), root, join(folder, name)).catch(ignoreMissing);
  }
}

/** Copies a file, as what it is behind any symbolic links. */
export async function copyInto(source: string, root: string, destination: string): Promise<void> {
  const target = join(root, destination);
  await mkdir(dirname(target), { recursive: true });
  await cp(await realpath(source), target);
}

/** Paths of shared libraries in the output of `ldd`. */
export function parseLibraries(output: string): readonly string[] {
  return output
    .split('\n')
    .map((line) => /(?:=>\s+)?(\/\S+)\s+\(0x/.exec(line)?.[1])
    .filter((path) => path !== undefined);
}

async function sharedLibraries(program: string): Promise<readonly string[]> {
  try {
    return parseLibraries(await run('ldd', [program]));
  } catch (error) {
    // ldd's way to say that a program is static.
    if (error instanceof CommandError && error.message.includes('not a dynamic executable')) return [];
    throw error;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
