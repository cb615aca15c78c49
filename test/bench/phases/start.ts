/** An operator without work: how soon it is ready, and what it weighs. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import type { Phase } from '../bench.ts';

const SETTLE_MS = 5_000;
const MEBIBYTE = 1024 ** 2;

export const start: Phase = {
  name: 'start',
  run: async (bench) => {
    const { operator, record, signal } = bench;
    record('bundleMiB', await codeMiB(dirname(operator.bundle)));
    record('coldStartMs', await operator.start());
    await systemClock.sleep(SETTLE_MS, signal);
    record('rssEmptyMiB', (await operator.memoryMiB()).now);
  },
};

/** Of the entry, the chunks and the worker together. */
async function codeMiB(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / MEBIBYTE;
}
