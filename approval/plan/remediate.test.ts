import { describe, expect, it } from 'vitest';
import { type MCPServer, SERVER_CONTAINER, mcpServerSchema, validateMCPServer } from '../../api/index.ts';
import { CHECK_RULES } from '../../checks/catalogue.ts';
import { CHECKS } from '../../checks/registry.ts';
import { subjectOf } from '../../checks/subject.ts';
import { evaluate } from '../../cli/lint/cel/evaluate.ts';
import { occurrences } from '../../cli/lint/cel/occurrence.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import { FIXES } from './fixes.ts';
import { applyOperations, inverseOperations } from './json-patch.ts';
import type { Plan, Planned } from './plan.ts';
import { PLANNED_CHECKS, type RemediationFacts, planRemediation } from './remediate.ts';
import { UNFIXABLE } from './unfixable.ts';

const NAMESPACE = {
  name: 'team-a',
  labels: {
    'kubernetes.io/metadata.name': 'team-a',
    'pod-security.kubernetes.io/enforce': 'restricted',
  },
};
const SIDECAR = { name: 'proxy', image: 'example.com/proxy:1' };
const DIGEST = `sha256:${'a'.repeat(64)}`;

type Spec = NonNullable<Parameters<typeof aServer>[0]>;

function facts(server: MCPServer, changes: Partial<RemediationFacts> = {}): RemediationFacts {
  return { server, namespace: NAMESPACE, settings: DEFAULT_RENDER_SETTINGS, managers: [], ...changes };
}

function planOf(planned: Planned): Plan {
  if (planned.kind === 'refused') throw new Error(`${planned.reason}: ${planned.message}`);
  return planned.plan;
}

function operationsOf(plan: Plan) {
  if (plan.effect.kind !== 'Patch' && plan.effect.kind !== 'Proposal') throw new Error(plan.effect.kind);
  return plan.effect.operations;
}

/** What of the catalogue's rules on manifests the server fails. */
function failing(server: MCPServer, namespace = NAMESPACE): readonly string[] {
  const subject = subjectOf(server, namespace, DEFAULT_RENDER_SETTINGS);
  return CHECK_RULES.filter((rule) => rule.evaluate(subject).length > 0).map(({ id }) => id);
}

function container(securityContext: object, name = SERVER_CONTAINER): Spec {
  const own = name === SERVER_CONTAINER ? { name } : { ...SIDECAR, name };
  return { podTemplate: { spec: { containers: [{ ...own, securityContext }] } } };
}

function network(rules: NonNullable<Spec['network']>): Spec {
  return { network: rules };
}

const PEER = { podSelector: { matchLabels: { app: 'client' } } };
const PORTS = [{ port: 443 }];

