/**
 * What the chart renders: pinned as a whole, refused by the schema where it cannot work, accepted by a real API server, and
 * within the restricted Pod Security Standard. `npx vitest run --project integration --update` writes the pinned renderings anew.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadSettings } from '../../operator/config/load.ts';
import { CHART, find, helm, render, type Manifest } from '../harness/helm.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { webhookConfigurations } from '../harness/webhooks.ts';
import { WEBHOOKS } from '../../webhooks/index.ts';

const kubeconfigPath = inject('kubeconfigPath');
const golden = (name: string): string =>
  fileURLToPath(new URL(`golden/${name}.generated.yaml`, import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'chart-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Everything that can be switched on, and a value of every shape. */
const EVERYTHING = {
  image: { digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry' }],
  replicas: 3,
  logLevel: 'debug',
  probe: { allowedCIDRs: ['10.0.0.0/8', 'fd00::/8'], refusedCIDRs: ['192.0.2.1/32'], concurrency: 4 },
  clusterDNS: { podLabels: { 'k8s-app': 'coredns' } },
  serviceAccount: { annotations: { team: 'platform' } },
  networkPolicy: {
    metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    apiServer: { cidrs: ['10.0.0.1/32'] },
    extraEgress: [{ ports: [{ port: 8443, protocol: 'TCP' }] }],
  },
  metrics: { port: 9090 },
  webhook: { port: 9092 },
  healthPort: 9091,
  podLabels: { team: 'platform' },
  podAnnotations: { 'example.com/note': 'yes' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
  ],
  priorityClassName: 'system-cluster-critical',
};

describe('the rendered chart', () => {
  it.each<[string, object]>([
    ['default', {}],
    [
      'watch-namespaces',
      {
        watchNamespaces: ['team-a', 'team-b'],
        metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
      },
    ],
  ])('is as it was: %s', async (name, values) => {
    const text = await helm(
      [
        'template',
        'mcp-operator',
        CHART,
        '--namespace=mcp-system',
        '--kube-version=1.36.0',
        '--set=crds.install=false',
      ],
      values,
    );
    await expect(text).toMatchFileSnapshot(golden(name));
  });

  it('passes helm lint', async () => {
    expect(await helm(['lint', '--strict', CHART])).toContain('0 chart(s) failed');
  });

  it('refuses a Kubernetes that is too old', async () => {
    await expect(helm(['template', 'x', CHART, '--kube-version=1.32.9'])).rejects.toThrow(
      /requires kubeVersion: >=1\.33/,
    );
  });

  it('pins the image by digest, else by tag, else by the version of the chart', async () => {
    const image = async (values: object): Promise<unknown> =>
      podOf(await render({ image: values })).containers[0]?.image;
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(await image({ repository: 'r.example/op', digest })).toBe(`r.example/op@${digest}`);
    expect(await image({ repository: 'r.example/op', tag: '2.0.0' })).toBe('r.example/op:2.0.0');
    const { appVersion } = parse(await helm(['show', 'chart', CHART])) as { appVersion: string };
    expect(await image({ repository: 'r.example/op' })).toBe(`r.example/op:${appVersion}`);
  });

  it('rolls the pods when the configuration changes, and only then', async () => {
    const checksum = async (values: object): Promise<unknown> =>
      templateOf(await render(values)).metadata.annotations['checksum/config'];
    expect(await checksum({ logLevel: 'debug' })).not.toBe(await checksum({}));
    expect(await checksum({ replicas: 5 })).toBe(await checksum({}));
  });

  it('writes a configuration that the operator takes', async () => {
    const settings = async (values: object): Promise<unknown> => {
      const data = find(await render(values), 'ConfigMap')['data'] as Record<string, string>;
      writeFileSync(join(scratch, 'config.yaml'), data['config.yaml'] ?? '');
      return loadSettings({}, join(scratch, 'config.yaml'));
    };
    expect(await settings({})).toMatchObject({
      leaderElect: true,
      leaderElectionNamespace: 'mcp-system',
      webhookBindAddress: ':9443',
    });
    expect(await settings({ webhook: { enabled: false } })).toMatchObject({ webhookBindAddress: '0' });
    expect(await settings({ ...EVERYTHING, watchNamespaces: ['team-a'] })).toMatchObject({
      metricsBindAddress: ':9090',
      healthProbeBindAddress: ':9091',
      webhookBindAddress: ':9092',
      watchNamespaces: ['team-a'],
      logLevel: 'debug',
      probe: EVERYTHING.probe,
      clusterDNS: {
        namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
        podLabels: { 'k8s-app': 'coredns' },
      },
      operatorNamespace: 'mcp-system',
    });
  });

  it("labels the operator's pods as the servers' NetworkPolicies expect them", async () => {
    const manifests = await render();
    const data = find(manifests, 'ConfigMap')['data'] as Record<string, string>;
    const { operatorPodLabels } = parse(data['config.yaml'] ?? '') as { operatorPodLabels: object };
    expect(templateOf(manifests).metadata.labels).toMatchObject(operatorPodLabels);
  });
});

describe('the webhooks', () => {
  const byName = async (values: object): Promise<ReadonlyMap<string, RenderedWebhook>> => {
    const webhooks = (await webhookConfigurations(values)).flatMap(
      (configuration) => configuration['webhooks'] as RenderedWebhook[],
    );
    return new Map(webhooks.map((webhook) => [webhook.name, webhook]));
  };

  it('are those that the operator serves, behind one Service', async () => {
    const rendered = await byName({});
    expect([...rendered.keys()].toSorted()).toEqual(WEBHOOKS.map(({ name }) => name).toSorted());
    const manifests = await render();
    const { name, namespace = '' } = find(manifests, 'Service', 'mcp-operator-webhook').metadata;
    for (const { name: webhook, path } of WEBHOOKS)
      expect(rendered.get(webhook)?.clientConfig.service).toEqual({ name, namespace, path, port: 443 });
    const { selector, ports } = find(manifests, 'Service', name)['spec'] as ServiceSpec;
    expect(templateOf(manifests).metadata.labels).toMatchObject(selector);
    expect(podOf(manifests).containers[0]?.ports).toContainEqual(
      expect.objectContaining({ name: ports[0]?.targetPort, containerPort: 9443 }),
    );
  });

  it('stand before nothing but our own kinds, and fail closed there', async () => {
    for (const webhook of (await byName({})).values()) {
      expect(webhook.failurePolicy).toBe('Fail');
      expect(webhook.namespaceSelector).toBeUndefined();
      expect(webhook.rules.flatMap(({ apiGroups }) => apiGroups)).toEqual(['mcp.kilocode.ai']);
      expect(webhook.rules.flatMap(({ resources }) => resources).join()).not.toContain('*');
    }
  });

  it('of an installation that serves some namespaces leave servers elsewhere to others', async () => {
    const selector = {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['team-a', 'team-b'] },
      ],
    };
    const selectors = [...(await byName({ watchNamespaces: ['team-a', 'team-b'] })).values()].map(
      ({ rules, namespaceSelector }) => [rules[0]?.scope, namespaceSelector],
    );
    expect(selectors).toHaveLength(WEBHOOKS.length);
    for (const [scope, namespaceSelector] of selectors)
      expect(namespaceSelector).toEqual(scope === 'Cluster' ? undefined : selector);
  });

  it('get their CA from the operator, unless cert-manager is asked to', async () => {
    const injection = async (values: object): Promise<readonly unknown[]> =>
      (await webhookConfigurations(values)).map(({ metadata }) => metadata.annotations);
    expect(await injection({})).toEqual([undefined, undefined]);
    const name = 'mcp-operator-webhook-certificates';
    const from = { 'cert-manager.io/inject-ca-from': `mcp-system/${name}` };
    expect(await injection({ webhook: { certificates: 'CertManager' } })).toEqual([from, from]);

    const manifests = await render({ webhook: { certificates: 'CertManager' } });
    const data = find(manifests, 'ConfigMap')['data'] as Record<string, string>;
    const { webhookCertificates } = parse(data['config.yaml'] ?? '') as { webhookCertificates: object };
    expect(webhookCertificates).toMatchObject({ issuer: 'CertManager', secretName: name });
    const { spec } = find(manifests, 'Certificate', name) as unknown as { spec: CertificateSpec };
    expect(spec).toMatchObject({
      secretName: name,
      dnsNames: ['mcp-operator-webhook.mcp-system.svc', 'mcp-operator-webhook.mcp-system.svc.cluster.local'],
    });
    const issuer = find(manifests, 'Issuer', spec.issuerRef.name)['spec'] as { ca: { secretName: string } };
    const ca = find(manifests, 'Certificate', issuer.ca.secretName) as unknown as { spec: CertificateSpec };
    expect(ca.spec).toMatchObject({ isCA: true, secretName: issuer.ca.secretName });
    expect(find(manifests, 'Issuer', ca.spec.issuerRef.name)['spec']).toEqual({ selfSigned: {} });
  });

  it('ask for a client certificate when they know who signs it', async () => {
    const settingsOf = (manifests: readonly Manifest[]): string => {
      const data = find(manifests, 'ConfigMap')['data'] as Record<string, string>;
      const { webhookCertificates } = parse(data['config.yaml'] ?? '') as {
        webhookCertificates: { clientCAFile: string };
      };
      return webhookCertificates.clientCAFile;
    };
    expect(settingsOf(await render({}))).toBe('');
    const manifests = await render({ webhook: { clientCAConfigMapName: 'api-server-client-ca' } });
    const path = '/etc/kilo-mcp-webhook-client-ca';
    expect(settingsOf(manifests)).toBe(`${path}/ca.crt`);
    const name = 'webhook-client-ca';
    const volumes = expect.arrayContaining([
      { name, configMap: { name: 'api-server-client-ca' } },
    ]) as unknown;
    const volumeMounts = expect.arrayContaining([{ name, mountPath: path, readOnly: true }]) as unknown;
    expect(find(manifests, 'Deployment')['spec']).toMatchObject({
      template: { spec: { volumes, containers: [{ volumeMounts }] } },
    });
  });

  it('need nothing of cert-manager, as long as it is not asked', async () => {
    for (const values of [{}, { webhook: { enabled: false, certificates: 'CertManager' } }])
      expect(
        (await render(values)).filter(({ apiVersion }) => apiVersion.startsWith('cert-manager')),
      ).toEqual([]);
  });

  it('are not there when they are switched off', async () => {
    const manifests = await render({ webhook: { enabled: false } });
    expect(manifests.filter(({ kind }) => kind.endsWith('WebhookConfiguration'))).toEqual([]);
    expect(podOf(manifests).containers[0]?.ports?.map(({ name }) => name)).toEqual(['metrics', 'health']);
  });
});

