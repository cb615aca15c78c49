/**
 * One build of a program at a time on this machine: tests and a demo that start together on an empty cache would otherwise both build
 * Kubernetes, and each take twice as long. A lock whose holder died is taken over.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { isExecutable } from '../exec.ts';
import { processIdentity } from '../processes.ts';
import type { Progress } from '../report.ts';

const POLL_MS = 1_000;

/** How to wait for somebody else's build. */
export interface BuildLockOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/** Runs `build` unless `path` is there by the time it is this process's turn. */
export async function buildOnce(
  path: string,
  build: () => Promise<void>,
  options: BuildLockOptions,
): Promise<void> {
  const lock = `${path}.lock`;
  const { progress, signal, clock = systemClock } = options;
  while (!(await acquire(lock))) {
    progress('another process is building it');
    await clock.sleep(POLL_MS, signal);
  }
  try {
    if (!(await isExecutable(path))) await build();
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, `${process.pid} ${await processIdentity(process.pid)}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    if (!(await isHeld(lock))) await rm(lock, { force: true });
    return false;
  }
}

async function isHeld(lock: string): Promise<boolean> {
  try {
    const [pid = '', ...identity] = (await readFile(lock, 'utf8')).split(' ');
    // Empty: its holder is about to write.
    return pid === '' || (await processIdentity(Number(pid))) === identity.join(' ');
  } catch {
    // Released between the two looks.
    return false;
  }
}