const VIOLATIONS: readonly { readonly check: string; readonly what: string; readonly spec: Spec }[] = [
  {
    check: 'MCP-W01',
    what: 'AppArmor turned off by annotation',
    spec: {
      podTemplate: {
        metadata: {
          annotations: { 'container.apparmor.security.beta.kubernetes.io/mcp': 'unconfined', team: 'a' },
        },
      },
    },
  },
  { check: 'MCP-W02', what: 'escalation of the server', spec: container({ allowPrivilegeEscalation: true }) },
  {
    check: 'MCP-W02',
    what: 'escalation of a sidecar beside a sound one',
    spec: {
      podTemplate: {
        spec: {
          containers: [
            SIDECAR,
            { ...SIDECAR, name: 'tunnel', securityContext: { allowPrivilegeEscalation: true } },
          ],
          initContainers: [
            { ...SIDECAR, name: 'setup', securityContext: { allowPrivilegeEscalation: true } },
          ],
        },
      },
    },
  },
  {
    check: 'MCP-W03',
    what: 'root allowed',
    spec: { podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } },
  },
  {
    check: 'MCP-W03',
    what: 'root of pod and container',
    spec: {
      podTemplate: {
        spec: {
          securityContext: { runAsUser: 0, runAsNonRoot: false },
          containers: [{ name: SERVER_CONTAINER, securityContext: { runAsUser: 0, runAsNonRoot: false } }],
        },
      },
    },
  },
  {
    check: 'MCP-W04',
    what: 'an added capability',
    spec: container({ capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'] } }),
  },
  {
    check: 'MCP-W04',
    what: 'not all dropped',
    spec: container({ capabilities: { drop: ['NET_RAW'] } }, 'proxy'),
  },
  {
    check: 'MCP-W05',
    what: 'seccomp turned off for the pod',
    spec: { podTemplate: { spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } } } },
  },
  {
    check: 'MCP-W05',
    what: 'seccomp turned off for a container',
    spec: container({ seccompProfile: { type: 'Unconfined' } }),
  },
  {
    check: 'MCP-W06',
    what: 'a writable root file system',
    spec: container({ readOnlyRootFilesystem: false }),
  },
  {
    check: 'MCP-W06',
    what: 'a sidecar that says nothing',
    spec: { podTemplate: { spec: { containers: [SIDECAR] } } },
  },
  { check: 'MCP-W07', what: 'the default resources', spec: {} },
  { check: 'MCP-W07', what: 'no resources at all', spec: { resources: {} } },
  {
    check: 'MCP-W07',
    what: 'a zero',
    spec: { resources: { requests: { cpu: '0', memory: '1Gi' }, limits: { 'ephemeral-storage': '0' } } },
  },
  {
    check: 'MCP-W07',
    what: 'small limits',
    spec: { resources: { requests: { cpu: '0', memory: '0' }, limits: { cpu: '10m', memory: '32Mi' } } },
  },
  { check: 'MCP-W07', what: 'a sidecar without', spec: { podTemplate: { spec: { containers: [SIDECAR] } } } },
  {
    check: 'MCP-W07',
    what: 'a server with an entry of its own among the containers',
    spec: container({ runAsUser: 1000 }),
  },
  {
    check: 'MCP-W06',
    what: 'a sidecar beside such an entry',
    spec: {
      podTemplate: { spec: { containers: [{ name: SERVER_CONTAINER, workingDir: '/app' }, SIDECAR] } },
    },
  },
  {
    check: 'MCP-W08',
    what: 'an account of others',
    spec: { podTemplate: { spec: { serviceAccountName: 'default' } } },
  },
  {
    check: 'MCP-W09',
    what: 'ingress from anybody',
    spec: network({ ingress: [{ from: [PEER], ports: PORTS }, { ports: PORTS }] }),
  },
  {
    check: 'MCP-W09',
    what: 'ingress of every pod and every address',
    spec: network({
      ingress: [{ from: [{ namespaceSelector: {} }, PEER] }, { from: [{ ipBlock: { cidr: '::/0' } }] }],
    }),
  },
  {
    check: 'MCP-W09',
    what: 'egress to anywhere',
    spec: network({
      egress: [{ ports: PORTS }, { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }, PEER] }],
    }),
  },
  {
    check: 'MCP-W09',
    what: 'metadata addresses',
    spec: network({
      egress: [
        {
          to: [
            { ipBlock: { cidr: '169.254.0.0/16' } },
            { ipBlock: { cidr: '64.0.0.0/2' } },
            { ipBlock: { cidr: 'fd00::/8' } },
          ],
        },
      ],
    }),
  },
];

