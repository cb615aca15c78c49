/** The fault proxy in front of the real API server, with kubectl as its client: identity, watches and old views are real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { fail, startFaultProxy, type FaultProxy } from '../faults/proxy/index.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace } from '../harness/namespace.ts';

const upstreamKubeconfig = inject('kubeconfigPath');

let proxy: FaultProxy;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'faults-proxy-'));
  proxy = await startFaultProxy({ upstreamKubeconfig, directory });
  return async () => {
    await proxy.stop();
    await rm(directory, { recursive: true, force: true });
  };
});

async function configMap(namespace: string, name: string): Promise<void> {
  await kubectl(upstreamKubeconfig, ['create', 'configmap', name, '-n', namespace]);
}

describe('the fault proxy before the real API server', () => {
  it("acts as the kubeconfig's user, and records what was asked", async () => {
    const whoami = ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'];
    expect(await kubectl(proxy.kubeconfigPath, whoami)).toBe('admin');
    const reviews = proxy.log.entries({ verb: 'create', resource: 'selfsubjectreviews' });
    expect(reviews.map(({ status }) => status)).toEqual([201]);
  });

  it('makes a client wait that is told to come back later', async () => {
    const fault = proxy.inject({ verb: 'list', resource: 'nodes' }, fail(429, { retryAfterSeconds: 1 }), 1);
    await kubectl(proxy.kubeconfigPath, ['get', 'nodes']);
    expect(fault.hits).toBe(1);
    const [refused, served] = proxy.log.entries({ verb: 'list', resource: 'nodes' });
    expect((served?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThan(900);
  });

  it('shows the state as it was, and the present after the thaw', async () => {
    const namespace = await createNamespace(upstreamKubeconfig, 'faults-proxy');
    onTestFinished(() => namespace.remove());
    await configMap(namespace.name, 'before');
    const list = [
      'get',
      'configmaps',
      '-n',
      namespace.name,
      '--field-selector=metadata.name!=kube-root-ca.crt',
    ];
    const version = await kubectl(upstreamKubeconfig, [
      'get',
      '--raw',
      `/api/v1/namespaces/${namespace.name}/configmaps`,
    ]);
    const { metadata } = JSON.parse(version) as { metadata: { resourceVersion: string } };
    await configMap(namespace.name, 'after');
    const view = proxy.freezeView({ resource: 'configmaps' }, metadata.resourceVersion);
    expect(await kubectl(proxy.kubeconfigPath, [...list, '-o', 'name'])).toBe('configmap/before\n');
    view.thaw();
    expect(await kubectl(proxy.kubeconfigPath, [...list, '-o', 'name'])).toBe(
      'configmap/after\nconfigmap/before\n',
    );
  });
});
