/**
 * The programs of a cluster, wherever they come from. Order of origins: a directory the user names, the cache, the official download
 * verified by its checksum, a build with Go.
 */
import { ConfigError } from '../../../core/errors.ts';
import type { Reporter } from '../report.ts';
import {
  DEFAULT_KUBERNETES_VERSION,
  PROGRAM_NAMES,
  currentPlatform,
  program,
  type ProgramName,
} from './catalogue.ts';
import { downloadSource } from './download.ts';
import { goSource } from './go-build.ts';
import { cacheDirectory, cacheSource, directorySource } from './local.ts';
import { locate, type Source } from './sources.ts';

export type { ProgramName } from './catalogue.ts';
export { cacheDirectory } from './local.ts';

/** Paths by program name. */
export type Programs<Name extends ProgramName = ProgramName> = Readonly<Record<Name, string>>;

/** What is wanted, and where to look first. */
export interface ProgramOptions {
  /** Of Kubernetes, such as `1.36.3`; by default `$KUBERNETES_VERSION`, else the project's default. */
  readonly version?: string | undefined;
  /** A directory that is asked before everything else; by default `$KILO_MCP_BINARIES`. */
  readonly directory?: string | undefined;
  readonly report: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** Makes the named programs available and returns their paths. Rejects with a sentence that names the remedies. */
export async function ensurePrograms<Name extends ProgramName>(
  names: readonly Name[],
  { version, directory, report, signal }: ProgramOptions,
): Promise<Programs<Name>> {
  const kubernetes = kubernetesVersion(version);
  const sources = orderedSources(directory ?? process.env['KILO_MCP_BINARIES']);
  const paths: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const wanted = program(name, kubernetes, currentPlatform());
    paths[name] = await report.step(`${name} ${wanted.version}`, async (progress) => {
      const located = await locate(wanted, sources, progress, signal);
      progress(located.origin);
      return located.path;
    });
  }
  return paths as Record<Name, string>;
}

/** The Kubernetes version asked for, by argument or environment, or the default. Throws a {@link ConfigError} for what is none. */
export function kubernetesVersion(version?: string): string {
  const wanted = version ?? process.env['KUBERNETES_VERSION'] ?? '';
  if (wanted === '') return DEFAULT_KUBERNETES_VERSION;
  const [, plain] = /^v?(\d+\.\d+\.\d+(?:-[a-z0-9.]+)?)$/.exec(wanted) ?? [];
  if (plain === undefined)
    throw new ConfigError(
      `${wanted} is no version of Kubernetes: give all three numbers, such as ${DEFAULT_KUBERNETES_VERSION}`,
    );
  return plain;
}

/** Reads a program's name as a user typed it. */
export function parseProgramName(name: string): ProgramName {
  const known = PROGRAM_NAMES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new ConfigError(`unknown program ${name}: use one of ${PROGRAM_NAMES.join(', ')}`);
  return known;
}

function orderedSources(directory: string | undefined): readonly Source[] {
  const cache = cacheDirectory();
  const explicit = directory === undefined || directory === '' ? [] : [directorySource(directory)];
  return [...explicit, cacheSource(cache), downloadSource(cache), goSource(cache)];
}
