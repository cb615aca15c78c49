import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  identityFromStat,
  isRunning,
  logTail,
  processIdentity,
  startProcess,
  stopProcess,
  type ProcessRecord,
} from './processes.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processes-'));
  return () => rm(folder, { recursive: true });
});

async function start(script: string): Promise<ProcessRecord> {
  const log = join(folder, 'logs', 'test.log');
  const record = await startProcess({ name: 'test', command: process.execPath, args: ['-e', script], log });
  onTestFinished(() => stopProcess(record));
  return record;
}

const STAY = 'setInterval(() => undefined, 1000)';

describe('stopProcess', () => {
  it('ends a process', async () => {
    const record = await start(STAY);
    expect(await isRunning(record)).toBe(true);
    await stopProcess(record);
    expect(await isRunning(record)).toBe(false);
  });

  it('ends a process that does not want to', async () => {
    const record = await start(`process.on('SIGTERM', () => undefined); ${STAY}`);
    await stopProcess(record, 50);
    expect(await isRunning(record)).toBe(false);
  });

  it('leaves a process alone that has the same id but another start', async () => {
    const record = await start(STAY);
    await stopProcess({ ...record, identity: 'of an earlier boot/123' });
    expect(await isRunning(record)).toBe(true);
  });

  it('accepts that the process ended by itself', async () => {
    const record = await start(STAY);
    await stopProcess(record);
    await expect(stopProcess(record)).resolves.toBeUndefined();
  });
});

describe('startProcess', () => {
  it('rejects when there is no such program', async () => {
    const spec = { name: 'none', command: join(folder, 'none'), args: [], log: join(folder, 'none.log') };
    await expect(startProcess(spec)).rejects.toThrow('ENOENT');
  });

  it('keeps what the program says', async () => {
    const record = await start(`console.log('first'); console.error('second'); ${STAY}`);
    await expect.poll(() => logTail(record.log, 1)).toBe('second');
  });
});

describe('identityFromStat', () => {
  const fields = (state: string, threads = 1): string => `${state} ${'0 '.repeat(16)}${threads} 0 4711 0 0`;

  it.each([
    { reason: 'an ordinary name', stat: `12 (node) ${fields('S')}`, expected: 'boot/4711' },
    { reason: 'a name made to confuse', stat: `12 (a) S 1 (b) ${fields('R')}`, expected: 'boot/4711' },
    {
      reason: 'a process that only waits for its parent',
      stat: `12 (node) ${fields('Z')}`,
      expected: undefined,
    },
    {
      reason: 'a process whose other threads still end, and hold its ports',
      stat: `12 (node) ${fields('Z', 9)}`,
      expected: 'boot/4711',
    },
  ])('reads $reason', ({ stat, expected }) => {
    expect(identityFromStat(stat, 'boot')).toBe(expected);
  });
});

describe('processIdentity', () => {
  it('is stable for a living process and undefined for none', async () => {
    expect(await processIdentity(process.pid)).toBe(await processIdentity(process.pid));
    // Above the largest process id that Linux and macOS give.
    expect(await processIdentity(2 ** 23)).toBeUndefined();
  });
});
