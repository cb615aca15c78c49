import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { loadKubeConfig, loadKubeConfigAs } from '../harness/kubeconfig.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace } from '../harness/namespace.ts';
import { waitFor } from '../harness/wait.ts';

const kubeconfigPath = inject('kubeconfigPath');

describe('the control plane of the integration tests', () => {
  it('is ready and knows our kinds', async () => {
    expect(await kubectl(kubeconfigPath, ['get', '--raw', '/readyz'])).toBe('ok');
    expect(await kubectl(kubeconfigPath, ['api-resources', '--api-group=mcp.kilocode.ai'])).toContain(
      'mcpservers',
    );
  });

  it('gives a namespace to a test and takes it back', async () => {
    const namespace = await createNamespace(kubeconfigPath, 'harness');
    const core = loadKubeConfig(kubeconfigPath).makeApiClient(CoreV1Api);
    expect((await core.readNamespace({ name: namespace.name })).status?.phase).toBe('Active');
    await namespace.remove();
    const all = await waitFor(async () => {
      const names = (await core.listNamespace()).items.map((item) => item.metadata?.name);
      return names.includes(namespace.name) ? undefined : names;
    });
    expect(all).toContain('default');
  });

  it('lets a test act as somebody without rights', async () => {
    const namespace = await createNamespace(kubeconfigPath, 'harness');
    onTestFinished(() => namespace.remove());
    const core = loadKubeConfigAs(kubeconfigPath, 'nobody').makeApiClient(CoreV1Api);
    await expect(core.listNamespacedSecret({ namespace: namespace.name })).rejects.toMatchObject({
      code: 403,
    });
  });
});
