/** An operator without work: how soon it is ready, and what it weighs. */
import { stat } from 'node:fs/promises';
import { systemClock } from '../../../core/clock.ts';
import type { Phase } from '../bench.ts';

const SETTLE_MS = 5_000;
const MEBIBYTE = 1024 ** 2;

export const start: Phase = {
  name: 'start',
  run: async (bench) => {
    const { operator, record, signal } = bench;
    record('bundleMiB', (await stat(operator.bundle)).size / MEBIBYTE);
    record('coldStartMs', await operator.start());
    await systemClock.sleep(SETTLE_MS, signal);
    record('rssEmptyMiB', (await operator.memoryMiB()).now);
  },
};
