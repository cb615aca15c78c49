import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Kubectl } from './kubectl.ts';
import { ensureVolume } from './volume.ts';

/** kubectl on a cluster with these StorageClasses, each a default or not; what is applied is kept. */
function kubectlWith(...defaults: readonly boolean[]): { kubectl: Kubectl; applied: string[] } {
  const applied: string[] = [];
  const items = defaults.map((isDefault) => ({
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) } },
  }));
  const kubectl: Kubectl = (args, input = '') => {
    if (args[0] === 'apply') applied.push(input);
    return Promise.resolve(JSON.stringify({ items }));
  };
  return { kubectl, applied };
}

it('leaves a cluster alone that makes volumes', async () => {
  const { kubectl, applied } = kubectlWith(false, true);
  await ensureVolume(kubectl, { name: 'node1', directory: '/nowhere/that/may/be/made' });
  expect(applied).toEqual([]);
});

it('gives the demo’s own node a folder, for the claim of the chart and nobody else', async () => {
  const home = await mkdtemp(join(tmpdir(), 'demo-volume-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const directory = join(home, 'node', 'store');
  const { kubectl, applied } = kubectlWith(false);
  await ensureVolume(kubectl, { name: 'node1', directory });
  expect((await stat(directory)).isDirectory()).toBe(true);
  expect(JSON.parse(applied.join())).toMatchObject({
    kind: 'PersistentVolume',
    spec: {
      claimRef: { namespace: 'mcp-system', name: 'mcp-operator-store' },
      local: { path: directory },
    },
  });
});

it('names the remedy where there is neither', async () => {
  const { kubectl } = kubectlWith();
  await expect(ensureVolume(kubectl, undefined)).rejects.toThrow(
    'kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true',
  );
});
