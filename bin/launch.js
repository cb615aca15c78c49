/**
 * Starts the program under Node.js 24, whatever Node.js runs this file. Plain JavaScript, because Node.js strips no types inside
 * node_modules: an installed package carries the bundle, a checkout runs its sources, so that it never runs an old bundle.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function launch() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
    const source = here('../operator/main.ts');
    await import(existsSync(source) ? source : here('../dist/kilo-mcp.mjs'));
    return;
  }
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      `error: kilo-mcp needs Node.js ${NEEDED_MAJOR} or later, and this is ${process.versions.node}: install it, or run \`npm install\` here, which brings it along\n`,
    );
    process.exitCode = 2;
    return;
  }
  runWith(node);
}

/** The Node.js that npm installed beside this package. */
function findNode() {
  const require = createRequire(import.meta.url);
  for (const name of [`node-${process.platform}-${process.arch}`, 'node']) {
    try {
      const binary = require.resolve(`${name}/bin/node`);
      if (existsSync(binary)) return binary;
    } catch {
      // Not installed: the next one may be.
    }
  }
  return undefined;
}

/** Runs this same script again with `node`, passing signals on and taking over how it ends. */
function runWith(node) {
  const [, script, ...args] = process.argv;
  const child = spawn(node, [script, ...args], { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`error: cannot start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
