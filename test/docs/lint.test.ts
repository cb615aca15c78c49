/** What docs/lint.md shows is what `kilo-mcp lint` prints. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'lint-docs-'));
afterAll(() => rmSync(directory, { recursive: true }));

const FILES = {
  'github.yaml': `apiVersion: mcp.kilocode.ai/v1alpha1
kind: MCPServer
metadata:
  name: github
spec:
  source:
    image: { ref: 'ghcr.io/example/server:1.2.3' }
`,
  'policies.yaml': `apiVersion: mcp.kilocode.ai/v1alpha1
kind: MCPSecurityPolicy
metadata:
  name: strict
spec:
  images: { requireDigest: true }
`,
};

it('the example of docs/lint.md is true', () => {
  const [, command = '', shown] =
    /```console\n\$ kilo-mcp (.+?)\n(.+?)\n```/s.exec(readFileSync('docs/lint.md', 'utf8')) ?? [];
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text);
  const argv = [resolve('operator/main.ts'), ...command.split(' ')];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { cwd: directory, encoding: 'utf8' });
  expect(`${stdout}${stderr}$ echo $?\n${status}`).toBe(shown);
});
