/**
 * Images without which a node runs no pod, made of programs that are on the machine already: no registry is asked.
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../../core/errors.ts';
import { COREDNS_VERSION } from '../binaries/catalogue.ts';
import { cacheDirectory } from '../binaries/index.ts';
import { findProgram } from '../exec.ts';
import type { Progress } from '../report.ts';
import { PAUSE_IMAGE } from '../node/settings.ts';
import { findEngine } from './engine.ts';
import { copyProgram } from './root-file-system.ts';

/** The image that `node/dns.ts` deploys. */
export const COREDNS_IMAGE = `localhost/kilo-mcp/coredns:${COREDNS_VERSION}`;

interface SingleProgram {
  readonly tag: string;
  readonly program: string;
  /** Command line in the image; the program is `/program`. */
  readonly entrypoint: readonly string[];
}

/** Makes the archives of the pause and CoreDNS images, or takes them from the cache, and returns their paths. */
export async function ensureNodeImages(coredns: string, progress: Progress): Promise<readonly string[]> {
  const sleep = await findProgram('sleep');
  if (sleep === undefined) throw new ConfigError('the program sleep is missing: install coreutils');
  const archives = [
    // All that the pause container does is to be there.
    await ensureArchive({ tag: PAUSE_IMAGE, program: sleep, entrypoint: ['/program', 'infinity'] }, progress),
    await ensureArchive({ tag: COREDNS_IMAGE, program: coredns, entrypoint: ['/program'] }, progress),
  ];
  progress('there');
  return archives;
}

async function ensureArchive(image: SingleProgram, progress: Progress): Promise<string> {
  const folder = join(cacheDirectory(), 'images');
  const archive = join(folder, `${image.tag.replaceAll(/[/:]/g, '_')}.tar`);
  if (existsSync(archive)) return archive;
  await mkdir(folder, { recursive: true });
  const context = await mkdtemp(join(tmpdir(), 'kilo-mcp-image-'));
  try {
    await copyProgram(image.program, join(context, 'root'), '/program');
    const dockerfile = join(context, 'Dockerfile');
    await writeFile(
      dockerfile,
      `FROM scratch\nCOPY root/ /\nENTRYPOINT ${JSON.stringify(image.entrypoint)}\n`,
    );
    const engine = await findEngine();
    await engine.build({ context, dockerfile, tag: image.tag }, progress);
    await engine.save(image.tag, `${archive}.${process.pid}`);
    await rename(`${archive}.${process.pid}`, archive);
    return archive;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
