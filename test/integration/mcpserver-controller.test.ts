/**
 * The controller of MCPServers against a real API server and the real controllers for Deployments, ReplicaSets and garbage; the
 * kubelet and the servers themselves are played. What is asserted is the state of the world.
 */
import { rootCertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { MCPServer, MCPServerManifest } from '../../api/index.ts';
import {
  DEPLOYMENT,
  MCPSERVER,
  NETWORK_POLICY,
  POD_DISRUPTION_BUDGET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../controllers/mcpserver/kinds.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import type { ProbeFunction } from '../../controllers/mcpserver/index.ts';
import type { ProbeOutcome, ProbeTarget } from '../../mcp/index.ts';
import type { KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';
import { readyPod, startKubelet, waitingPod, type Kubelet } from '../harness/kubelet.ts';
import {
  startMCPServerController,
  VERIFIED,
  type RunningController,
} from '../harness/mcpserver-controller.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { startRuntime, type RuntimeFixture } from '../harness/runtime.ts';
import { waitFor } from '../harness/wait.ts';

const CHILDREN: readonly ResourceType[] = [SERVICE_ACCOUNT, NETWORK_POLICY, SERVICE, DEPLOYMENT];
const BY_TEST = { fieldManager: 'test' };

describe('the MCPServer controller', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let operator: TestServiceAccount;
  let runtime: RuntimeFixture;
  let kubelet: Kubelet;
  let controller: RunningController;
  let answer: (target: ProbeTarget) => ProbeOutcome;
  let probed: ProbeTarget[] = [];

  const probe: ProbeFunction = (target) => {
    probed.push(target);
    return Promise.resolve(answer(target));
  };
  const start = () =>
    startMCPServerController({ kubeconfigPath: operator.kubeconfigPath, namespace: namespace.name, probe });

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'servers');
    // With exactly the rights that the code declares, and so the chart grants.
    const account = { namespace: namespace.name, name: 'operator' };
    operator = await createServiceAccount(kubeconfigPath, account, MCPSERVER_PERMISSIONS);
    runtime = await startRuntime(kubeconfigPath, namespace.name);
    kubelet = startKubelet(runtime.client, namespace.name);
    controller = await start();
  });
  afterAll(async () => {
    await controller.stop();
    await kubelet.stop();
    await runtime.stop();
    await operator.remove();
    await namespace.remove();
  });
  beforeEach(() => {
    answer = () => VERIFIED;
    probed = [];
    kubelet.play(readyPod);
  });
  afterEach(async () => {
    const { items } = await runtime.client.list(MCPSERVER, { namespace: namespace.name }, runtime.signal);
    for (const { metadata } of items) await remove(MCPSERVER, metadata.name);
  });

  const key = (name: string) => ({ namespace: namespace.name, name });
  const get = <T extends KubernetesObject>(type: ResourceType<T>, name: string) =>
    runtime.client.get(type, key(name), runtime.signal);
  const child = (type: ResourceType, server: string) => get(type, `mcp-${server}`);

  async function remove(type: ResourceType, name: string): Promise<void> {
    const object = await get(type, name);
    if (object === undefined) return;
    await runtime.client.delete(type, key(name), { uid: object.metadata.uid ?? '' }, runtime.signal);
  }

  async function apply(name: string, spec: MCPServerManifest['spec'], metadata = {}): Promise<MCPServer> {
    const { group, version, kind } = MCPSERVER;
    const manifest = {
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { name, namespace: namespace.name, ...metadata },
      spec,
    };
    return runtime.client.apply(MCPSERVER, manifest, { ...BY_TEST, force: true }, runtime.signal);
  }

  async function patch(type: ResourceType, name: string, path: string, value: unknown): Promise<void> {
    const operation = { op: 'add', path, value } as const;
    await runtime.client.patchJson(type, key(name), [operation], BY_TEST, runtime.signal);
  }

  const condition = (server: MCPServer | undefined, type: string) =>
    server?.status?.conditions?.find((candidate) => candidate.type === type);

  /** Waits until the condition gives that reason. */
  function reason(name: string, type: string, wanted: string): Promise<MCPServer> {
    const description = `${type} of ${name} to be ${wanted}`;
    return waitFor(
      async () => {
        const server = await get(MCPSERVER, name);
        expect(condition(server, type)?.reason).toBe(wanted);
        return server;
      },
      { description },
    );
  }

  const image: MCPServerManifest['spec'] = { source: { image: { ref: 'example.com/server:1.0.0' } } };

  /** Everything that a write would change, of the server and all that belongs to it. */
  /** Events follow the status, which a test may see before the reconciler hears that it was written. */
  async function announced(name: string, events: readonly string[]): Promise<void> {
    await waitFor(() => controller.events(name).length === events.length);
    expect(controller.events(name)).toEqual(events);
  }

  async function resourceVersions(name: string): Promise<Record<string, string | undefined>> {
    const versions: Record<string, string | undefined> = {};
    versions['MCPServer'] = (await get(MCPSERVER, name))?.metadata.resourceVersion;
    for (const type of [...CHILDREN, POD_DISRUPTION_BUDGET])
      versions[type.kind] = (await child(type, name))?.metadata.resourceVersion;
    return versions;
  }

  it('takes a server from YAML to Ready', async () => {
    await apply('ready', image);
    const server = await reason('ready', 'Ready', 'Ready');
    expect(server.status).toMatchObject({
      observedGeneration: 1,
      address: { url: `http://mcp-ready.${namespace.name}.svc:8080/mcp` },
      protocol: {
        era: 'legacy',
        version: '2025-11-25',
        serverInfo: { name: 'test-server', version: '1.2.3' },
        capabilities: ['resources', 'tools'],
      },
      definitions: { tools: 2, prompts: 0, resourceTemplates: 0, hash: `sha256:${'0'.repeat(64)}` },
      lastProbe: { outcome: 'Verified', reason: 'Verified' },
      image: { ref: 'example.com/server:1.0.0', digest: `sha256:${'a'.repeat(64)}` },
      sessionAffinity: 'ClientIP',
      replicas: 1,
      readyReplicas: 1,
      selector: 'mcp.kilocode.ai/server=ready',
    });
    expect(server.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Accepted=True',
      'ResourcesReady=True',
      'Available=True',
      'Verified=True',
      'Ready=True',
    ]);
    for (const { observedGeneration } of server.status?.conditions ?? []) expect(observedGeneration).toBe(1);
    for (const type of CHILDREN) expect(await child(type, 'ready')).toBeDefined();
    expect(await child(POD_DISRUPTION_BUDGET, 'ready')).toBeUndefined();
    await announced('ready', ['Verified', 'Ready']);
  });

  it('dials the pod itself, with the name of the Service', async () => {
    await apply('dials', image);
    await reason('dials', 'Ready', 'Ready');
    expect(probed[0]).toMatchObject({
      url: `http://mcp-dials.${namespace.name}.svc:8080/mcp`,
      transport: 'StreamableHTTP',
    });
    expect(probed[0]?.connectAddress).toMatch(/^10\./);
  });

  it('never writes the spec, and leaves the resource version alone once all is said', async () => {
    const applied = await apply('quiet', image);
    const ready = await reason('quiet', 'Ready', 'Ready');
    expect(ready.spec).toEqual(applied.spec);
    expect(ready.metadata.generation).toBe(1);
  });

  it.each(['legacy', 'modern'] as const)(
    'writes nothing after a restart with nothing changed: %s',
    async (era) => {
      answer = () => ({ kind: 'verified', description: { ...VERIFIED.description, era } });
      const name = `restart-${era}`;
      await apply(name, { ...image, replicas: 2 });
      await reason(name, 'Ready', 'Ready');
      const before = await resourceVersions(name);
      await controller.stop();
      // Whatever it is asked for now would fail: a restart must not ask.
      answer = () => ({ kind: 'failed', reason: 'Timeout', message: 'the server did not finish in time' });
      controller = await start();
      await apply(`after-${era}`, { source: { remote: { url: 'https://mcp.example.com/mcp' } } });
      await reason(`after-${era}`, 'Accepted', 'Accepted');
      expect(await resourceVersions(name)).toEqual(before);
      expect(controller.events(name)).toEqual([]);
    },
  );

  it('gives up session affinity as soon as the server is verified to be modern, and in the same breath says so', async () => {
    answer = () => ({ kind: 'verified', description: { ...VERIFIED.description, era: 'modern' } });
    await apply('modern', image);
    const server = await reason('modern', 'Ready', 'Ready');
    expect(server.status?.sessionAffinity).toBe('None');
    expect(await child(SERVICE, 'modern')).toMatchObject({ spec: { sessionAffinity: 'None' } });
  });

  it('leaves nothing of an earlier spec in the children', async () => {
    await apply('edited', image);
    const plain = await reason('edited', 'Ready', 'Ready');
    const content = async () => {
      const children = await Promise.all(
        [DEPLOYMENT, SERVICE, NETWORK_POLICY].map((type) => child(type, 'edited')),
      );
      return children.map((object) => (object as { spec?: object } | undefined)?.spec);
    };
    const before = await content();
    await apply('edited', {
      source: {
        image: { ref: 'example.com/server:2', imagePullPolicy: 'Always', imagePullSecrets: [{ name: 'x' }] },
      },
      transport: { port: 9000, tls: {} },
      command: ['/server'],
      args: ['--verbose'],
      env: [{ name: 'A', value: '1' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      volumeMounts: [{ name: 'data', mountPath: '/tmp' }],
      strategy: { type: 'Recreate' },
      sessionAffinity: 'None',
      podTemplate: {
        metadata: { labels: { team: 'a' } },
        spec: {
          securityContext: { runAsUser: 1000 },
          containers: [
            { name: 'server', livenessProbe: { tcpSocket: { port: 'mcp' } } },
            { name: 'proxy', image: 'example.com/proxy:1' },
          ],
          nodeSelector: { disk: 'ssd' },
        },
      },
      network: { egress: [{}], ingress: [{}] },
    });
    await waitFor(async () => {
      const current = await get(MCPSERVER, 'edited');
      expect(condition(current, 'ResourcesReady')).toMatchObject({ status: 'True', observedGeneration: 2 });
      return true;
    });
    expect(await child(DEPLOYMENT, 'edited')).toMatchObject({ spec: { strategy: { type: 'Recreate' } } });
    await apply('edited', image);
    await waitFor(async () => {
      expect(await content()).toEqual(before);
      return true;
    });
    const again = await reason('edited', 'Ready', 'Ready');
    expect(again.status?.address).toEqual(plain.status?.address);
  });

  it('repairs what was changed and removes what was added', async () => {
    await apply('tampered', image);
    await reason('tampered', 'Ready', 'Ready');
    const name = 'mcp-tampered';
    await patch(DEPLOYMENT, name, '/spec/template/spec/containers/0/image', 'example.com/evil:1');
    await patch(DEPLOYMENT, name, '/spec/template/spec/containers/-', { name: 'sidecar', image: 'evil' });
    await patch(DEPLOYMENT, name, '/spec/template/spec/volumes/-', {
      name: 'host',
      hostPath: { path: '/' },
    });
    await patch(DEPLOYMENT, name, '/spec/template/spec/hostNetwork', true);
    await patch(NETWORK_POLICY, name, '/spec/ingress/-', {});
    await patch(SERVICE, name, '/spec/selector/app', 'other');
    await patch(SERVICE_ACCOUNT, name, '/automountServiceAccountToken', true);
    await waitFor(async () => {
      expect(await child(DEPLOYMENT, 'tampered')).toMatchObject({
        spec: {
          template: {
            spec: {
              containers: [{ name: 'server', image: 'example.com/server:1.0.0' }],
              volumes: [{ name: 'tmp' }],
            },
          },
        },
      });
      expect(JSON.stringify(await child(DEPLOYMENT, 'tampered'))).not.toMatch(
        /"hostNetwork":true|"hostPath"/,
      );
      expect(await child(NETWORK_POLICY, 'tampered')).toMatchObject({ spec: { ingress: [{}] } });
      expect(await child(SERVICE, 'tampered')).toMatchObject({
        spec: { selector: { 'mcp.kilocode.ai/server': 'tampered' } },
      });
      expect(await child(SERVICE_ACCOUNT, 'tampered')).toMatchObject({ automountServiceAccountToken: false });
      return true;
    });
    const service = await child(SERVICE, 'tampered');
    expect(JSON.stringify(service)).not.toContain('"app"');
  });

  it.each(CHILDREN.map((type) => [type.kind, type] as const))(
    'makes a deleted %s again',
    async (kind, type) => {
      const name = `deleted-${kind.toLowerCase()}`;
      await apply(name, image);
      await reason(name, 'Ready', 'Ready');
      const uid = (await child(type, name))?.metadata.uid;
      await remove(type, `mcp-${name}`);
      await waitFor(async () => {
        const again = await child(type, name);
        return again !== undefined && again.metadata.uid !== uid;
      });
    },
  );

  it('takes back a child whose owner reference was taken away, and leaves its pods alone', async () => {
    await apply('orphaned', image);
    await reason('orphaned', 'Ready', 'Ready');
    const before = await child(DEPLOYMENT, 'orphaned');
    const removal = [{ op: 'remove', path: '/metadata/ownerReferences' }] as const;
    const key = { namespace: namespace.name, name: 'mcp-orphaned' };
    await runtime.client.patchJson(DEPLOYMENT, key, removal, BY_TEST, runtime.signal);
    await waitFor(async () => (await child(DEPLOYMENT, 'orphaned'))?.metadata.ownerReferences?.length === 1);
    const after = await child(DEPLOYMENT, 'orphaned');
    expect(after?.metadata.ownerReferences).toEqual(before?.metadata.ownerReferences);
    expect(after?.metadata).toMatchObject({
      uid: before?.metadata.uid,
      generation: before?.metadata.generation,
    });
    await reason('orphaned', 'Ready', 'Ready');
  });

  it("refuses a name that somebody else's object has, and leaves that object alone", async () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'mcp-collision', namespace: namespace.name },
      spec: { ports: [{ port: 1 }] },
    };
    await runtime.client.create(SERVICE, foreign, BY_TEST, runtime.signal);
    const before = await child(SERVICE, 'collision');
    await apply('collision', image);
    const server = await reason('collision', 'Accepted', 'NameCollision');
    expect(condition(server, 'Accepted')?.message).toBe(
      `Service ${namespace.name}/mcp-collision exists and was not made by this operator: delete or rename it, or give this server another name`,
    );
    expect(condition(server, 'Ready')).toMatchObject({ status: 'False', reason: 'NameCollision' });
    expect(await child(SERVICE, 'collision')).toEqual(before);
    expect(await child(DEPLOYMENT, 'collision')).toBeUndefined();
    await remove(SERVICE, 'mcp-collision');
    await reason('collision', 'Ready', 'Ready');
  });

  it('scales to zero and back, with a budget only above one', async () => {
    await apply('scaled', { ...image, replicas: 2 });
    await reason('scaled', 'Ready', 'Ready');
    expect(await child(POD_DISRUPTION_BUDGET, 'scaled')).toBeDefined();
    await apply('scaled', { ...image, replicas: 0 });
    const stopped = await reason('scaled', 'Ready', 'ScaledToZero');
    expect(stopped.status?.address).toBeUndefined();
    await waitFor(async () => (await child(POD_DISRUPTION_BUDGET, 'scaled')) === undefined);
    await apply('scaled', { ...image, replicas: 1 });
    await reason('scaled', 'Ready', 'Ready');
  });

  it('is not Ready behind old pods when a rollout goes wrong, and comes back when it is taken back', async () => {
    await apply('rollout', image);
    await reason('rollout', 'Ready', 'Ready');
    const old = readyPod;
    kubelet.play((pod) =>
      pod.spec?.containers?.[0]?.image === 'example.com/server:2.0.0'
        ? waitingPod('ImagePullBackOff', 'Back-off pulling image: not found')(pod)
        : old(pod),
    );
    await apply('rollout', { source: { image: { ref: 'example.com/server:2.0.0' } } });
    const broken = await reason('rollout', 'Ready', 'ImagePullFailed');
    expect(condition(broken, 'Available')).toMatchObject({ status: 'True' });
    expect(condition(broken, 'Verified')).toMatchObject({ status: 'Unknown', reason: 'NotAvailable' });
    expect(condition(broken, 'Ready')?.message).toBe(
      'image example.com/server:2.0.0 cannot be pulled: the registry does not have it',
    );
    await apply('rollout', image);
    await reason('rollout', 'Ready', 'Ready');
  });

  it('leaves everything as it is while suspended', async () => {
    await apply('suspended', image);
    await reason('suspended', 'Ready', 'Ready');
    await apply('suspended', { source: { image: { ref: 'example.com/server:2.0.0' } }, suspend: true });
    await reason('suspended', 'Ready', 'Suspended');
    const before = await resourceVersions('suspended');
    await remove(SERVICE, 'mcp-suspended');
    probed = [];
    await apply('suspended', { ...image, replicas: 3, suspend: true });
    const server = await waitFor(async () => {
      const current = await get(MCPSERVER, 'suspended');
      return current?.status?.observedGeneration === 3 ? current : undefined;
    });
    expect(condition(server, 'ResourcesReady')).toMatchObject({ status: 'Unknown', reason: 'Suspended' });
    expect(await child(SERVICE, 'suspended')).toBeUndefined();
    expect((await resourceVersions('suspended'))['Deployment']).toBe(before['Deployment']);
    expect(probed).toEqual([]);
    await apply('suspended', image);
    await reason('suspended', 'Ready', 'Ready');
    expect(await child(SERVICE, 'suspended')).toBeDefined();
  });

  it('probes a remote server where it is, without any children, and removes those it had', async () => {
    await apply('moves', { ...image, replicas: 2 });
    await reason('moves', 'Ready', 'Ready');
    probed = [];
    const remote = { source: { remote: { url: 'https://mcp.example.com/mcp' } } };
    await apply('moves', remote);
    const server = await waitFor(async () => {
      const current = await get(MCPSERVER, 'moves');
      const isReady = condition(current, 'Ready')?.status === 'True';
      return isReady && current?.status?.address?.url === remote.source.remote.url ? current : undefined;
    });
    expect(probed.every(({ connectAddress }) => connectAddress === undefined)).toBe(true);
    expect(condition(server, 'Available')).toMatchObject({ status: 'True', reason: 'RemoteSource' });
    expect(server.status?.image).toBeUndefined();
    for (const type of [...CHILDREN, POD_DISRUPTION_BUDGET])
      expect(await child(type, 'moves'), type.kind).toBeUndefined();
  });

  it('does not go to loopback, the metadata service or a Service for a remote server', async () => {
    const kubernetes = { namespace: 'default', name: 'kubernetes' };
    const service = await runtime.client.get(SERVICE, kubernetes, runtime.signal);
    const { clusterIP } = (service as { spec?: { clusterIP?: string } } | undefined)?.spec ?? {};
    const hosts = ['127.0.0.1', '169.254.169.254', clusterIP];
    for (const [index, host] of hosts.entries()) {
      expect(host).toMatch(/^[0-9.]+$/);
      const name = `forbidden-${index}`;
      await apply(name, { source: { remote: { url: `http://${host}/mcp` } } });
      const server = await reason(name, 'Accepted', 'ForbiddenAddress');
      expect(condition(server, 'Ready')).toMatchObject({ status: 'False', reason: 'ForbiddenAddress' });
    }
    expect(probed).toEqual([]);
  });

  it('is Ready with AuthRequired exactly when that is what was declared', async () => {
    answer = () => ({ kind: 'authRequired', status: 401, challenge: true });
    await apply('auth', image);
    const closed = await reason('auth', 'Ready', 'AuthRequired');
    expect(condition(closed, 'Verified')).toMatchObject({ status: 'Unknown', reason: 'AuthRequired' });
    expect(closed.status?.address).toBeDefined();
    await apply('auth', { ...image, auth: { required: true } });
    await reason('auth', 'Ready', 'Ready');
  });

  it('says which Secret it may not read, works once its command was typed, and sends the value', async () => {
    const secretKeyRef = { name: 'credentials', key: 'token' };
    await apply('secret', { ...image, probe: { headersFrom: [{ name: 'Authorization', secretKeyRef }] } });
    const server = await reason('secret', 'Accepted', 'NoSecretAccess');
    const message = condition(server, 'Accepted')?.message ?? '';
    expect(message).toContain(
      `spec.probe.headersFrom[0].secretKeyRef: the operator may not read Secret ${namespace.name}/credentials`,
    );
    expect(await child(DEPLOYMENT, 'secret')).toBeDefined();
    expect(probed).toEqual([]);

    const role = 'mcp-operator-secret-reader';
    const rule = ['--verb=get', '--resource=secrets'];
    await kubectl(kubeconfigPath, ['create', 'role', role, '-n', namespace.name, ...rule]);
    const binding = [`--role=${role}`, `--serviceaccount=${namespace.name}:operator`];
    await kubectl(kubeconfigPath, ['create', 'rolebinding', role, '-n', namespace.name, ...binding]);
    const missing = await reason('secret', 'Accepted', 'ReferenceNotFound');
    expect(condition(missing, 'Accepted')?.message).toContain(`${namespace.name}/credentials does not exist`);

    const literal = '--from-literal=token=Bearer abc';
    await kubectl(kubeconfigPath, [
      'create',
      'secret',
      'generic',
      'credentials',
      '-n',
      namespace.name,
      literal,
    ]);
    const ready = await reason('secret', 'Ready', 'Ready');
    expect(probed[0]?.headers).toEqual({ Authorization: 'Bearer abc' });
    expect(JSON.stringify(ready)).not.toContain('Bearer abc');
  });

  it('reads the CA bundle that a ConfigMap holds', async () => {
    const tls = { caBundle: { configMapKeyRef: { name: 'ca', key: 'ca.crt' } } };
    await apply('tls', { ...image, transport: { tls } });
    await reason('tls', 'Accepted', 'ReferenceNotFound');
    const [pem = ''] = rootCertificates;
    const literal = `--from-literal=ca.crt=${pem}`;
    await kubectl(kubeconfigPath, ['create', 'configmap', 'ca', '-n', namespace.name, literal]);
    const ready = await reason('tls', 'Ready', 'Ready');
    expect(ready.status?.address?.url).toBe(`https://mcp-tls.${namespace.name}.svc:8080/mcp`);
    expect(probed[0]).toMatchObject({ ca: pem, url: ready.status?.address?.url });
  });

  it('turns Verified to False only after as many misses in a row as the threshold says', async () => {
    await apply('misses', { ...image, probe: { failureThreshold: 2 } });
    await reason('misses', 'Ready', 'Ready');
    answer = () => ({ kind: 'failed', reason: 'Timeout', message: 'the server did not finish in time' });
    await apply(
      'misses',
      { ...image, probe: { failureThreshold: 2 } },
      { annotations: { 'mcp.kilocode.ai/probe-requested-at': '2026-01-01T00:00:00Z' } },
    );
    const failed = await reason('misses', 'Verified', 'Timeout');
    expect(condition(failed, 'Ready')).toMatchObject({ status: 'False', reason: 'Timeout' });
    expect(failed.status?.address).toBeUndefined();
    expect(probed.length).toBeGreaterThanOrEqual(3);
  });

  it('tells when a server begins to describe itself otherwise', async () => {
    await apply('drifts', image);
    const before = await reason('drifts', 'Ready', 'Ready');
    const hash = `sha256:${'f'.repeat(64)}` as const;
    answer = () => ({ kind: 'verified', description: { ...VERIFIED.description, tools: [], hash } });
    const annotations = { 'mcp.kilocode.ai/probe-requested-at': '2026-01-01T00:00:00Z' };
    await apply('drifts', image, { annotations });
    const after = await waitFor(async () => {
      const server = await get(MCPSERVER, 'drifts');
      return server?.status?.definitions?.hash === hash ? server : undefined;
    });
    expect(after.status?.definitions?.tools).toBe(0);
    expect(before.status?.definitions?.tools).toBe(2);
    expect(condition(after, 'Ready')?.status).toBe('True');
    await announced('drifts', ['Verified', 'Ready', 'DefinitionsChanged']);
    expect(await controller.metrics.metrics()).toMatch(
      /mcp_server_definitions_changed_total{.*name="drifts"} 1/,
    );
  });

  it('is not held up by a server that cannot be applied', async () => {
    const poison = { ...image, podTemplate: { spec: { priorityClassName: 'Not A Name' } } };
    const names = Array.from({ length: 8 }, (_, index) => `poison-${index}`);
    for (const name of names) await apply(name, poison);
    await apply('healthy', image);
    await reason('healthy', 'Ready', 'Ready');
    for (const name of names) await reason(name, 'Ready', 'ApplyFailed');
  });

  it('reports a quota that leaves no room', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace: namespace.name },
      spec: { hard: { pods: '0' } },
    };
    const type = {
      group: '',
      version: 'v1',
      kind: 'ResourceQuota',
      plural: 'resourcequotas',
      namespaced: true,
    };
    await runtime.client.create(type, quota, BY_TEST, runtime.signal);
    try {
      // The quota counts once its controller has seen it.
      await waitFor(async () => JSON.stringify(await get(type, 'none')).includes('"used"'));
      await apply('quota', image);
      const server = await reason('quota', 'Available', 'QuotaExceeded');
      expect(condition(server, 'Available')?.message).toBe(
        'the pods do not fit: exceeded quota: none, requested: pods=1, limited: pods=0',
      );
    } finally {
      await remove(type, 'none');
    }
  });

  it('says what the API server refuses', async () => {
    await apply('refused', { ...image, podTemplate: { spec: { priorityClassName: 'Not A Name' } } });
    const server = await reason('refused', 'ResourcesReady', 'ApplyFailed');
    expect(condition(server, 'ResourcesReady')?.message).toMatch(
      /^Deployment .*\/mcp-refused was refused: .*priorityClassName/,
    );
  });

  it('leaves nothing behind', async () => {
    await apply('deleted', { ...image, replicas: 2 });
    await reason('deleted', 'Ready', 'Ready');
    expect(await controller.metrics.metrics()).toContain('name="deleted"');
    await remove(MCPSERVER, 'deleted');
    await waitFor(async () => {
      for (const type of [...CHILDREN, POD_DISRUPTION_BUDGET])
        expect(await child(type, 'deleted'), type.kind).toBeUndefined();
      return true;
    });
    await waitFor(async () => !(await controller.metrics.metrics()).includes('name="deleted"'));
  });
});
