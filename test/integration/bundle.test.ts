/** What the image and the npm package carry: the bundle leaves things out by hand, so it must be seen at work, not only built. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { run } from '../../hack/cluster/index.ts';
import { mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { createNamespace } from '../harness/namespace.ts';
import { connectPlainly } from '../harness/plain-client.ts';
import { waitFor } from '../harness/wait.ts';
import { startOperator } from '../faults/process/index.ts';

const ROLLDOWN = join('node_modules', '.bin', 'rolldown');

it('the bundle runs an operator', async () => {
  const kubeconfigPath = inject('kubeconfigPath');
  const directory = await mkdtemp(join(tmpdir(), 'bundle-test-'));
  const file = join(directory, 'kilo-mcp.mjs');
  await run(ROLLDOWN, ['-c', '--dir', directory, '--logLevel', 'silent']);
  const { name: namespace, ...home } = await createNamespace(kubeconfigPath, 'bundle');
  const operator = await startOperator({
    kubeconfigPath,
    program: [file, 'operator'],
    flags: [`--watch-namespaces=${namespace}`, '--default-policy=false'],
  });
  const client = await connectPlainly(kubeconfigPath);
  onTestFinished(async () => {
    await operator.kill();
    await client.close();
    await home.remove();
    await rm(directory, { recursive: true, force: true });
  });
  await operator.ready();
  const spec = { source: { image: { ref: 'registry.example.com/mcp/server:1.0.0' } } };
  await client.demand(
    'POST',
    mcpServersPath(namespace),
    mcpServerManifest(spec, { name: 'sample', namespace }),
  );
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/mcp-sample`;
  await waitFor(async () => (await client.request('GET', path)).code === 200);
  expect(await operator.terminate()).toEqual({ code: 0, signal: null });
});
