import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Writes the address of every module to standard error. */
const TELLS_MODULES = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) });
`)}`;

describe('the program', () => {
  it('ends quietly when the reader of its output has gone', async () => {
    const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let errors = '';
    child.stderr.on('data', (part) => (errors += String(part)));
    await once(child, 'close');
    expect({ code: child.exitCode, errors }).toEqual({ code: 0, errors: '' });
  });

  it.each(['version', 'help'])('loads nothing of the operator for %s', async (command) => {
    const child = spawn(process.execPath, ['--import', TELLS_MODULES, MAIN, command]);
    let loaded = '';
    child.stderr.on('data', (part) => (loaded += String(part)));
    await once(child, 'close');
    expect(loaded).toContain('/cli/program.ts');
    expect(loaded).not.toMatch(
      /operator\/runtime\/index\.ts|controllers\/|@kubernetes\/client-node|prom-client/,
    );
  });
});
