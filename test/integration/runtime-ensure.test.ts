/**
 * What "make it so" means, against a real API server: only differences are written, what others add goes away, what the server
 * fills in stays, and nobody else's object is touched.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ConflictError } from '../../core/errors.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  createObjectWriter,
  formatKey,
  keyOf,
  type KubernetesClient,
  type KubernetesObject,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import {
  CONFIG_MAP,
  DEPLOYMENT,
  FIELD_MANAGER,
  NETWORK_POLICY,
  SERVICE,
  SERVICE_ACCOUNT,
  startRuntime,
  type RuntimeFixture,
} from '../harness/runtime.ts';
import { waitFor } from '../harness/wait.ts';

type Json = Record<string, unknown>;

const OFTEN = { intervalMs: 10 };

describe('ensure', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let runtime: RuntimeFixture;
  let owner: KubernetesObject;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'ensure');
    runtime = await startRuntime(kubeconfigPath, namespace.name);
    await runtime.watch(CONFIG_MAP, DEPLOYMENT, SERVICE, SERVICE_ACCOUNT, NETWORK_POLICY);
    owner = await createOwner('owner');
  });
  afterAll(async () => {
    await runtime.stop();
    await namespace.remove();
  });

  const createOwner = (name: string): Promise<KubernetesObject> =>
    runtime.client.create(
      CONFIG_MAP,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: namespace.name } },
      { fieldManager: 'user' },
      runtime.signal,
    );
  const ensure = (type: ResourceType, intent: KubernetesObject, by = owner) =>
    runtime.writer.ensure(type, intent, { type: CONFIG_MAP, object: by }, runtime.signal);
  const live = async (type: ResourceType, intent: KubernetesObject): Promise<KubernetesObject> => {
    const object = await runtime.client.get(type, keyOf(intent), runtime.signal);
    if (object === undefined) throw new Error(`${formatKey(keyOf(intent))} is gone`);
    return object;
  };
  /** Waits until the cache shows what the API server has. */
  const settle = (type: ResourceType, intent: KubernetesObject) =>
    waitFor(async () => {
      const { resourceVersion } = (await live(type, intent)).metadata;
      const cached = runtime.informers.for(type).store.get(keyOf(intent));
      return cached?.metadata.resourceVersion === resourceVersion;
    }, OFTEN);
  /** As the controller loop does: looks again when somebody, such as the Deployment controller, wrote in between. */
  const ensureSettled = (type: ResourceType, intent: KubernetesObject) =>
    waitFor(async () => {
      await settle(type, intent);
      const result = await ensure(type, intent).catch(lostRace);
      return result.kind === 'lost a race' ? undefined : result;
    }, OFTEN);
  const patch = (
    type: ResourceType,
    intent: KubernetesObject,
    path: string,
    value: unknown,
    manager = 'intruder',
  ) =>
    runtime.client.patchJson(
      type,
      keyOf(intent),
      [{ op: 'add', path, value }],
      { fieldManager: manager },
      runtime.signal,
    );

  const metadata = (name: string) => ({ name, namespace: namespace.name, labels: { app: name } });
  const deployment = (
    name: string,
    change: (pod: Json) => Json = (pod) => pod,
  ): KubernetesObject & { spec: Json } => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name),
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: change({
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'server',
              image: 'example.com/server:1',
              args: ['--port', '8080'],
              env: [
                { name: 'ONE', value: '1' },
                { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              ],
              ports: [{ name: 'mcp', containerPort: 8080 }],
              resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { memory: '1Gi' } },
              readinessProbe: { tcpSocket: { port: 8080 } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        }),
      },
    },
  });
  /** One of each that gets defaults of its own. */
  const enrich = (pod: Json): Json => ({
    ...pod,
    initContainers: [
      { name: 'sidecar', image: 'example.com/sidecar:latest', restartPolicy: 'Always', resources: {} },
    ],
    containers: [
      {
        name: 'server',
        image: 'example.com/server@sha256:' + '0'.repeat(64),
        env: [
          {
            name: 'CPU',
            valueFrom: { resourceFieldRef: { containerName: 'server', resource: 'limits.cpu' } },
          },
        ],
        ports: [{ containerPort: 8080 }, { containerPort: 8080, protocol: 'UDP' }],
        livenessProbe: { httpGet: { port: 8080 } },
        readinessProbe: { grpc: { port: 8080 } },
        startupProbe: { exec: { command: ['true'] } },
        lifecycle: { preStop: { httpGet: { port: 8080 } } },
        volumeMounts: [{ name: 'config', mountPath: '/config' }],
      },
    ],
    volumes: [
      { name: 'config', configMap: { name: 'c' } },
      { name: 'secret', secret: { secretName: 's' } },
      { name: 'claim', persistentVolumeClaim: { claimName: 'p' } },
      { name: 'csi', csi: { driver: 'csi.example.com' } },
      { name: 'cache', emptyDir: { sizeLimit: '64Mi' } },
      {
        name: 'all',
        projected: {
          sources: [
            { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            { configMap: { name: 'c' } },
          ],
        },
      },
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { app: 'rich' } },
      },
    ],
    tolerations: [{ key: 'gpu', operator: 'Exists' }],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } } },
        ],
      },
    },
    imagePullSecrets: [{ name: 'registry' }],
    serviceAccountName: 'own',
  });
  const service = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name),
    spec: { selector: { app: name }, ports: [{ name: 'mcp', port: 8080, targetPort: 'mcp' }] },
  });
  const networkPolicy = (name: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(name),
    spec: {
      podSelector: { matchLabels: { app: name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: { matchLabels: { client: 'true' } } }], ports: [{ port: 8080 }] }],
      egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }],
    },
  });
  const serviceAccount = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(name),
    automountServiceAccountToken: false,
  });
  const settings = (name: string, data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(name),
    data,
  });

  it.each([
    ['a Deployment', DEPLOYMENT, () => deployment('quiet')],
    ['a Deployment with much that the API server completes', DEPLOYMENT, () => deployment('rich', enrich)],
    ['a Service', SERVICE, () => service('quiet')],
    [
      'a Service with affinity',
      SERVICE,
      () => ({ ...service('sticky'), spec: { ...service('sticky').spec, sessionAffinity: 'ClientIP' } }),
    ],
    ['a NetworkPolicy', NETWORK_POLICY, () => networkPolicy('quiet')],
    ['a ServiceAccount', SERVICE_ACCOUNT, () => serviceAccount('quiet')],
    ['a ConfigMap', CONFIG_MAP, () => settings('quiet', { key: 'value' })],
  ])('creates %s, owned, and then leaves it alone', async (_name, type, intentOf) => {
    const intent = intentOf();
    expect(await ensure(type, intent)).toMatchObject({ kind: 'created' });
    const created = await live(type, intent);
    expect(created.metadata.ownerReferences).toMatchObject([{ uid: owner.metadata.uid, controller: true }]);
    expect(created.metadata.managedFields?.map((entry) => [entry.manager, entry.operation])).toContainEqual([
      FIELD_MANAGER,
      'Apply',
    ]);
    expect(await ensureSettled(type, intent)).toMatchObject({ kind: 'unchanged' });
    expect(version(await live(type, intent))).toBe(version(created));
  });

  it('writes nothing for empty values that the API server drops', async () => {
    const intent = deployment('empties', (pod) => ({
      ...pod,
      hostNetwork: false,
      tolerations: [],
      nodeSelector: {},
    }));
    await ensure(DEPLOYMENT, intent);
    expect(await ensureSettled(DEPLOYMENT, intent)).toMatchObject({ kind: 'unchanged' });
  });

  it('changes what the intent changed, and removes what it no longer has', async () => {
    await ensure(CONFIG_MAP, settings('change', { keep: '1', edit: '1', drop: '1' }));
    const intent = settings('change', { keep: '1', edit: '2' });
    expect(await ensureSettled(CONFIG_MAP, intent)).toMatchObject({ kind: 'updated' });
    expect(await live(CONFIG_MAP, intent)).toMatchObject({ data: { keep: '1', edit: '2' } });
    expect(await live(CONFIG_MAP, intent)).not.toHaveProperty('data.drop');
    expect(await ensureSettled(CONFIG_MAP, intent)).toMatchObject({ kind: 'unchanged' });
  });

  it('removes a label that an earlier intent had set, and no other', async () => {
    const before = settings('labels', {});
    await ensure(CONFIG_MAP, {
      ...before,
      metadata: { ...before.metadata, labels: { app: 'labels', old: '1' } },
    });
    await patch(CONFIG_MAP, before, '/metadata/labels/theirs', 'x');
    await ensureSettled(CONFIG_MAP, before);
    expect((await live(CONFIG_MAP, before)).metadata.labels).toEqual({ app: 'labels', theirs: 'x' });
    expect(await ensureSettled(CONFIG_MAP, before)).toMatchObject({ kind: 'unchanged' });
  });

  const podPath = '/spec/template/spec';
  it.each<[string, ResourceType, (name: string) => KubernetesObject, string, unknown]>([
    [
      'a sidecar',
      DEPLOYMENT,
      deployment,
      `${podPath}/containers/-`,
      { name: 'spy', image: 'example.com/spy' },
    ],
    [
      'a sidecar in front',
      DEPLOYMENT,
      deployment,
      `${podPath}/containers/0`,
      { name: 'spy', image: 'example.com/spy' },
    ],
    [
      'an init container',
      DEPLOYMENT,
      deployment,
      `${podPath}/initContainers`,
      [{ name: 'spy', image: 'example.com/spy' }],
    ],
    [
      'a hostPath volume',
      DEPLOYMENT,
      deployment,
      `${podPath}/volumes/-`,
      { name: 'root', hostPath: { path: '/' } },
    ],
    [
      'an environment variable',
      DEPLOYMENT,
      deployment,
      `${podPath}/containers/0/env/-`,
      { name: 'X', value: 'y' },
    ],
    ['an argument', DEPLOYMENT, deployment, `${podPath}/containers/0/args/-`, '--debug'],
    ['a command', DEPLOYMENT, deployment, `${podPath}/containers/0/command`, ['sh']],
    [
      'a capability',
      DEPLOYMENT,
      deployment,
      `${podPath}/containers/0/securityContext/capabilities/add`,
      ['CHOWN'],
    ],
    ['the host network', DEPLOYMENT, deployment, `${podPath}/hostNetwork`, true],
    ['a service account', DEPLOYMENT, deployment, `${podPath}/serviceAccountName`, 'admin'],
    [
      'a template annotation',
      DEPLOYMENT,
      deployment,
      '/spec/template/metadata/annotations',
      { 'inject.example.com': 'yes' },
    ],
    ['a template label', DEPLOYMENT, deployment, '/spec/template/metadata/labels/extra', 'yes'],
    ['a mounted token', DEPLOYMENT, deployment, `${podPath}/automountServiceAccountToken`, true],
    ['another image', DEPLOYMENT, deployment, `${podPath}/containers/0/image`, 'example.com/evil'],
    ['another size', DEPLOYMENT, deployment, '/spec/replicas', 5],
    ['a selector key', SERVICE, service, '/spec/selector/extra', 'yes'],
    ['a port', SERVICE, service, '/spec/ports/-', { name: 'ssh', port: 22 }],
    ['external addresses', SERVICE, service, '/spec/externalIPs', ['192.0.2.1']],
    ['a rule', NETWORK_POLICY, networkPolicy, '/spec/egress/-', {}],
    ['a peer', NETWORK_POLICY, networkPolicy, '/spec/ingress/0/from/-', { namespaceSelector: {} }],
    ['a wider selector', NETWORK_POLICY, networkPolicy, '/spec/podSelector/matchLabels', { app: 'other' }],
    ['a key', CONFIG_MAP, (name) => settings(name, { a: '1' }), '/data/b', '2'],
    ['binary data', CONFIG_MAP, (name) => settings(name, { a: '1' }), '/binaryData', { c: 'AAAA' }],
  ])('takes away %s that somebody added', async (name, type, intentOf, path, value) => {
    for (const manager of ['intruder', FIELD_MANAGER]) {
      const intent = intentOf(`${manager}-${name.replaceAll(/\W/g, '-').toLowerCase()}`);
      await ensure(type, intent);
      const {
        metadata: _before,
        status: _status,
        ...clean
      } = (await live(type, intent)) as KubernetesObject & Json;
      await patch(type, intent, path, value, manager);
      expect(await ensureSettled(type, intent), `by ${manager}`).toMatchObject({ kind: 'updated' });
      expect(await live(type, intent), `by ${manager}`).toMatchObject(clean);
      const {
        metadata: _after,
        status: _other,
        ...restored
      } = (await live(type, intent)) as KubernetesObject & Json;
      expect(restored, `by ${manager}`).toEqual(clean);
      expect(await ensureSettled(type, intent), `by ${manager}`).toMatchObject({ kind: 'unchanged' });
    }
  });

  it.each<[string, string, unknown]>([
    [
      'a privileged container',
      `${podPath}/containers/0/securityContext`,
      { allowPrivilegeEscalation: true, privileged: true },
    ],
    ['a hostPath in the place of a volume', `${podPath}/volumes`, [{ name: 'tmp', hostPath: { path: '/' } }]],
  ])('takes away %s, which the intent cannot be merged with', async (name, path, value) => {
    const intent = deployment(name.replaceAll(' ', '-').toLowerCase(), (pod) => ({
      ...pod,
      containers: [
        { name: 'server', image: 'example.com/server', securityContext: { allowPrivilegeEscalation: false } },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    }));
    await ensure(DEPLOYMENT, intent);
    await patch(DEPLOYMENT, intent, path, value);
    expect(await ensureSettled(DEPLOYMENT, intent)).toMatchObject({ kind: 'updated' });
    const { spec } = (await live(DEPLOYMENT, intent)) as KubernetesObject & Json;
    expect(spec).toMatchObject(intent.spec);
    expect(JSON.stringify(spec)).not.toMatch(/privileged"|hostPath/);
    expect(await ensureSettled(DEPLOYMENT, intent)).toMatchObject({ kind: 'unchanged' });
  });

  it.each([
    ['external addresses', SERVICE, service, '/spec/externalIPs', ['192.0.2.1']],
    [
      'a selector that matches no pod',
      NETWORK_POLICY,
      networkPolicy,
      '/spec/podSelector/matchExpressions',
      [{ key: 'none', operator: 'Exists' }],
    ],
    ['the host network', DEPLOYMENT, deployment, `${podPath}/hostNetwork`, true],
    [
      'a sidecar',
      DEPLOYMENT,
      deployment,
      `${podPath}/containers/-`,
      { name: 'spy', image: 'example.com/spy' },
    ],
  ])(
    'takes away %s although the record of who added it is wiped',
    async (name, type, intentOf, path, value) => {
      for (const how of ['at-once', 'afterwards']) {
        const intent = intentOf(`wiped-${how}-${name.replaceAll(/\W/g, '-')}`);
        await ensure(type, intent);
        const before = await live(type, intent);
        const add = { op: 'add', path, value } as const;
        const wipe = (entries: unknown) =>
          ({ op: 'replace', path: '/metadata/managedFields', value: entries }) as const;
        const steps =
          how === 'at-once' ? [[add, wipe([{}])]] : [[add], [wipe(before.metadata.managedFields ?? [])]];
        for (const step of steps) {
          const options = { fieldManager: 'intruder' };
          await runtime.client.patchJson(type, keyOf(intent), step, options, runtime.signal);
        }
        expect(await ensureSettled(type, intent), how).toMatchObject({ kind: 'updated' });
        const after = (await live(type, intent)) as KubernetesObject & Json;
        expect(after['spec'], how).toEqual((before as KubernetesObject & Json)['spec']);
        expect(await ensureSettled(type, intent), how).toMatchObject({ kind: 'unchanged' });
      }
    },
  );

  it('takes away more additions than one patch can remove', async () => {
    const intent = deployment('crowded');
    await ensure(DEPLOYMENT, intent);
    const before = (await live(DEPLOYMENT, intent)) as ReturnType<typeof deployment>;
    const crowd = Array.from({ length: 5_500 }, (_value, index) => ({ name: `V${index}` }));
    await patch(DEPLOYMENT, intent, `${podPath}/containers/0/env`, [
      { name: 'ONE', value: '1' },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...crowd,
    ]);
    await waitFor(async () => (await ensureSettled(DEPLOYMENT, intent)).kind === 'unchanged', OFTEN);
    const after = (await live(DEPLOYMENT, intent)) as ReturnType<typeof deployment>;
    expect(after.spec).toEqual(before.spec);
  });

  it('restores what somebody took away', async () => {
    const intent = deployment('taken');
    await ensure(DEPLOYMENT, intent);
    await runtime.client.patchJson(
      DEPLOYMENT,
      keyOf(intent),
      [
        { op: 'remove', path: `${podPath}/automountServiceAccountToken` },
        { op: 'remove', path: `${podPath}/securityContext/runAsNonRoot` },
      ],
      { fieldManager: 'intruder' },
      runtime.signal,
    );
    expect(await ensureSettled(DEPLOYMENT, intent)).toMatchObject({ kind: 'updated' });
    expect(await live(DEPLOYMENT, intent)).toMatchObject({
      spec: {
        template: { spec: { automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } } },
      },
    });
  });

  it('undoes an apply that claims our field manager', async () => {
    const intent = deployment('spoofed');
    await ensure(DEPLOYMENT, intent);
    const spoofed = deployment('spoofed', (pod) => ({ ...pod, hostPID: true, nodeName: 'node1' }));
    const { ownerReferences } = (await live(DEPLOYMENT, intent)).metadata;
    await runtime.client.apply(
      DEPLOYMENT,
      { ...spoofed, metadata: { ...spoofed.metadata, ...(ownerReferences && { ownerReferences }) } },
      { fieldManager: FIELD_MANAGER, force: true },
      runtime.signal,
    );
    expect(await ensureSettled(DEPLOYMENT, intent)).toMatchObject({ kind: 'updated' });
    expect(await live(DEPLOYMENT, intent)).not.toHaveProperty('spec.template.spec.hostPID');
    expect(await live(DEPLOYMENT, intent)).not.toHaveProperty('spec.template.spec.nodeName');
  });

  it('forgets nothing that is added while it removes something else', async () => {
    const intent = deployment('racing');
    await ensure(DEPLOYMENT, intent);
    await patch(DEPLOYMENT, intent, `${podPath}/volumes/-`, { name: 'first', hostPath: { path: '/' } });
    let isFirst = true;
    const patchJson: KubernetesClient['patchJson'] = async (...call) => {
      if (isFirst) {
        isFirst = false;
        await patch(DEPLOYMENT, intent, `${podPath}/volumes/-`, { name: 'second', hostPath: { path: '/' } });
      }
      return runtime.client.patchJson(...call);
    };
    const writer = createObjectWriter({
      client: { ...runtime.client, patchJson },
      informerOf: (type) => runtime.informers.for(type),
      fieldManager: FIELD_MANAGER,
      consistency: runtime.consistency,
      logger: silentLogger,
    });
    await waitFor(async () => {
      await settle(DEPLOYMENT, intent);
      const by = { type: CONFIG_MAP, object: owner };
      const result = await writer.ensure(DEPLOYMENT, intent, by, runtime.signal).catch(lostRace);
      return result.kind === 'unchanged';
    }, OFTEN);
    expect(isFirst).toBe(false);
    expect(JSON.stringify(await live(DEPLOYMENT, intent))).not.toContain('hostPath');
  });

  it('restores the order of containers that run one after the other', async () => {
    const steps = ['first', 'second'].map((name) => ({ name, image: 'example.com/step' }));
    const intent = deployment('order', (pod) => ({ ...pod, initContainers: steps }));
    await ensure(DEPLOYMENT, intent);
    await runtime.client.patchJson(
      DEPLOYMENT,
      keyOf(intent),
      [{ op: 'replace', path: `${podPath}/initContainers`, value: steps.toReversed() }],
      { fieldManager: 'intruder' },
      runtime.signal,
    );
    await ensureSettled(DEPLOYMENT, intent);
    const { spec } = (await live(DEPLOYMENT, intent)) as ReturnType<typeof deployment>;
    expect(spec).toMatchObject({
      template: { spec: { initContainers: [{ name: 'first' }, { name: 'second' }] } },
    });
  });

  it('tolerates foreign annotations, a scale by an autoscaler, and a rollout restart', async () => {
    const { spec, ...rest } = deployment('tolerated');
    const { replicas: _none, ...unscaled } = spec;
    const intent = { ...rest, spec: unscaled };
    await ensure(DEPLOYMENT, intent);
    await patch(DEPLOYMENT, intent, '/metadata/annotations', { 'example.com/seen': 'yes' });
    await patch(DEPLOYMENT, intent, '/spec/template/metadata/annotations', {
      'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z',
    });
    await runtime.client.patchJson(
      DEPLOYMENT,
      keyOf(intent),
      [{ op: 'replace', path: '/spec/replicas', value: 3 }],
      { fieldManager: 'autoscaler', subresource: 'scale' },
      runtime.signal,
    );
    expect(await ensureSettled(DEPLOYMENT, intent)).toMatchObject({ kind: 'unchanged' });
    expect(await live(DEPLOYMENT, intent)).toMatchObject({ spec: { replicas: 3 } });
  });

  it.each([
    ['of nobody', undefined],
    ['of another owner', 'other-owner'],
  ])('never touches an object %s, seen or not yet seen', async (_name, ownerName) => {
    const name = `theirs-${ownerName ?? 'nobody'}`;
    const other = ownerName === undefined ? undefined : await createOwner(ownerName);
    const reference = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: ownerName ?? '',
      uid: other?.metadata.uid ?? '',
    };
    const intent = settings(name, { ours: '1' });
    const theirs = await runtime.client.create(
      CONFIG_MAP,
      {
        ...settings(name, { theirs: '1' }),
        metadata: {
          ...metadata(name),
          ...(other && { ownerReferences: [{ ...reference, controller: true }] }),
        },
      },
      { fieldManager: 'user' },
      runtime.signal,
    );
    const expected = { kind: 'foreign', controller: other && expect.objectContaining({ name: ownerName }) };
    // The cache may or may not have seen it: the answer is the same.
    expect(await ensure(CONFIG_MAP, intent)).toEqual(expected);
    expect(await ensureSettled(CONFIG_MAP, intent)).toEqual(expected);
    expect((await live(CONFIG_MAP, intent)).metadata.resourceVersion).toBe(theirs.metadata.resourceVersion);
    const by = { type: CONFIG_MAP, object: owner };
    expect(await runtime.writer.ensureAbsent(CONFIG_MAP, keyOf(intent), by, runtime.signal)).toBe('foreign');
  });

  it('deletes its own child, once, and creates it again', async () => {
    const intent = settings('absent', { a: '1' });
    await ensure(CONFIG_MAP, intent);
    await settle(CONFIG_MAP, intent);
    const by = { type: CONFIG_MAP, object: owner };
    expect(await runtime.writer.ensureAbsent(CONFIG_MAP, keyOf(intent), by, runtime.signal)).toBe('deleted');
    await waitFor(() => runtime.consistency.behind(keyOf(owner)) === undefined);
    expect(await runtime.writer.ensureAbsent(CONFIG_MAP, keyOf(intent), by, runtime.signal)).toBe('absent');
    expect(await ensure(CONFIG_MAP, intent)).toMatchObject({ kind: 'created' });
  });

  it('knows when its cache has caught up with a write', async () => {
    const intent = settings('behind', { a: '1' });
    await ensure(CONFIG_MAP, intent);
    await waitFor(() => runtime.consistency.behind(keyOf(owner)) === undefined);
    expect(runtime.informers.for(CONFIG_MAP).store.get(keyOf(intent))).toMatchObject({ data: { a: '1' } });
  });

  it('waits for a child of an earlier owner of the same name to go', async () => {
    const intent = settings('left-over', { a: '1' });
    const earlier = {
      ...owner,
      metadata: { ...owner.metadata, uid: '11111111-1111-1111-1111-111111111111' },
    };
    const { namespace: _cluster, ...rest } = earlier.metadata;
    expect(await ensure(CONFIG_MAP, intent, { ...earlier, metadata: rest })).toMatchObject({
      kind: 'created',
    });
    const kinds = new Set<string>();
    await waitFor(async () => {
      const { kind } = await ensure(CONFIG_MAP, intent).catch(lostRace);
      kinds.add(kind);
      return kind === 'created';
    });
    // Taken over, never: garbage collection removed it, and a new one took its place.
    expect([...kinds].filter((kind) => kind !== 'terminating' && kind !== 'lost a race')).toEqual([
      'created',
    ]);
  });
});

/** Changes with each write to the content: the Deployment controller writes to the status at any time. */
function version({ metadata }: KubernetesObject): unknown {
  return metadata.generation ?? metadata.resourceVersion;
}

function lostRace(error: unknown): { readonly kind: 'lost a race' } {
  if (error instanceof ConflictError) return { kind: 'lost a race' };
  throw error;
}
