/** `bin/`: the right program under the right Node.js, in a checkout and in an installed package. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../bin', import.meta.url));
/** Makes Node.js believe that it is an old one, until it starts another. */
const PRETEND_OLD = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})`;
const REPORT = `console.log(JSON.stringify({from: FROM, node: process.versions.node, args: process.argv.slice(2)})); process.exitCode = 7;`;

const directories: string[] = [];
afterEach(() => directories.splice(0).forEach((path) => rmSync(path, { recursive: true })));

/** A package directory with `bin/` and the given programs. */
function packageWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'launcher-'));
  directories.push(root);
  cpSync(BIN, join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const program = (from: string): string => REPORT.replace('FROM', JSON.stringify(from));

/** Puts this Node.js where npm installs one. */
function bringNode(root: string): void {
  const platform = join(root, 'node_modules', `node-${process.platform}-${process.arch}`);
  mkdirSync(join(platform, 'bin'), { recursive: true });
  writeFileSync(join(platform, 'package.json'), '{}');
  symlinkSync(process.execPath, join(platform, 'bin', 'node'));
}

async function start(root: string, flags: readonly string[], script = 'kilo-mcp.js') {
  const child = spawn(process.execPath, [...flags, join(root, 'bin', script), 'probe', 'a b'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', error: '' };
  child.stdout.on('data', (part) => (text.out += String(part)));
  child.stderr.on('data', (part) => (text.error += String(part)));
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, ...text };
}

describe('the launcher', () => {
  it.each(['kilo-mcp.js', 'kubectl-mcp.js'])('%s runs the bundle of an installed package', async (script) => {
    const { out, code } = await start(packageWith({ 'dist/kilo-mcp.mjs': program('bundle') }), [], script);
    expect(JSON.parse(out)).toMatchObject({ from: 'bundle', args: ['probe', 'a b'] });
    expect(code).toBe(7);
  });

  it('runs the sources of a checkout, and no bundle that may be old', async () => {
    const typed = `const typed: number = 1; void typed; ${program('sources')}`;
    const root = packageWith({ 'dist/kilo-mcp.mjs': program('bundle'), 'operator/main.ts': typed });
    expect(JSON.parse((await start(root, [])).out)).toMatchObject({ from: 'sources' });
  });

  it('finds a newer Node.js beside it when it is run by an old one', async () => {
    const root = packageWith({ 'dist/kilo-mcp.mjs': program('bundle') });
    bringNode(root);
    const { out, code } = await start(root, ['--import', PRETEND_OLD]);
    expect(JSON.parse(out)).toEqual({ from: 'bundle', node: process.versions.node, args: ['probe', 'a b'] });
    expect(code).toBe(7);
  });

  it('ends as the program ends, also by a signal', async () => {
    const root = packageWith({
      'dist/kilo-mcp.mjs': `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`,
    });
    bringNode(root);
    expect(await start(root, ['--import', PRETEND_OLD])).toMatchObject({ signal: 'SIGTERM' });
  });

  it('says what is missing where there is no newer Node.js', async () => {
    const root = packageWith({ 'dist/kilo-mcp.mjs': program('bundle') });
    const { error, code } = await start(root, ['--import', PRETEND_OLD]);
    expect(error).toContain('needs Node.js 24 or later, and this is 20.1.0');
    expect(code).toBe(2);
  });
});
