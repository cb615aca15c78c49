/**
 * The program as one file, dist/kilo-mcp.mjs: what the image and the npm package carry. Node itself is the only thing it needs.
 * Names stay as they are, so that a stack trace in a log can be read; only white space goes.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';

const bundled = (file: string): string => fileURLToPath(new URL(`hack/bundle/${file}`, import.meta.url));

export default defineConfig({
  input: 'operator/main.ts',
  platform: 'node',
  resolve: {
    alias: {
      // Subpaths are resolved as usual: hack/bundle/undici.js imports them.
      undici$: bundled('undici.js'),
      '@modelcontextprotocol/client/_shims': bundled('mcp-client-shims.js'),
    },
  },
  output: {
    file: 'dist/kilo-mcp.mjs',
    format: 'esm',
    codeSplitting: false,
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
  },
});