describe('planRemediation', () => {
  it.each(VIOLATIONS)('$check, $what: the patch makes a valid server that passes', ({ check, spec }) => {
    const server = aServer(spec);
    expect(failing(server)).toContain(check);
    const plan = planOf(planRemediation(check, facts(server)));
    const patched = applyOperations(server, operationsOf(plan)) as MCPServer;
    expect(plan.effect.kind).toBe('Patch');
    expect(validateMCPServer(patched)).toMatchObject({ valid: true });
    expect(occurrences(mcpServerSchema, patched).flatMap((rule) => evaluate(rule) ?? [])).toEqual([]);
    expect(failing(server).filter((id) => !failing(patched).includes(id))).toContain(check);
    expect(failing(patched).filter((id) => !failing(server).includes(id))).toEqual([]);
    expect(plan.verifyChecks).toEqual([check]);
  });

  it.each(VIOLATIONS)('$check, $what: every change is tested, and can be taken back', ({ check, spec }) => {
    const server = aServer(spec);
    const operations = operationsOf(planOf(planRemediation(check, facts(server))));
    const patched = applyOperations(server, operations);
    expect(applyOperations(patched, inverseOperations(server, operations))).toEqual(server);
    expect(operations.slice(0, 2)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'uid-of-github' },
      { op: 'test', path: '/metadata/generation', value: 1 },
    ]);
    for (const [index, { op, path }] of operations.entries())
      if (op === 'replace' || op === 'remove')
        expect(operations[index - 1]).toMatchObject({ op: 'test', path });
    expect(() => applyOperations(aServer(spec, { uid: 'another' }), operations)).toThrow('/metadata/uid');
    expect(() => applyOperations(aServer(spec, { generation: 2 }), operations)).toThrow(
      '/metadata/generation',
    );
  });

  it.each(VIOLATIONS)('$check, $what: is not planned twice', ({ check, spec }) => {
    const server = aServer(spec);
    const patched = applyOperations(
      server,
      operationsOf(planOf(planRemediation(check, facts(server)))),
    ) as MCPServer;
    expect(planRemediation(check, facts(patched))).toMatchObject({ kind: 'refused', reason: 'NothingToDo' });
  });

  it('switches the deprecated transport', () => {
    const server = aServer({ transport: { type: 'SSE', path: '/team/sse' } });
    const plan = planOf(planRemediation('MCP-P11', facts(server)));
    expect(applyOperations(server, operationsOf(plan))).toMatchObject({
      spec: { transport: { type: 'StreamableHTTP', path: '/team/mcp', port: 8080 } },
    });
    expect(plan.risk).toBe('high');
    expect(planRemediation('MCP-P11', facts(aServer()))).toMatchObject({
      kind: 'refused',
      reason: 'NothingToDo',
    });
  });

  it('shows what changes, and nothing else', () => {
    const server = aServer({
      env: [{ name: 'REGION', value: 'eu' }],
      podTemplate: {
        spec: {
          containers: [
            { name: SERVER_CONTAINER, securityContext: { readOnlyRootFilesystem: false } },
            SIDECAR,
          ],
        },
      },
    });
    const { diff, summary } = planOf(planRemediation('MCP-W06', facts(server)));
    expect(diff.split('\n')).toEqual([
      'spec.podTemplate.spec.containers[name=server].securityContext:',
      '- readOnlyRootFilesystem: false',
      '+ readOnlyRootFilesystem: true',
      'spec.podTemplate.spec.containers[name=proxy]:',
      '+ securityContext:',
      '+   readOnlyRootFilesystem: true',
    ]);
    expect(summary).toBe(
      'MCP-W06 on MCPServer team-a/github: make the root file systems read-only, so that the root file system of every container is read-only.',
    );
  });

  it('proposes the digests that run, for every container that it knows one of', () => {
    const image = { ref: 'example.com/server:1.0.0', digest: DIGEST };
    const server: MCPServer = {
      ...aServer({ podTemplate: { spec: { containers: [SIDECAR] } } }),
      status: { image },
    };
    const plan = planOf(planRemediation('MCP-C01', facts(server, { runningDigests: { proxy: DIGEST } })));
    const patched = applyOperations(server, operationsOf(plan)) as MCPServer;
    expect(plan.effect.kind).toBe('Proposal');
    expect(failing(patched)).not.toContain('MCP-C01');
    expect(planRemediation('MCP-C01', facts(server))).toMatchObject({
      kind: 'refused',
      reason: 'NotFixable',
    });
  });

  it('takes no digest of another image than the one that is asked for', () => {
    const server: MCPServer = {
      ...aServer(),
      status: { image: { ref: 'example.com/server:0.9.0', digest: DIGEST } },
    };
    expect(planRemediation('MCP-C01', facts(server))).toMatchObject({
      kind: 'refused',
      reason: 'NotFixable',
    });
  });

  it.each([undefined, 'baseline'])('proposes the label of a namespace that has %s', (level) => {
    const labels = {
      'kubernetes.io/metadata.name': 'team-a',
      ...(level && { 'pod-security.kubernetes.io/enforce': level }),
    };
    const namespace = { name: 'team-a', labels };
    const plan = planOf(planRemediation('MCP-W10', facts(aServer(), { namespace })));
    expect(plan.effect).toMatchObject({
      kind: 'Proposal',
      object: { apiVersion: 'v1', kind: 'Namespace', name: 'team-a' },
    });
    const patched = applyOperations({ metadata: namespace }, operationsOf(plan)) as {
      metadata: typeof NAMESPACE;
    };
    expect(failing(aServer(), patched.metadata)).not.toContain('MCP-W10');
  });

  it.each([
    { what: 'the namespace default', namespace: { name: 'default', labels: {} }, reason: 'NotFixable' },
    { what: 'a labelled namespace', namespace: NAMESPACE, reason: 'NothingToDo' },
  ])('proposes no label for $what', ({ namespace, reason }) => {
    expect(planRemediation('MCP-W10', facts(aServer(), { namespace }))).toMatchObject({
      kind: 'refused',
      reason,
    });
  });

  it.each([
    { annotations: { 'argocd.argoproj.io/tracking-id': 'app:mcp.kilocode.ai/MCPServer:team-a/github' } },
    { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } },
    { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
  ])('never patches what Git owns: %o', (metadata) => {
    const plan = planOf(planRemediation('MCP-W07', facts(aServer({}, metadata))));
    expect(plan.effect).toMatchObject({
      kind: 'Proposal',
      reason: expect.stringContaining('applies this MCPServer'),
    });
  });

  it('never patches what a tool of Git applied without a mark', () => {
    const plan = planOf(
      planRemediation('MCP-W07', facts(aServer(), { managers: ['kubectl', 'kustomize-controller'] })),
    );
    expect(plan.effect.kind).toBe('Proposal');
  });

  it('refuses to show a secret', () => {
    const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    const server = aServer(
      network({
        egress: [{ to: [{ podSelector: { matchLabels: { token } } }, { ipBlock: { cidr: '0.0.0.0/0' } }] }],
      }),
    );
    const planned = planRemediation('MCP-W09', facts(server));
    expect(planned).toMatchObject({ kind: 'refused', reason: 'SecretInPlan' });
    expect(JSON.stringify(planned)).not.toContain(token);
  });

  it('keeps a secret beside the change out of the plan', () => {
    const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    const server = aServer({
      env: [{ name: 'GITHUB_TOKEN', value: token }],
      podTemplate: { spec: { containers: [{ ...SIDECAR, env: [{ name: 'TOKEN', value: token }] }] } },
    });
    expect(JSON.stringify(planOf(planRemediation('MCP-W06', facts(server))))).not.toContain(token);
  });

  it('refuses what nobody could read', () => {
    const peers = Array.from({ length: 60 }, (_, index) => ({
      podSelector: {
        matchExpressions: [
          {
            key: 'app',
            operator: 'In',
            values: Array.from({ length: 40 }, (_, place) => `client-${index}-${place}`),
          },
        ],
      },
    }));
    const server = aServer(network({ ingress: [{ from: [...peers, { namespaceSelector: {} }] }] }));
    expect(planRemediation('MCP-W09', facts(server))).toMatchObject({ kind: 'refused', reason: 'TooLarge' });
  });

  it.each([
    {
      what: 'a range that is none',
      check: 'MCP-W09',
      spec: network({ egress: [{ to: [{ ipBlock: { cidr: 'everything' } }] }] }),
      reason: 'NotFixable',
    },
    {
      what: 'a server that passes',
      check: 'MCP-W08',
      spec: { podTemplate: { spec: { serviceAccountName: 'mcp-github' } } },
      reason: 'NothingToDo',
    },
    { what: 'a suspended server', check: 'MCP-W07', spec: { suspend: true }, reason: 'Suspended' },
    { what: 'a check without a plan', check: 'MCP-C04', spec: {}, reason: 'NotFixable' },
    { what: 'no check at all', check: 'MCP-W99', spec: {}, reason: 'InvalidParameters' },
  ])('has no plan for $what', ({ check, spec, reason }) => {
    expect(planRemediation(check, facts(aServer(spec)))).toMatchObject({ kind: 'refused', reason });
  });

  it.each(Object.keys(FIXES))('%s: has nothing to do for a server elsewhere', (check) => {
    expect(planRemediation(check, facts(aRemoteServer()))).toMatchObject({
      kind: 'refused',
      reason: 'NothingToDo',
    });
  });
});

describe('the catalogue', () => {
  it('has a plan or a reason for every check that can be approved', () => {
    const decidable = CHECKS.filter(({ remediation: { kind } }) =>
      ['automatic', 'approval', 'propose', 'quarantine'].includes(kind),
    );
    expect([...PLANNED_CHECKS, ...Object.keys(UNFIXABLE)].toSorted()).toEqual(
      decidable.map(({ id }) => id).toSorted(),
    );
  });
});
