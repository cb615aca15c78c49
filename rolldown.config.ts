/**
 * The program in pieces: dist/kilo-mcp.mjs, the thread in which `lint` evaluates rules, and chunks that each command loads when it needs them, so
 * that an operator without a store has no database driver in its memory. Beside them lie the files of the embedded database, read when a store in
 * mode Embedded is opened. They are what the image and the npm package hold, and Node is the only thing they need.
 * Names stay as they are, so that a stack trace in a log can be read; only white space goes.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'rolldown';

const bundled = (file: string): string => fileURLToPath(new URL(`hack/bundle/${file}`, import.meta.url));

const EMBEDDED_DATABASE = ['pglite.data', 'pglite.wasm', 'initdb.wasm'];

/** PGlite looks for its files beside the module that it is in. */
const embeddedDatabase: Plugin = {
  name: 'embedded-database',
  async generateBundle() {
    for (const name of EMBEDDED_DATABASE) {
      const path = fileURLToPath(new URL(`./${name}`, import.meta.resolve('@electric-sql/pglite')));
      this.emitFile({ type: 'asset', fileName: name, source: await readFile(path) });
    }
  },
};

/** Chunks come and go with the code: what an earlier bundle left would be packed as well. */
const emptied: Plugin = {
  name: 'emptied',
  async renderStart({ dir = 'dist' }) {
    if (!existsSync(dir)) return;
    const files = (await readdir(dir)).filter((file) => file.endsWith('.mjs'));
    for (const name of files) await rm(join(dir, name));
  },
};

export default defineConfig({
  input: { 'kilo-mcp': 'operator/main.ts', 'cel-worker': 'cli/lint/cel/worker.ts' },
  platform: 'node',
  resolve: {
    alias: {
      // Subpaths are resolved as usual: hack/bundle/undici.js imports them.
      undici$: bundled('undici.js'),
      '@modelcontextprotocol/client/_shims': bundled('mcp-client-shims.js'),
    },
  },
  plugins: [emptied, embeddedDatabase],
  output: {
    dir: 'dist',
    entryFileNames: '[name].mjs',
    chunkFileNames: 'kilo-mcp-[name].mjs',
    format: 'esm',
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
  },
});
