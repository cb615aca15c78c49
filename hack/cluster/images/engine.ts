/**
 * What builds images here: a running Docker engine, else buildah (which needs no daemon). Both read the same Dockerfile.
 */
import { ConfigError } from '../../../core/errors.ts';
import { findProgram, run } from '../exec.ts';
import type { Progress } from '../report.ts';

/** One image to build. */
export interface BuildRequest {
  /** Folder whose files the Dockerfile may copy. */
  readonly context: string;
  readonly dockerfile: string;
  readonly tag: string;
  readonly buildArguments?: Readonly<Record<string, string>>;
}

/** Builds images and keeps them under their tags. */
export interface Engine {
  readonly name: 'docker' | 'buildah';
  build(request: BuildRequest, progress: Progress, signal?: AbortSignal): Promise<void>;
  has(tag: string): Promise<boolean>;
  /** Writes an image as an archive that containerd imports. */
  save(tag: string, archive: string): Promise<void>;
}

/** The engine to use. Rejects with the remedy when there is none. */
export async function findEngine(): Promise<Engine> {
  if ((await findProgram('docker')) !== undefined && (await succeeds('docker', ['info']))) return docker;
  if ((await findProgram('buildah')) !== undefined) return buildah;
  throw new ConfigError('images need a running Docker engine, or buildah: apt-get install buildah');
}

const docker: Engine = {
  name: 'docker',
  build: async (request, progress, signal) => {
    await run('docker', ['build', ...commonArguments(request)], { onLine: progress, signal });
  },
  has: (tag) => succeeds('docker', ['image', 'inspect', tag]),
  save: async (tag, archive) => {
    await run('docker', ['save', '--output', archive, tag]);
  },
};

const buildah: Engine = {
  name: 'buildah',
  build: async (request, progress, signal) => {
    // chroot: the other ways to isolate RUN steps need rights that containers and small machines often lack.
    const fixed = ['bud', '--isolation=chroot', '--format=docker', '--layers'];
    await run('buildah', [...fixed, ...commonArguments(request)], { onLine: progress, signal });
  },
  has: (tag) => succeeds('buildah', ['inspect', '--type=image', tag]),
  save: async (tag, archive) => {
    await run('buildah', ['push', '--quiet', tag, `docker-archive:${archive}:${tag}`]);
  },
};

function commonArguments({ context, dockerfile, tag, buildArguments = {} }: BuildRequest): readonly string[] {
  const given = Object.entries(buildArguments).flatMap(([name, value]) => [
    '--build-arg',
    `${name}=${value}`,
  ]);
  return ['--file', dockerfile, '--tag', tag, ...given, context];
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, args);
    return true;
  } catch {
    // The question is answered by the exit code.
    return false;
  }
}
