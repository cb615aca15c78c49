/**
 * What rendering yields, judged by the API server itself: Pod Security "restricted", enforced in the namespace, and its validation
 * of every kind. Nothing is stored.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { MCPServerManifest } from '../../api/index.ts';
import { POD } from '../../controllers/mcpserver/kinds.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS, render } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { startRuntime, type RuntimeFixture } from '../harness/runtime.ts';

type Spec = Partial<MCPServerManifest['spec']>;

const full: Spec = {
  command: ['/server'],
  args: ['--http'],
  env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }],
  envFrom: [{ configMapRef: { name: 'c' } }],
  volumes: [
    { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'settings', configMap: { name: 'c' } },
  ],
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    { name: 'settings', mountPath: '/settings', readOnly: true },
  ],
  replicas: 3,
  podTemplate: {
    metadata: { labels: { team: 'a' }, annotations: { note: 'x' } },
    spec: {
      securityContext: { runAsUser: 1000, fsGroup: 1000 },
      containers: [
        { name: 'server', livenessProbe: { tcpSocket: { port: 'mcp' } } },
        {
          name: 'proxy',
          image: 'example.com/proxy:1',
          securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] } },
        },
      ],
      initContainers: [{ name: 'fetch', image: 'example.com/fetch:1' }],
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ operator: 'Exists' }],
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'topology.kubernetes.io/zone',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: {},
        },
      ],
      terminationGracePeriodSeconds: 10,
    },
  },
  network: {
    ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }],
    egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }],
  },
};

describe('what is rendered', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let runtime: RuntimeFixture;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'restricted', {
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    runtime = await startRuntime(kubeconfigPath, namespace.name);
    // Admission refuses pods of a ServiceAccount that does not exist before it looks at anything else.
    await kubectl(kubeconfigPath, ['create', 'serviceaccount', 'mcp-github', '-n', namespace.name]);
  });
  afterAll(async () => {
    await runtime.stop();
    await namespace.remove();
  });

  const workload = (spec: Spec) => {
    const rendered = render(aServer(spec, { namespace: namespace.name }), DEFAULT_RENDER_SETTINGS);
    if (rendered === undefined) throw new Error('nothing was rendered');
    return rendered;
  };

  /** Creates the pod of the template, without storing it. */
  function createPod(spec: Spec): Promise<KubernetesObject> {
    const { metadata, spec: podSpec } = workload(spec).deployment.spec.template;
    const { labels = {}, annotations = {} } = metadata ?? {};
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod', namespace: namespace.name, labels, annotations },
      spec: podSpec,
    };
    return runtime.client.create(POD, pod, { fieldManager: 'test', dryRun: true }, runtime.signal);
  }

  it.each([
    ['by default', {}],
    ['with all that can be set', full],
  ])('passes the Pod Security Standard "restricted" %s', async (_name, spec) => {
    await expect(createPod(spec)).resolves.toMatchObject({ spec: { automountServiceAccountToken: false } });
  });

  it('mounts no token, also where the cluster would add one', async () => {
    expect(JSON.stringify(await createPod({}))).not.toContain('kube-api-access');
  });

  it('is loosened only where its owner says so, and then refused here', async () => {
    const spec = { podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } };
    await expect(createPod(spec)).rejects.toThrow(/violates PodSecurity "restricted:latest": runAsNonRoot/);
  });

  it.each([
    ['by default', {}],
    ['with all that can be set', full],
  ])('is valid, every field of it known to the API server: %s', async (_name, spec) => {
    const manifests = Object.values(workload(spec)).map((manifest) => JSON.stringify(manifest));
    for (const manifest of manifests) {
      const command = ['create', '--dry-run=server', '--validate=strict', '-o', 'name', '-f', '-'];
      const text = manifest.replaceAll('"mcp-github"', '"mcp-github-2"');
      await expect(kubectl(kubeconfigPath, command, text)).resolves.toContain('mcp-github-2');
    }
  });
});
