/**
 * Published Go modules, fetched by Go itself: it keeps them in its cache and verifies them against the checksum database.
 */
import { tmpdir } from 'node:os';
import { run } from '../exec.ts';

/** Where a module lies on this machine. */
export interface GoModule {
  /** Its sources, read-only. */
  readonly directory: string;
  /** Its go.mod. */
  readonly goMod: string;
}

/**
 * Downloads a module unless Go's cache has it.
 * @param go path of the program.
 * @param reference such as `k8s.io/api@v0.36.3`.
 */
export async function downloadGoModule(
  go: string,
  reference: string,
  signal?: AbortSignal,
): Promise<GoModule> {
  // Outside of any module, or go would look for a go.mod in the folders above.
  const options = { cwd: tmpdir(), env: { GO111MODULE: 'on', GOFLAGS: '' }, signal };
  const answer: unknown = JSON.parse(await run(go, ['mod', 'download', '-json', reference], options));
  if (typeof answer !== 'object' || answer === null) throw unnamed(reference);
  const { Dir: directory, GoMod: goMod } = answer as Readonly<Record<string, unknown>>;
  if (typeof directory !== 'string' || typeof goMod !== 'string') throw unnamed(reference);
  return { directory, goMod };
}

function unnamed(reference: string): Error {
  return new Error(`go mod download does not say where it put ${reference}`);
}
