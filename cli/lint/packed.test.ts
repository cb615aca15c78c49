/** The npm package as a user installs it: two bundles and no node_modules, from a directory of the user's own. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../hack/cluster/index.ts';

const SERVER = `apiVersion: mcp.kilocode.ai/v1alpha1
kind: MCPServer
metadata: { name: sample }
spec:
  source: { image: { ref: 'https://example.com/server' } }
`;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'packed-'));
  const source = join(root, 'source');
  await cp('bin', join(source, 'bin'), { recursive: true });
  await cp('package.json', join(source, 'package.json'));
  await run(join('node_modules', '.bin', 'rolldown'), [
    '-c',
    '--dir',
    join(source, 'dist'),
    '--logLevel',
    'silent',
  ]);
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', root];
  const tarball = (await run('npm', pack, { cwd: source })).trim();
  const modules = join(root, 'project', 'node_modules');
  await mkdir(join(modules, '.bin'), { recursive: true });
  await run('tar', ['-xzf', join(root, tarball), '-C', modules]);
  await symlink('../package/bin/kilo-mcp.js', join(modules, '.bin', 'kilo-mcp'));
  await writeFile(join(root, 'project', 'server.yaml'), SERVER);
}, 120_000);
afterAll(() => rm(root, { recursive: true }));

it('lints, in the thread that comes with it', () => {
  const script = join('node_modules', '.bin', 'kilo-mcp');
  const argv = [script, 'lint', 'server.yaml', '--output', 'json'];
  const { status, stdout } = spawnSync(process.execPath, argv, {
    cwd: join(root, 'project'),
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toMatchObject({
    findings: [{ rule: 'cel', file: 'server.yaml', line: 5, path: 'spec.source.image.ref' }],
  });
  expect(status).toBe(4);
});
