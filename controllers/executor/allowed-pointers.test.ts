import { describe, expect, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import {
  applyOperations,
  planRemediation,
  PLANNED_CHECKS,
  type ActionKind,
  type PatchOperation,
} from '../../approval/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { forbiddenPointers } from './allowed-pointers.ts';

type Spec = NonNullable<Parameters<typeof aServer>[0]>;

const NAMESPACE = { name: 'team-a', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } };
const SIDECAR = { name: 'proxy', image: 'example.com/proxy:1' };
const own = (securityContext: object): Spec => ({
  podTemplate: { spec: { containers: [{ name: 'server', securityContext }] } },
});
const pod = (spec: NonNullable<NonNullable<Spec['podTemplate']>['spec']>): Spec => ({
  podTemplate: { spec },
});

/** For each check that is repaired by a patch, a server that fails it. */
const VIOLATIONS: Readonly<Record<string, Spec>> = {
  'MCP-P11': { transport: { type: 'SSE', path: '/sse', port: 8080 } },
  'MCP-W01': {
    podTemplate: {
      metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/mcp': 'unconfined' } },
    },
  },
  'MCP-W02': own({ allowPrivilegeEscalation: true }),
  'MCP-W03': pod({ securityContext: { runAsUser: 0, runAsNonRoot: false } }),
  'MCP-W04': own({ capabilities: { add: ['CHOWN'] } }),
  'MCP-W05': pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
  'MCP-W06': pod({ containers: [SIDECAR], initContainers: [{ ...SIDECAR, name: 'setup' }] }),
  'MCP-W07': { resources: {} },
  'MCP-W08': pod({ serviceAccountName: 'powerful' }),
  'MCP-W09': { network: { egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 443 }] }] } },
};

function patched(server: MCPServer, operations: readonly PatchOperation[]): MCPServer {
  // A boundary: the document goes in and comes out as JSON.
  return applyOperations(server, operations) as MCPServer;
}

function forbidden(spec: Spec, operations: readonly PatchOperation[], kind: ActionKind = 'Remediate') {
  const server = aServer(spec);
  return forbiddenPointers(kind, operations, server.spec, patched(server, operations).spec);
}

describe('what the executor may change', () => {
  it.each(Object.entries(VIOLATIONS))('is all that the plan for %s does', (check, spec) => {
    const server = aServer(spec);
    const facts = { server, namespace: NAMESPACE, settings: DEFAULT_RENDER_SETTINGS, managers: [] };
    const planned = planRemediation(check, facts);
    if (planned.kind !== 'planned' || planned.plan.effect.kind !== 'Patch')
      throw new Error(JSON.stringify(planned));
    expect(forbidden(spec, planned.plan.effect.operations)).toEqual([]);
  });

  it('is looked at for every check that has a patch', () => {
    const proposals = ['MCP-C01', 'MCP-W10'];
    expect(Object.keys(VIOLATIONS).toSorted()).toEqual(
      PLANNED_CHECKS.filter((check) => !proposals.includes(check)).toSorted(),
    );
  });

  const add = (path: string, value: unknown): readonly PatchOperation[] => [{ op: 'add', path, value }];
  it.each<[string, Spec, readonly PatchOperation[], readonly string[]]>([
    ['the image', {}, add('/spec/source/image/ref', 'evil.example.com/x'), ['/spec/source/image/ref']],
    ['the command', {}, add('/spec/command', ['sh']), ['/spec/command/0']],
    [
      'the environment',
      {},
      add('/spec/env', [{ name: 'A', value: 'b' }]),
      ['/spec/env/0/name', '/spec/env/0/value'],
    ],
    [
      'an image within a whole that is added',
      {},
      add('/spec/podTemplate', { spec: { initContainers: [{ name: 'x', image: 'evil.example.com/x' }] } }),
      ['/spec/podTemplate/spec/initContainers/0/name', '/spec/podTemplate/spec/initContainers/0/image'],
    ],
    [
      'the image of a sidecar beside its security context',
      pod({ containers: [SIDECAR] }),
      [
        {
          op: 'replace',
          path: '/spec/podTemplate/spec/containers/0',
          value: { ...SIDECAR, image: 'evil.example.com/x', securityContext: {} },
        },
      ],
      ['/spec/podTemplate/spec/containers/0/image'],
    ],
    [
      'a ServiceAccount that is given',
      pod({ nodeSelector: { disk: 'ssd' } }),
      add('/spec/podTemplate/spec/serviceAccountName', 'powerful'),
      ['/spec/podTemplate/spec/serviceAccountName'],
    ],
    [
      'a ServiceAccount in the place of another',
      pod({ serviceAccountName: 'weak' }),
      [{ op: 'replace', path: '/spec/podTemplate/spec/serviceAccountName', value: 'powerful' }],
      ['/spec/podTemplate/spec/serviceAccountName'],
    ],
    [
      'annotations that others act on',
      { podTemplate: { metadata: { annotations: { team: 'a' } } } },
      add('/spec/podTemplate/metadata/annotations/sidecar.istio.io~1inject', 'false'),
      ['/spec/podTemplate/metadata/annotations/sidecar.istio.io~1inject'],
    ],
    ['labels of the object', {}, add('/metadata/labels', { team: 'a' }), ['/metadata/labels']],
    ['how many run', {}, add('/spec/replicas', 0), ['/spec/replicas']],
  ])('is never %s', (_what, spec, operations, expected) => {
    expect([...forbidden(spec, operations)].toSorted()).toEqual([...expected].toSorted());
  });

  it('is never what an operation takes from elsewhere that no plan has', () => {
    const operations = ['move', 'copy'].map((op) => ({
      op,
      from: '/metadata/labels/team',
      path: '/spec/transport/path',
    }));
    const { spec } = aServer();
    // A boundary: the type knows the operations of plans alone.
    const foreign = operations as unknown as readonly PatchOperation[];
    expect(forbiddenPointers('Remediate', foreign, spec, spec)).toEqual([
      '/spec/transport/path',
      '/spec/transport/path',
    ]);
  });

  it.each<ActionKind>(['AcceptDefinitions', 'Quarantine', 'Waive'])('is nothing for %s', (kind) => {
    expect(forbidden({}, add('/spec/resources/limits/memory', '1Gi'), kind)).toEqual([
      '/spec/resources/limits/memory',
    ]);
    expect(forbidden({}, [], kind)).toEqual([]);
  });
});