describe('the schema of the values', () => {
  it.each<[string, object, string]>([
    ['a misspelt value', { replicaCount: 2 }, 'replicaCount'],
    ['a misspelt value in a section', { image: { registry: 'x' } }, '/image'],
    ['no replica', { replicas: 0 }, '/replicas'],
    ['a number as text', { replicas: 'two' }, '/replicas'],
    ['a tag in the place of a digest', { image: { digest: 'v1.2.3' } }, '/image/digest'],
    ['a namespace that cannot exist', { watchNamespaces: ['Team_A'] }, '/watchNamespaces/0'],
    ['a namespace twice', { watchNamespaces: ['a', 'a'] }, '/watchNamespaces'],
    [
      'a name in the place of an address',
      { probe: { allowedCIDRs: ['example.com'] } },
      '/probe/allowedCIDRs/0',
    ],
    [
      'an address in the place of a range',
      { networkPolicy: { apiServer: { cidrs: ['10.0.0.1'] } } },
      '/networkPolicy/apiServer/cidrs/0',
    ],
    ['an unknown log level', { logLevel: 'verbose' }, '/logLevel'],
    [
      'an issuer of certificates that is none',
      { webhook: { certificates: 'Vault' } },
      '/webhook/certificates',
    ],
    ['a port out of range', { metrics: { port: 70_000 } }, '/metrics/port'],
    ['a pull secret as text', { imagePullSecrets: ['registry'] }, '/imagePullSecrets/0'],
    [
      'an interval without unit',
      { metrics: { serviceMonitor: { interval: '30' } } },
      '/metrics/serviceMonitor/interval',
    ],
    [
      'no name for a foreign ServiceAccount',
      { serviceAccount: { create: false } },
      'serviceAccount.name is required',
    ],
  ])('refuses %s and names it', async (_reason, values, expected) => {
    await expect(render(values)).rejects.toThrow(expected);
  });

  it('has room for the values of a parent chart', async () => {
    await expect(render({ global: { region: 'eu' } })).resolves.not.toEqual([]);
  });
});

