/** What the chart makes of `notifications`: a configuration that the operator takes, with the files that it names and the way out, and refusals. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../operator/config/load.ts';
import { checkNotificationSettings } from '../../operator/notifications/settings.ts';
import { find, render, type Manifest } from '../harness/helm.ts';

const scratch = mkdtempSync(join(tmpdir(), 'chart-notifications-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const STORE = { mode: 'External', external: { host: 'db.example.com', secretName: 'db' } };
const RECEIVER = 'https://hooks.example.com:8443/approvals';

function settingsOf(manifests: readonly Manifest[]): ReturnType<typeof loadSettings> {
  const data = find(manifests, 'ConfigMap')['data'] as Record<string, string>;
  writeFileSync(join(scratch, 'config.yaml'), data['config.yaml'] ?? '');
  return loadSettings({}, join(scratch, 'config.yaml'));
}

interface Pod {
  readonly volumes: readonly object[];
  readonly containers: readonly { readonly volumeMounts: readonly { readonly mountPath: string }[] }[];
}

function podOf(manifests: readonly Manifest[]): Pod {
  return (find(manifests, 'Deployment', 'mcp-operator')['spec'] as { template: { spec: Pod } }).template.spec;
}

const egressOf = (manifests: readonly Manifest[]): readonly object[] =>
  (find(manifests, 'NetworkPolicy')['spec'] as { egress: readonly object[] }).egress;

describe('notifications of the chart', () => {
  it('go nowhere by default', async () => {
    const manifests = await render({ store: STORE });
    expect(settingsOf(manifests).notifications).toMatchObject({ url: '', secretFile: '' });
    expect(JSON.stringify(podOf(manifests))).not.toContain('notifications');
  });

  it('take secret and CA from files, and open the way to the port of the URL', async () => {
    const to = [{ ipBlock: { cidr: '192.0.2.7/32' } }];
    const notifications = {
      url: RECEIVER,
      secretName: 'hook',
      caConfigMapName: 'hook-ca',
      source: '/prod',
      to,
    };
    const manifests = await render({ store: STORE, notifications });
    const settings = settingsOf(manifests).notifications;
    checkNotificationSettings(settings, { hasStore: true });
    expect(settings).toMatchObject({ url: RECEIVER, source: '/prod' });
    const { volumes, containers } = podOf(manifests);
    expect(volumes).toEqual(
      expect.arrayContaining([
        { name: 'notifications', secret: { secretName: 'hook' } },
        { name: 'notifications-ca', configMap: { name: 'hook-ca' } },
      ]),
    );
    const mounted = containers[0]?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
    for (const file of [settings.secretFile, settings.caFile])
      expect(mounted.some((path) => file.startsWith(`${path}/`))).toBe(true);
    expect(egressOf(manifests)).toContainEqual({ ports: [{ port: 8443, protocol: 'TCP' }], to });
  });

  it('believe the system, and use the port of HTTPS, when nothing else is said', async () => {
    const notifications = { url: 'https://[2001:db8::1]/hook', secretName: 'hook' };
    const manifests = await render({ store: STORE, notifications });
    expect(settingsOf(manifests).notifications.caFile).toBe('');
    expect(egressOf(manifests)).toContainEqual({ ports: [{ port: 443, protocol: 'TCP' }] });
  });

  it.each([
    ['no Secret', { store: STORE, notifications: { url: RECEIVER } }],
    ['no store', { notifications: { url: RECEIVER, secretName: 'hook' } }],
    ['a URL without TLS', { store: STORE, notifications: { url: 'http://a.example/', secretName: 'hook' } }],
    [
      'credentials in the URL',
      { store: STORE, notifications: { url: 'https://a:b@c.example/', secretName: 'hook' } },
    ],
  ])('are refused with %s', async (_reason, values) => {
    await expect(render(values)).rejects.toThrow('/notifications');
  });
});
