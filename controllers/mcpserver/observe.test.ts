import { describe, expect, it } from 'vitest';
import type { MCPServer, MCPServerManifest } from '../../api/index.ts';
import { DEFAULT_RENDER_SETTINGS, render, TEMPLATE_HASH_ANNOTATION } from '../../render/index.ts';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import type { Deployment, Pod } from './kinds.ts';
import { observe, readyPods, type Sources } from './observe.ts';
import type { Observed } from './observed.ts';
import { aBrokenPod, aDeployment, aMemory, aPod, NOW } from './testing/builders.ts';

interface World {
  readonly deployment?: Deployment;
  readonly pods?: readonly Pod[];
}
interface Seen extends Observed {
  readonly subject: string;
  readonly readyRuns: readonly string[];
}

/** Observes `server` in a world, and notes what the memory is asked for. */
function look(server: MCPServer, { deployment, pods = [] }: World = {}): Seen {
  let known: Parameters<Sources['recall']>[1] | undefined;
  const sources: Sources = {
    deployments: { get: () => deployment },
    pods: { byIndex: (_index, value) => (value === 'team-a/github' ? pods : []) },
    addresses: {
      remote: (address) =>
        address === '10.0.0.1' || address === 'fd00::1'
          ? { kind: 'refused', reason: 'it is a Service' }
          : { kind: 'allowed' },
    },
    recall: (_server, asked) => {
      known = asked;
      return aMemory();
    },
    nowMs: () => NOW,
  };
  const found = { children: { kind: 'applied' }, brokenPolicies: [] } as const;
  const observed = observe(server, render(server, DEFAULT_RENDER_SETTINGS), found, sources);
  return { ...observed, subject: known?.subject ?? '', readyRuns: known?.readyRuns ?? [] };
}

const current = (pod: Pod): Pod => {
  const template = render(aServer(), DEFAULT_RENDER_SETTINGS)?.deployment.spec.template;
  const hash = template?.metadata?.annotations?.[TEMPLATE_HASH_ANNOTATION] ?? '';
  return { ...pod, metadata: { ...pod.metadata, annotations: { [TEMPLATE_HASH_ANNOTATION]: hash } } };
};
const deleting = (pod: Pod): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, deletionTimestamp: '2026-06-01T00:00:00Z' },
});
const ownedBy = (uid: string): Deployment => {
  const reference = {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'MCPServer',
    name: 'github',
    uid,
    controller: true,
  };
  return { ...aDeployment(), metadata: { ...aDeployment().metadata, ownerReferences: [reference] } };
};
const names = (pods: readonly Pod[] | undefined) => pods?.map(({ metadata }) => metadata.name);

describe('observe', () => {
  it('tells the pods of the current template from the others', () => {
    const evicted = current(aPod('evicted', { phase: 'Failed', reason: 'Evicted' }));
    const pods = [
      aPod('old'),
      current(aPod('new')),
      current(aBrokenPod({}, 'starting')),
      deleting(current(aPod('going'))),
      current(aPod('done', { phase: 'Succeeded' })),
      evicted,
    ];
    const { workload, readyRuns } = look(aServer(), { pods });
    expect(names(workload?.pods)).toEqual(['old', 'new', 'starting']);
    expect(names(workload?.currentPods)).toEqual(['new', 'starting']);
    expect(names(workload?.evictedPods)).toEqual(['evicted']);
    expect(names(readyPods(workload))).toEqual(['new']);
    expect(readyRuns).toEqual(['uid-of-new/0']);
  });

  it.each([
    { name: 'its own', deployment: ownedBy('uid-of-github'), seen: true },
    { name: "an earlier server's of the same name", deployment: ownedBy('earlier'), seen: false },
    { name: "somebody else's", deployment: aDeployment(), seen: false },
  ])('believes a Deployment only when it is $name', ({ deployment, seen }) => {
    expect(look(aServer(), { deployment }).workload?.deployment !== undefined).toBe(seen);
  });

  it('has no workload of a remote server', () => {
    expect(look(aRemoteServer()).workload).toBeUndefined();
  });

  it.each([
    ['https://mcp.example.com/mcp', undefined],
    ['http://8.8.8.8/mcp', undefined],
    ['http://10.0.0.1:8080/mcp', '10.0.0.1: it is a Service'],
    ['http://[fd00::1]/mcp', 'fd00::1: it is a Service'],
    ['http://167772161/mcp', '10.0.0.1: it is a Service'],
  ])('judges the address in %s', (url, expected) => {
    expect(look(aRemoteServer(url)).forbiddenAddress).toBe(expected);
  });

  type Spec = Partial<MCPServerManifest['spec']>;
  const header = [{ name: 'Authorization', secretKeyRef: { name: 's', key: 'k' } }];

  it.each<[string, Spec]>([
    ['replicas', { replicas: 5 }],
    ['network', { network: { egress: [{}] } }],
    ['the interval', { probe: { intervalSeconds: 60 } }],
    ['suspend', { suspend: true }],
    ['auth', { auth: { required: true } }],
  ])('asks about the same when %s changes', (_name, spec) => {
    expect(look(aServer(spec)).subject).toBe(look(aServer()).subject);
  });

  it.each<[string, Spec]>([
    ['the image', { source: { image: { ref: 'example.com/server:2' } } }],
    ['the path', { transport: { path: '/other' } }],
    ['the transport', { transport: { type: 'SSE' } }],
    ['TLS', { transport: { tls: {} } }],
    ['the headers', { probe: { headersFrom: header } }],
    ['the source', { source: { remote: { url: 'https://mcp.example.com/mcp' } } }],
  ])('asks about something else when %s changes', (_name, spec) => {
    expect(look(aServer(spec)).subject).not.toBe(look(aServer()).subject);
  });
});
