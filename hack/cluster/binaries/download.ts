/**
 * The official release of a program, verified by the checksum published beside it. An unreachable host is noticed within seconds and
 * asked once a run; a wrong checksum is an error, never a reason to try something else.
 */
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TerminalError, errorMessage } from '../../../core/errors.ts';
import { run } from '../exec.ts';
import type { Progress } from '../report.ts';
import type { Download, Program } from './catalogue.ts';
import { fileChecksum, publishedChecksum } from './checksum.ts';
import { cachedPath } from './local.ts';
import type { Outcome, Source } from './sources.ts';

const CHECKSUM_DEADLINE_MS = 8_000;
const DOWNLOAD_DEADLINE_MS = 900_000;

/** Downloads into the cache at `cache`. */
export function downloadSource(cache: string, fetcher: typeof fetch = fetch): Source {
  const unreachable = new Map<string, string>();
  return {
    name: 'download',
    find: async (program, progress, signal): Promise<Outcome> => {
      const host = new URL(program.download.url).host;
      const known = unreachable.get(host);
      if (known !== undefined) return { declined: known };
      progress(`asking ${host}`);
      const checksum = await checksumFor(program.download, fetcher, signal);
      if ('declined' in checksum) {
        unreachable.set(host, checksum.declined);
        return checksum;
      }
      const path = cachedPath(cache, program);
      await intoCache(program, path, async (file) => {
        await fetchFile(program.download.url, file, { fetcher, progress, signal });
        await verifyChecksum(file, checksum.digest, program.download.url);
      });
      return { path, detail: `downloaded from ${host}, checksum verified` };
    },
  };
}

/** Rejects with a {@link TerminalError} unless the file has the digest. */
async function verifyChecksum(file: string, expected: string, url: string): Promise<void> {
  const actual = await fileChecksum(file);
  if (actual === expected) return;
  throw new TerminalError(
    `${url} has the SHA-256 ${actual}, but ${expected} is published: the download is damaged or was replaced on the way`,
  );
}

async function checksumFor(
  download: Download,
  fetcher: typeof fetch,
  signal?: AbortSignal,
): Promise<{ digest: string } | { declined: string }> {
  const host = new URL(download.url).host;
  const deadline = AbortSignal.timeout(CHECKSUM_DEADLINE_MS);
  try {
    const response = await fetcher(download.checksumUrl, {
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    if (!response.ok) return { declined: `${host} answers ${response.status} for the checksum` };
    const digest = publishedChecksum(await response.text(), basename(download.url));
    return digest === undefined ? { declined: `${host} publishes no checksum for it` } : { digest };
  } catch (error) {
    signal?.throwIfAborted();
    return { declined: `${host} cannot be reached: ${rootMessage(error)}` };
  }
}

// fetch hides what happened ("fetch failed") in its cause.
function rootMessage(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? rootMessage(error.cause) : errorMessage(error);
}

/** Fills `path` through a temporary folder beside it, so that an interrupted run never leaves half a program in the cache. */
async function intoCache(
  program: Program,
  path: string,
  fetchTo: (file: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const folder = await mkdtemp(join(dirname(path), `.${program.name}-`));
  try {
    const file = join(folder, 'download');
    await fetchTo(file);
    const member = program.download.archiveMember;
    if (member !== undefined) await run('tar', ['-xzf', file, '-C', folder, member]);
    const binary = member === undefined ? file : join(folder, member);
    await chmod(binary, 0o755);
    await rename(binary, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Fetching {
  readonly fetcher: typeof fetch;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

async function fetchFile(url: string, file: string, { fetcher, progress, signal }: Fetching): Promise<void> {
  const deadline = AbortSignal.timeout(DOWNLOAD_DEADLINE_MS);
  const response = await fetcher(url, {
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  });
  if (!response.ok || response.body === null) throw new TerminalError(`${url} answers ${response.status}`);
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      progress(`downloading, ${(bytes / 1e6).toFixed(0)} MB`);
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(response.body), counter, createWriteStream(file));
}
