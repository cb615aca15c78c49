/** What the chart makes of `store`: a configuration that the operator takes, with the files and the volume that it names, and refusals. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../operator/config/load.ts';
import { checkStoreSettings } from '../../stores/index.ts';
import { find, render, type Manifest } from '../harness/helm.ts';

const scratch = mkdtempSync(join(tmpdir(), 'chart-store-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const EXTERNAL = { host: 'db.example.com', port: 6432, secretName: 'db' };

interface Deployment {
  readonly strategy?: object;
  readonly template: {
    readonly spec: {
      readonly securityContext: Readonly<Record<string, unknown>>;
      readonly volumes: readonly (object & { readonly name: string })[];
      readonly containers: readonly {
        readonly resources: object;
        readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
      }[];
    };
  };
}

function deploymentOf(manifests: readonly Manifest[]): Deployment {
  return find(manifests, 'Deployment')['spec'] as Deployment;
}

function settingsOf(manifests: readonly Manifest[]): ReturnType<typeof loadSettings> {
  const data = find(manifests, 'ConfigMap')['data'] as Record<string, string>;
  writeFileSync(join(scratch, 'config.yaml'), data['config.yaml'] ?? '');
  return loadSettings({}, join(scratch, 'config.yaml'));
}

describe('store.mode of the chart', () => {
  it('None, the default, keeps nothing', async () => {
    const manifests = await render();
    expect(settingsOf(manifests).store.mode).toBe('None');
    expect(deploymentOf(manifests).template.spec.volumes.map(({ name }) => name)).toEqual(['config', 'tmp']);
    expect(manifests.some(({ kind }) => kind === 'PersistentVolumeClaim')).toBe(false);
  });

  it('External takes the credentials from files of a Secret, and opens the way to the database', async () => {
    const external = { ...EXTERNAL, migrationSecretName: 'db-owner', caConfigMapName: 'db-ca' };
    const manifests = await render({ store: { mode: 'External', external } });
    const { store } = settingsOf(manifests);
    checkStoreSettings(store);
    expect(store).toMatchObject({ mode: 'External', host: 'db.example.com', port: 6432 });
    const { volumes, containers } = deploymentOf(manifests).template.spec;
    expect(volumes).toEqual(
      expect.arrayContaining([
        { name: 'store', secret: { secretName: 'db' } },
        { name: 'store-migration', secret: { secretName: 'db-owner' } },
        { name: 'store-ca', configMap: { name: 'db-ca' } },
      ]),
    );
    const mounted = containers[0]?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
    const files = [store.userFile, store.passwordFile, store.migration.userFile, store.tls.caFile];
    for (const file of files) expect(mounted.some((path) => file.startsWith(`${path}/`))).toBe(true);
    const { egress } = find(manifests, 'NetworkPolicy')['spec'] as { egress: readonly object[] };
    expect(egress).toContainEqual({ ports: [{ port: 6432, protocol: 'TCP' }] });
  });

  it('Embedded keeps its data on a volume that outlives the release, with memory for a database', async () => {
    const manifests = await render({ replicas: 1, store: { mode: 'Embedded' } });
    const { store } = settingsOf(manifests);
    checkStoreSettings(store);
    const { strategy, template } = deploymentOf(manifests);
    expect(strategy).toEqual({ type: 'Recreate' });
    const claim = find(manifests, 'PersistentVolumeClaim', 'mcp-operator-store');
    expect(claim.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    expect(template.spec.volumes).toContainEqual({
      name: 'store',
      persistentVolumeClaim: { claimName: claim.metadata.name },
    });
    const [container] = template.spec.containers;
    expect(container?.volumeMounts.some(({ mountPath }) => store.directory.startsWith(`${mountPath}/`))).toBe(
      true,
    );
    expect(container?.resources).toMatchObject({ limits: { memory: '1Gi' } });
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true, fsGroup: 65_532 });
  });

  it('Embedded takes a claim that is there, and no group where the cluster chooses one', async () => {
    const embedded = { existingClaim: 'mine', fsGroup: 0 };
    const manifests = await render({ replicas: 1, store: { mode: 'Embedded', embedded } });
    expect(manifests.some(({ kind }) => kind === 'PersistentVolumeClaim')).toBe(false);
    const { volumes, securityContext } = deploymentOf(manifests).template.spec;
    expect(volumes).toContainEqual({ name: 'store', persistentVolumeClaim: { claimName: 'mine' } });
    expect(securityContext).not.toHaveProperty('fsGroup');
  });

  it.each([
    ['two replicas of an embedded database', { store: { mode: 'Embedded' } }, '/replicas'],
    ['no host', { store: { mode: 'External', external: { secretName: 'db' } } }, '/store/external/host'],
    ['no Secret', { store: { mode: 'External', external: { host: 'db' } } }, '/store/external/secretName'],
    ['another mode', { store: { mode: 'Memory' } }, '/store/mode'],
  ])('refuses %s', async (_reason, values, path) => {
    await expect(render(values)).rejects.toThrow(path);
  });
});
