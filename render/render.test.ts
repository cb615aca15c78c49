import { describe, expect, it } from 'vitest';
import type { MCPServer } from '../api/index.ts';
import {
  DEFAULT_RENDER_SETTINGS,
  TEMPLATE_HASH_ANNOTATION,
  effectiveSessionAffinity,
  render,
  serverURL,
  type RenderedWorkload,
} from './index.ts';
import { aRemoteServer, aServer } from './testing/a-server.ts';

function workload(server: MCPServer): RenderedWorkload {
  const rendered = render(server, DEFAULT_RENDER_SETTINGS);
  if (rendered === undefined) throw new Error('nothing was rendered');
  return rendered;
}
const podSpec = (server: MCPServer) => workload(server).deployment.spec.template.spec;
const serverContainer = (server: MCPServer) => podSpec(server)?.containers[0];
const templateHash = (server: MCPServer) =>
  workload(server).deployment.spec.template.metadata?.annotations?.[TEMPLATE_HASH_ANNOTATION];
const container = (override: object) => ({
  podTemplate: { spec: { containers: [{ name: 'server', ...override }] } },
});

describe('render', () => {
  it('names, labels and places every child alike', () => {
    const { podDisruptionBudget, ...rest } = workload(aServer({ replicas: 2 }));
    for (const child of [...Object.values(rest), podDisruptionBudget]) {
      expect(child?.metadata).toEqual({
        name: 'mcp-github',
        namespace: 'team-a',
        labels: { 'mcp.kilocode.ai/server': 'github', 'mcp.kilocode.ai/managed-by': 'mcp-operator' },
      });
    }
  });

  it('selects pods by exactly one label, which can stay for ever', () => {
    const { deployment, service } = workload(aServer());
    expect(deployment.spec.selector).toEqual({ matchLabels: { 'mcp.kilocode.ai/server': 'github' } });
    expect(service.spec.selector).toEqual({ 'mcp.kilocode.ai/server': 'github' });
  });

  it('is deterministic, and leaves its input alone', () => {
    const server = Object.freeze(aServer({ args: ['--verbose'], replicas: 3 }));
    const before = JSON.stringify(server);
    expect(JSON.stringify(workload(server))).toBe(JSON.stringify(workload(server)));
    expect(JSON.stringify(server)).toBe(before);
  });

  it('stops a server in quarantine, whatever the spec says, and changes nothing else', () => {
    const server = aServer({ replicas: 3 });
    const quarantine = { request: 'stop-it', since: '2026-01-01T00:00:00Z' };
    const stopped = workload({ ...server, status: { quarantine } });
    expect(stopped.deployment.spec.replicas).toBe(0);
    expect(stopped.podDisruptionBudget).toBeUndefined();
    expect(stopped.deployment.spec.template).toEqual(workload(server).deployment.spec.template);
  });

  it('renders nothing for a remote source', () => {
    expect(render(aRemoteServer(), DEFAULT_RENDER_SETTINGS)).toBeUndefined();
  });

  it.each([
    { name: 'one replica', replicas: 1, budget: undefined },
    { name: 'none', replicas: 0, budget: undefined },
    { name: 'several', replicas: 2, budget: 1 },
  ])('has a disruption budget above one replica: $name', ({ replicas, budget }) => {
    expect(workload(aServer({ replicas })).podDisruptionBudget?.spec.maxUnavailable).toBe(budget);
  });

  it('brings its own ServiceAccount without a token, unless one is given', () => {
    expect(workload(aServer()).serviceAccount?.automountServiceAccountToken).toBe(false);
    const given = aServer({ podTemplate: { spec: { serviceAccountName: 'builder' } } });
    expect(workload(given).serviceAccount).toBeUndefined();
    expect(podSpec(given)).toMatchObject({
      serviceAccountName: 'builder',
      automountServiceAccountToken: false,
    });
  });
});

