import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Ajv } from 'ajv';
import { StoreUnavailableError } from '../../checks/engine/history.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { StoreSettingsSchema, type StoreSettings } from '../settings.ts';
import { Store } from '../store.ts';
import { openEmbedded } from './index.ts';
import { aRun } from '../testing/records.ts';

it('keeps history in its directory, for one process at a time', { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'embedded-'));
  const other = spawn('sleep', ['600']);
  onTestFinished(async () => {
    other.kill();
    await rm(directory, { recursive: true });
  });
  const value = { mode: 'Embedded', directory };
  new Ajv({ useDefaults: true, strict: false }).validate(StoreSettingsSchema, value);
  const open = (): Store => new Store(value as unknown as StoreSettings, new FakeClock());
  const run = aRun({ id: '11111111-2222-4333-8444-555555555555' });
  const first = open();
  await first.beginRun(run, [], { epoch: 0 });
  await first.close();
  await expect(first.run(run.id)).rejects.toThrow('the store is closed');

  const lock = join(directory, 'kilo-mcp.lock');
  await writeFile(lock, String(other.pid));
  const second = open();
  await expect(second.run(run.id)).rejects.toThrow(StoreUnavailableError);
  expect(await readFile(lock, 'utf8')).toBe(String(other.pid));
  await writeFile(lock, '4194305');
  expect(await second.run(run.id)).toEqual(run);
  await second.close();
});

it('is not made by who only reads', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'embedded-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await expect(openEmbedded(directory, { migrate: false })).rejects.toThrow(
    `there is no embedded database in ${directory}`,
  );
  expect(await readdir(directory)).toEqual([]);
});
