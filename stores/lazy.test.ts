import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const INDEX = fileURLToPath(new URL('./index.ts', import.meta.url));
/** Writes the address of every module to standard error. */
const TELLS_MODULES = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) });
`)}`;
const DRIVERS = /node_modules\/(pg|kysely|@electric-sql)/;

it.each([
  ['stores/index.ts', INDEX, false],
  ['an open connection', fileURLToPath(new URL('./open-store.ts', import.meta.url)), true],
])('%s loads a driver or not', async (_what, module, expected) => {
  const child = spawn(process.execPath, ['--import', TELLS_MODULES, module]);
  let loaded = '';
  child.stderr.on('data', (part) => (loaded += String(part)));
  await once(child, 'close');
  expect(child.exitCode).toBe(0);
  expect(loaded).toContain('/stores/');
  expect(DRIVERS.test(loaded)).toBe(expected);
});
