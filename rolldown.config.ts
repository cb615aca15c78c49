/**
 * The program as two files: dist/kilo-mcp.mjs, and beside it the thread in which `lint` evaluates rules, so that the program itself does
 * not carry the evaluator. Beside them lie the files of the embedded database, read when a store in mode Embedded is opened. They are what the image and the npm package hold, and Node is the only thing they need.
 * Names stay as they are, so that a stack trace in a log can be read; only white space goes.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Plugin, type RolldownOptions, defineConfig } from 'rolldown';

const bundled = (file: string): string => fileURLToPath(new URL(`hack/bundle/${file}`, import.meta.url));

function bundle(input: string, name: string): RolldownOptions {
  return {
    input,
    platform: 'node',
    resolve: {
      alias: {
        // Subpaths are resolved as usual: hack/bundle/undici.js imports them.
        undici$: bundled('undici.js'),
        '@modelcontextprotocol/client/_shims': bundled('mcp-client-shims.js'),
      },
    },
    output: {
      dir: 'dist',
      entryFileNames: name,
      format: 'esm',
      codeSplitting: false,
      minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    },
  };
}

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

export default defineConfig([
  { ...bundle('operator/main.ts', 'kilo-mcp.mjs'), plugins: [embeddedDatabase] },
  bundle('cli/lint/cel/worker.ts', 'cel-worker.mjs'),
]);