describe('a real API server', () => {
  let namespace: TestNamespace;
  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'chart', {
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });
  afterAll(() => namespace.remove());

  it.each<[string, () => object]>([
    ['the defaults', () => ({})],
    ['everything switched on', () => EVERYTHING],
    ['namespaces to watch', () => ({ watchNamespaces: [namespace.name] })],
  ])('accepts every object with %s', async (_reason, values) => {
    const manifests = await render(values(), `--namespace=${namespace.name}`);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
    const options = ['--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'];
    const output = await kubectl(kubeconfigPath, ['apply', ...options, '-f', '-'], list);
    expect(output.trim().split('\n')).toHaveLength(manifests.length);
  });

  const createPod = async (values: object): Promise<string> => {
    const template = templateOf(await render(values));
    const spec = { ...template.spec, serviceAccountName: 'default', priorityClassName: undefined };
    const pod = {
      ...template,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template.metadata, name: 'operator' },
      spec,
    };
    const options = ['--dry-run=server', `--namespace=${namespace.name}`];
    return kubectl(kubeconfigPath, ['create', ...options, '-f', '-'], JSON.stringify(pod));
  };

  it('lets the pods into a namespace that enforces the restricted standard', async () => {
    expect(await createPod({})).toContain('created');
    expect(await createPod(EVERYTHING)).toContain('created');
  });

  it('would not let them in without their security context', async () => {
    await expect(createPod({ podSecurityContext: { runAsNonRoot: false } })).rejects.toThrow(
      'PodSecurity "restricted',
    );
  });
});

interface PodTemplate {
  readonly metadata: {
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
  readonly spec: {
    readonly containers: readonly {
      readonly image: string;
      readonly ports?: readonly { readonly name: string }[];
    }[];
  };
}

interface RenderedWebhook {
  readonly name: string;
  readonly clientConfig: { readonly service: object };
  readonly failurePolicy: string;
  readonly namespaceSelector?: object;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly scope: string;
  }[];
}

interface CertificateSpec {
  readonly secretName: string;
  readonly dnsNames?: readonly string[];
  readonly issuerRef: { readonly name: string };
}

interface ServiceSpec {
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly targetPort: string }[];
}

function templateOf(manifests: readonly Manifest[]): PodTemplate {
  return (find(manifests, 'Deployment')['spec'] as { template: PodTemplate }).template;
}

function podOf(manifests: readonly Manifest[]): PodTemplate['spec'] {
  return templateOf(manifests).spec;
}
