/**
 * The slowest origin, and the one that needs nothing but Go and a module proxy: builds a program from its published modules. What Go
 * verifies (the checksum database) is what protects it. Kubernetes replaces its staging modules by folders of its repository,
 * which the published module lacks, so they are pinned to the matching published versions.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { findProgram, run } from '../exec.ts';
import { seconds, type Progress } from '../report.ts';
import { buildOnce } from './build-lock.ts';
import type { GoSource, Program } from './catalogue.ts';
import { downloadGoModule } from './go-module.ts';
import { cachedPath } from './local.ts';
import type { Source } from './sources.ts';

/** Builds into the cache at `cache`, one program at a time. */
export function goSource(cache: string): Source {
  return {
    name: 'go',
    find: async (program, progress, signal) => {
      const go = await findProgram('go');
      if (go === undefined) {
        return { declined: 'Go is not installed, so it cannot be built (https://go.dev/dl, 1.26 or later)' };
      }
      const path = cachedPath(cache, program);
      const options = { cache, path, progress, signal };
      await mkdir(dirname(path), { recursive: true });
      await buildOnce(path, () => build(go, program, options), options);
      return { path, detail: 'built with Go' };
    },
  };
}

interface Build {
  readonly cache: string;
  readonly path: string;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

async function build(go: string, program: Program, { cache, path, progress, signal }: Build): Promise<void> {
  const workspace = join(cache, 'go', program.project);
  await mkdir(workspace, { recursive: true });
  progress('asking the Go module proxy');
  const { goMod } = await downloadGoModule(go, `${program.go.module}@${program.go.version}`, signal);
  const upstream = await readFile(goMod, 'utf8');
  await writeFile(join(workspace, 'go.mod'), renderGoMod(program.go, upstream));
  if (program.go.main !== undefined) await writeFile(join(workspace, 'main.go'), program.go.main);
  const unfinished = `${path}.${process.pid}`;
  const started = systemClock.monotonicMs();
  let packages = 0;
  await run(go, buildArguments(program.go, unfinished), {
    cwd: workspace,
    env: { CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
    signal,
    onLine: (line) => {
      if (!line.startsWith('go: ')) packages += 1;
      const elapsed = seconds(systemClock.monotonicMs() - started);
      progress(`building with Go, ${packages} packages compiled, ${elapsed} so far`);
    },
  });
  await rename(unfinished, path);
}

const STAGING = /^\s*(?:replace\s+)?(k8s\.io\/\S+)\s+=>\s+\.\/staging\//gm;

/** A go.mod that requires the program's module and nothing else; `upstream` is that module's own go.mod. */
export function renderGoMod(source: GoSource, upstream: string): string {
  const goVersion = /^go\s+(\S+)/m.exec(upstream)?.[1] ?? '1.26';
  const staging = [...upstream.matchAll(STAGING)].map(([, module]) => module);
  // k8s.io/kubernetes v1.36.3 belongs to k8s.io/api v0.36.3.
  const stagingVersion = source.version.replace(/^v1\./, 'v0.');
  return [
    'module kilo-mcp.local/build',
    `go ${goVersion}`,
    `require ${source.module} ${source.version}`,
    ...staging.map((module) => `replace ${module} => ${module} ${stagingVersion}`),
    '',
  ].join('\n\n');
}

/** The arguments of `go` for a small, reproducible program that knows its version. */
export function buildArguments(source: GoSource, output: string): readonly string[] {
  const variables = Object.entries(source.variables).map(([name, value]) => `-X ${name}=${value}`);
  const target = source.main === undefined ? source.package : '.';
  const linkerFlags = ['-s', '-w', ...variables].join(' ');
  return ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags, '-o', output, target];
}
