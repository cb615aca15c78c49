/** What an embedded database takes of a pod's memory limit, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const INDEX = fileURLToPath(new URL('./index.ts', import.meta.url));
/** Enough rows for V8 to find functions that it would like to compile again. */
const USE_IT = `
  import { sql } from 'kysely';
  import { openEmbedded } from ${JSON.stringify(INDEX)};
  const { db, close } = await openEmbedded(process.argv[1]);
  await sql\`SELECT count(*), sum(length(a::text || b::text)) FROM generate_series(1, 300) a, generate_series(1, 300) b\`.execute(db);
  await close();
  console.log(process.resourceUsage().maxRSS / 1024);
`;

/** @returns the most memory that was resident, in MiB. */
async function peakOf(directory: string): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', USE_IT, directory], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (part) => (printed += String(part)));
  await once(child, 'close');
  expect(child.exitCode).toBe(0);
  return Number(printed);
}

it('is made in 640 MiB, and used in 300', { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'embedded-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const made = await peakOf(directory);
  expect(made).toBeGreaterThan(100);
  expect(made).toBeLessThan(640);
  expect(await peakOf(directory)).toBeLessThan(300);
});
