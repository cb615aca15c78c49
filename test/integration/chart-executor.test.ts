/** The executor as the chart renders it: a process and an identity of its own beside a database, the operator's work with an embedded one, and nowhere else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../operator/config/load.ts';
import type { NetworkPolicyManifest } from '../../render/manifest.ts';
import { isConnectionAllowed, type Endpoint } from '../../render/testing/network-policies.ts';
import { find, render, type Manifest } from '../harness/helm.ts';

const scratch = mkdtempSync(join(tmpdir(), 'chart-executor-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const NAME = 'mcp-operator-executor';
const external = {
  host: 'db.example.com',
  port: 6432,
  secretName: 'db',
  migrationSecretName: 'db-owner',
  caConfigMapName: 'db-ca',
};
const EXTERNAL = { store: { mode: 'External', external } };
const EMBEDDED = { replicas: 1, store: { mode: 'Embedded' } };

type Labels = Readonly<Record<string, string>>;

interface Deployment {
  readonly replicas: number;
  readonly selector: { readonly matchLabels: Labels };
  readonly template: {
    readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
    readonly spec: {
      readonly serviceAccountName: string;
      readonly securityContext: object;
      readonly volumes: readonly (object & { readonly name: string })[];
      readonly containers: readonly {
        readonly name: string;
        readonly image: string;
        readonly args: readonly string[];
        readonly securityContext: object;
        readonly ports: readonly { readonly name: string }[];
        readonly volumeMounts: readonly { readonly mountPath: string }[];
      }[];
    };
  };
}

function deploymentOf(manifests: readonly Manifest[], name = NAME): Deployment {
  return find(manifests, 'Deployment', name)['spec'] as Deployment;
}

function settingsOf(manifests: readonly Manifest[]): ReturnType<typeof loadSettings> {
  const data = find(manifests, 'ConfigMap')['data'] as Record<string, string>;
  writeFileSync(join(scratch, 'config.yaml'), data['config.yaml'] ?? '');
  return loadSettings({}, join(scratch, 'config.yaml'));
}

function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

describe('the executor of the chart', () => {
  it('runs the role with the configuration of the operator, under the name that admission knows it by', async () => {
    const manifests = await render(EXTERNAL);
    const { replicas, template } = deploymentOf(manifests);
    const [container] = template.spec.containers;
    expect(replicas).toBe(1);
    expect(container?.args).toEqual(['executor', '--config=/etc/kilo-mcp/config.yaml']);
    expect(container?.ports.map(({ name }) => name)).toEqual(['metrics', 'health']);
    const operator = deploymentOf(manifests, 'mcp-operator').template;
    expect(container?.image).toBe(operator.spec.containers[0]?.image);
    expect(template.metadata.annotations['checksum/config']).toBe(
      operator.metadata.annotations['checksum/config'],
    );
    find(manifests, 'ServiceAccount', template.spec.serviceAccountName);
    expect(settingsOf(manifests).approval).toEqual({
      personKey: '',
      operatorServiceAccount: 'system:serviceaccount:mcp-system:mcp-operator',
      executorServiceAccount: `system:serviceaccount:mcp-system:${template.spec.serviceAccountName}`,
    });
  });

  it('has the files that its store names, and never the credentials of migrations', async () => {
    const manifests = await render(EXTERNAL);
    const { store } = settingsOf(manifests);
    const { volumes, containers } = deploymentOf(manifests).template.spec;
    expect(volumes.map(({ name }) => name)).toEqual(['config', 'tmp', 'store', 'store-ca']);
    const mounted = containers[0]?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
    for (const file of [store.userFile, store.passwordFile, store.tls.caFile])
      expect(mounted.some((path) => file.startsWith(`${path}/`))).toBe(true);
    expect(JSON.stringify(deploymentOf(manifests))).not.toContain('db-owner');
    expect(JSON.stringify(deploymentOf(manifests, 'mcp-operator'))).toContain('db-owner');
  });

  it('is as confined as the operator', async () => {
    const manifests = await render(EXTERNAL);
    const confinement = ({ template: { spec } }: Deployment): unknown => [
      spec.securityContext,
      spec.containers.map(({ securityContext }) => securityContext),
    ];
    expect(confinement(deploymentOf(manifests))).toEqual(
      confinement(deploymentOf(manifests, 'mcp-operator')),
    );
    expect(confinement(deploymentOf(manifests))).toMatchObject([
      { runAsNonRoot: true },
      [{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true }],
    ]);
  });

  it('is selected by what is its own, and by nothing of the operator', async () => {
    const manifests = await render(EXTERNAL);
    const executor = deploymentOf(manifests);
    const operator = deploymentOf(manifests, 'mcp-operator');
    expect(selects(executor.selector.matchLabels, executor.template.metadata.labels)).toBe(true);
    expect(selects(executor.selector.matchLabels, operator.template.metadata.labels)).toBe(false);
    expect(selects(operator.selector.matchLabels, executor.template.metadata.labels)).toBe(false);
    expect(selects(settingsOf(manifests).operatorPodLabels, executor.template.metadata.labels)).toBe(false);
    for (const { kind, metadata, ...object } of manifests) {
      if (kind !== 'Service' && kind !== 'PodDisruptionBudget') continue;
      const spec = object['spec'] as { selector: Labels & { matchLabels?: Labels } };
      const selector = kind === 'Service' ? spec.selector : (spec.selector.matchLabels ?? {});
      const isOfExecutor = metadata.name.startsWith(NAME);
      expect(selects(selector, executor.template.metadata.labels)).toBe(isOfExecutor);
      expect(selects(selector, operator.template.metadata.labels)).toBe(!isOfExecutor);
    }
  });

  const pod = (namespace: string, labels: Record<string, string>): Endpoint => ({
    namespace: { name: namespace, labels: { 'kubernetes.io/metadata.name': namespace } },
    labels,
  });
  const executor = pod('mcp-system', {
    'app.kubernetes.io/name': 'mcp-operator-executor',
    'app.kubernetes.io/instance': 'mcp-operator',
  });
  it.each<[string, Endpoint, Endpoint, number, boolean]>([
    ['it asks DNS', executor, pod('kube-system', { 'k8s-app': 'kube-dns' }), 53, true],
    ['it reaches the API server', executor, { address: '192.0.2.10' }, 6443, true],
    ['it reaches the database', executor, { address: '192.0.2.30' }, 6432, true],
    ['it reaches a server', executor, pod('team-a', { 'mcp.kilocode.ai/server': 'github' }), 8080, false],
    ['it reaches the internet elsewhere', executor, { address: '140.82.121.6' }, 25, false],
    ['Prometheus reads metrics', pod('monitoring', {}), executor, 8080, true],
    ['a kubelet asks for health', { address: '192.0.2.20' }, executor, 8081, true],
    ['somebody asks it for anything else', pod('team-a', {}), executor, 9443, false],
  ])('NetworkPolicy: %s', async (_reason, from, to, port, expected) => {
    const policy = find(await render(EXTERNAL), 'NetworkPolicy', NAME);
    // A boundary: what Helm printed.
    const policies = [policy as unknown as NetworkPolicyManifest];
    expect(isConnectionAllowed(policies, { from, to, port })).toBe(expected);
  });

  it.each<[string, object, string]>([
    ['with an embedded database', EMBEDDED, 'system:serviceaccount:mcp-system:mcp-operator'],
    ['without a store', {}, 'system:serviceaccount:mcp-system:mcp-operator-executor'],
  ])('is no process %s', async (_reason, values, username) => {
    const manifests = await render(values);
    const named = manifests.filter(
      ({ kind, metadata }) => metadata.name.startsWith(NAME) && !/Role/.test(kind),
    );
    expect(named).toEqual([]);
    expect(settingsOf(manifests).approval.executorServiceAccount).toBe(username);
  });

  it('goes with what is switched off: disruption budget, NetworkPolicy, roles', async () => {
    const off = { podDisruptionBudget: false, networkPolicy: { enabled: false }, rbac: { create: false } };
    const kinds = (await render({ ...EXTERNAL, ...off }))
      .filter(({ metadata }) => metadata.name.startsWith(NAME))
      .map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['Deployment', 'Service', 'ServiceAccount']);
  });

  it('is let through by the policy on rights of writers, by its own name', async () => {
    const policy = (values: object): Promise<string> =>
      render(values).then((manifests) =>
        JSON.stringify(find(manifests, 'ValidatingAdmissionPolicy', 'mcp-operator-creator-authority')),
      );
    expect(await policy(EXTERNAL)).toContain(`system:serviceaccount:mcp-system:${NAME}`);
    expect(await policy({ ...EXTERNAL, fullnameOverride: 'mcp-operator' })).not.toContain(
      'EXECUTOR_USERNAME',
    );
  });
});