describe('the pod', () => {
  it('is closed by default', () => {
    expect(podSpec(aServer())).toMatchObject({
      serviceAccountName: 'mcp-github',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });

  it('has no fixed uid, as OpenShift assigns one', () => {
    expect(JSON.stringify(podSpec(aServer()))).not.toMatch(/runAsUser|runAsGroup|fsGroup"/);
  });

  it.each([
    { name: 'nothing', spec: {}, volumes: ['tmp'], mounts: ['/tmp'] },
    {
      name: 'a volume of its own at /tmp/',
      spec: { volumes: [{ name: 'big', emptyDir: {} }], volumeMounts: [{ name: 'big', mountPath: '/tmp/' }] },
      volumes: ['big'],
      mounts: ['/tmp/'],
    },
    {
      name: 'a volume elsewhere',
      spec: {
        volumes: [{ name: 'data', emptyDir: {} }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
      volumes: ['tmp', 'data'],
      mounts: ['/tmp', '/data'],
    },
  ])('can always write to /tmp: $name', ({ spec, volumes, mounts }) => {
    const pod = podSpec(aServer(spec));
    expect(pod?.volumes?.map(({ name }) => name)).toEqual(volumes);
    expect(pod?.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual(mounts);
  });

  it('bounds /tmp, so that a server cannot fill its node', () => {
    expect(podSpec(aServer())?.volumes?.[0]).toEqual({ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } });
  });

  it('is asked by TCP whether it has started and is ready', () => {
    expect(serverContainer(aServer())).toMatchObject({
      startupProbe: { tcpSocket: { port: 'mcp' } },
      readinessProbe: { tcpSocket: { port: 'mcp' } },
    });
  });

  it('takes what the spec says of the container', () => {
    const server = aServer({
      source: {
        image: { ref: 'example.com/s:2', imagePullPolicy: 'Always', imagePullSecrets: [{ name: 'reg' }] },
      },
      command: ['/server'],
      args: ['--port', '9000'],
      env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      envFrom: [{ configMapRef: { name: 'c' } }],
      transport: { port: 9000 },
      resources: { limits: { memory: '1Gi' } },
    });
    expect(podSpec(server)?.imagePullSecrets).toEqual([{ name: 'reg' }]);
    expect(serverContainer(server)).toMatchObject({
      image: 'example.com/s:2',
      imagePullPolicy: 'Always',
      command: ['/server'],
      args: ['--port', '9000'],
      env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      envFrom: [{ configMapRef: { name: 'c' } }],
      ports: [{ name: 'mcp', containerPort: 9000 }],
      resources: { limits: { memory: '1Gi' } },
    });
  });
});

describe('podTemplate', () => {
  it('merges a security context field by field, so that one field does not undo the rest', () => {
    const server = aServer({
      podTemplate: {
        spec: {
          securityContext: { runAsUser: 1000 },
          containers: [{ name: 'server', securityContext: { readOnlyRootFilesystem: false } }],
        },
      },
    });
    expect(podSpec(server)?.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(serverContainer(server)?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: false,
    });
  });

  it('replaces a probe of the server as a whole', () => {
    const readinessProbe = { httpGet: { path: '/health', port: 'mcp' } };
    expect(serverContainer(aServer(container({ readinessProbe })))).toMatchObject({
      readinessProbe: { httpGet: { path: '/health', port: 'mcp' } },
      startupProbe: { tcpSocket: { port: 'mcp' } },
    });
    expect(
      serverContainer(aServer(container({ readinessProbe })))?.readinessProbe?.tcpSocket,
    ).toBeUndefined();
  });

  it('adds containers, restricted unless they say otherwise', () => {
    const server = aServer({
      podTemplate: {
        spec: {
          containers: [{ name: 'proxy', image: 'p', securityContext: { capabilities: { add: ['CHOWN'] } } }],
          initContainers: [{ name: 'fetch', image: 'f' }],
        },
      },
    });
    expect(podSpec(server)?.containers.map(({ name }) => name)).toEqual(['server', 'proxy']);
    expect(podSpec(server)?.containers[1]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['CHOWN'] },
    });
    expect(podSpec(server)?.initContainers?.[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  it("keeps the operator's labels over the user's", () => {
    const server = aServer({
      podTemplate: { metadata: { labels: { team: 'a', 'mcp.kilocode.ai/server': 'other' } } },
    });
    expect(workload(server).deployment.spec.template.metadata?.labels).toEqual({
      team: 'a',
      'mcp.kilocode.ai/server': 'github',
      'mcp.kilocode.ai/managed-by': 'mcp-operator',
    });
  });

  it.each([
    { runtimeClassName: 'gvisor' },
    { priorityClassName: 'high' },
    { nodeSelector: { disk: 'ssd' } },
    { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
    { terminationGracePeriodSeconds: 5 },
    { affinity: { nodeAffinity: {} } },
    {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    },
  ])('passes %j on', (spec) => {
    expect(podSpec(aServer({ podTemplate: { spec } }))).toMatchObject(spec);
  });
});

describe('a rollout', () => {
  it.each([
    {
      name: 'by default never takes a working pod away first',
      strategy: {},
      expected: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    },
    {
      name: 'takes the pace it is given',
      strategy: { rollingUpdate: { maxSurge: '50%' } },
      expected: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '50%' } },
    },
    {
      name: 'lets one go missing where there is no room for one more',
      strategy: { rollingUpdate: { maxSurge: 0 } },
      expected: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    },
    {
      name: 'stops the old first when told',
      strategy: { type: 'Recreate' as const },
      expected: { type: 'Recreate' },
    },
  ])('$name', ({ strategy, expected }) => {
    expect(workload(aServer({ strategy })).deployment.spec.strategy).toEqual(expected);
  });

  const SAME: readonly (readonly [string, MCPServer])[] = [
    ['scale', aServer({ replicas: 5 })],
    ['suspend', aServer({ suspend: true })],
    ['probe', aServer({ probe: { intervalSeconds: 60 } })],
    ['network', aServer({ network: { egress: [{}] } })],
    ['path', aServer({ transport: { path: '/other' } })],
    ['generation', aServer({}, { generation: 7, resourceVersion: '5' })],
  ];
  it.each(SAME)('does not follow from a change of %s', (_name, changed) => {
    expect(templateHash(changed)).toBe(templateHash(aServer()));
  });

  const OTHER: readonly (readonly [string, MCPServer])[] = [
    ['image', aServer({ source: { image: { ref: 'example.com/server:2' } } })],
    ['args', aServer({ args: ['x'] })],
    ['port', aServer({ transport: { port: 1 } })],
    ['annotation', aServer({ podTemplate: { metadata: { annotations: { restarted: 'now' } } } })],
  ];
  it.each(OTHER)('follows from a change of %s', (_name, changed) => {
    expect(templateHash(changed)).not.toBe(templateHash(aServer()));
  });
});

describe('session affinity', () => {
  const protocol = (era: 'legacy' | 'modern' | 'dual') => ({ era, version: '2025-11-25' });
  it.each([
    { name: 'Auto, not yet verified', affinity: 'Auto' as const, status: {}, expected: 'ClientIP' },
    {
      name: 'Auto, legacy',
      affinity: 'Auto' as const,
      status: { protocol: protocol('legacy') },
      expected: 'ClientIP',
    },
    {
      name: 'Auto, dual',
      affinity: 'Auto' as const,
      status: { protocol: protocol('dual') },
      expected: 'ClientIP',
    },
    {
      name: 'Auto, modern',
      affinity: 'Auto' as const,
      status: { protocol: protocol('modern') },
      expected: 'None',
    },
    {
      name: 'ClientIP',
      affinity: 'ClientIP' as const,
      status: { protocol: protocol('modern') },
      expected: 'ClientIP',
    },
    { name: 'None', affinity: 'None' as const, status: {}, expected: 'None' },
  ])('$name', ({ affinity, status, expected }) => {
    const server = { ...aServer({ sessionAffinity: affinity }), status };
    expect(effectiveSessionAffinity(server)).toBe(expected);
    expect(workload(server).service.spec.sessionAffinity).toBe(expected);
  });
});

describe('the URL for clients', () => {
  it.each([
    { name: 'plain', server: aServer(), expected: 'http://mcp-github.team-a.svc:8080/mcp' },
    {
      name: 'with TLS',
      server: aServer({ transport: { port: 8443, path: '/', tls: {} } }),
      expected: 'https://mcp-github.team-a.svc:8443/',
    },
    { name: 'remote', server: aRemoteServer('https://x.example/m'), expected: 'https://x.example/m' },
  ])('$name', ({ server, expected }) => {
    expect(serverURL(server)).toBe(expected);
  });
});
