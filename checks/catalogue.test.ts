import { describe, expect, it } from 'vitest';
import type { MCPServer } from '../api/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../render/index.ts';
import { aRemoteServer, aServer } from '../render/testing/a-server.ts';
import { CHECK_RULES, evaluateChecks } from './catalogue.ts';
import { subjectOf, type NamespaceFacts, type Subject } from './subject.ts';

type Spec = NonNullable<Parameters<typeof aServer>[0]>;

const RESTRICTED: NamespaceFacts = {
  name: 'team-a',
  labels: {
    'kubernetes.io/metadata.name': 'team-a',
    'pod-security.kubernetes.io/enforce': 'restricted',
  },
};
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const RESOURCES = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { memory: '256Mi', 'ephemeral-storage': '1Gi' },
};

/** A server that every check accepts, with `spec` over it. */
const hardened = (spec: Spec = {}) =>
  aServer({ source: { image: { ref: `example.com/server@${DIGEST}` } }, resources: RESOURCES, ...spec });

/** What the schema of today refuses, as if tomorrow's let it pass: a check judges what is rendered, not what can be written. */
const unchecked = (spec: object): Spec => JSON.parse(JSON.stringify(spec));

const subject = (server: MCPServer, namespace: NamespaceFacts = RESTRICTED): Subject =>
  subjectOf(server, namespace, DEFAULT_RENDER_SETTINGS);

const read = (judged: Subject) =>
  evaluateChecks(judged).map(({ rule, path, value }) => `${rule} ${path} = ${value}`);

/** The pods with `spec`, and a container beside the server with `container`. */
const pod = (spec: object) => unchecked({ podTemplate: { spec } });
const server = (fields: object) => pod({ containers: [{ name: 'server', ...fields }] });
const beside = (
  fields: Readonly<Record<string, unknown>> & { readonly securityContext?: object },
  list = 'containers',
) =>
  pod({
    [list]: [
      {
        name: 'proxy',
        image: `example.com/proxy@${DIGEST}`,
        resources: RESOURCES,
        ...fields,
        securityContext: {
          readOnlyRootFilesystem: true,
          ...fields.securityContext,
        },
      },
    ],
  });

const SERVER = 'spec.podTemplate.spec.containers[name=server]';
const PROXY = 'spec.podTemplate.spec.containers[name=proxy]';
const POD = 'spec.podTemplate.spec';
const ENFORCE = 'pod-security.kubernetes.io/enforce';

interface Case {
  readonly reason: string;
  readonly spec: Spec;
  readonly found: readonly string[];
}

const CASES: readonly Case[] = [
  { reason: 'W: a container beside the server, hardened as it is', spec: beside({}), found: [] },
  {
    reason: 'W: an init container, hardened as it is',
    spec: beside({}, 'initContainers'),
    found: [],
  },

  // MCP-W01
  {
    reason: 'W01: a host namespace',
    spec: pod({ hostPID: true }),
    found: [`MCP-W01 ${POD}.hostPID = true`],
  },
  {
    reason: 'W01: a privileged container beside the server',
    spec: beside({ securityContext: { privileged: true } }),
    found: [`MCP-W01 ${PROXY}.securityContext.privileged = true`],
  },
  {
    reason: 'W01: a host port of an init container',
    spec: beside({ ports: [{ containerPort: 80, hostPort: 80 }] }, 'initContainers'),
    found: [`MCP-W01 ${POD}.initContainers[name=proxy].ports[containerPort=80].hostPort = 80`],
  },
  {
    reason: 'W01: a host path, once',
    spec: unchecked({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
    found: ['MCP-W01 spec.volumes[name=v] = hostPath'],
  },
  {
    reason: 'W01: a kind of volume that restricted forbids',
    spec: unchecked({ volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] }),
    found: ['MCP-W01 spec.volumes[name=v] = nfs'],
  },
  {
    reason: 'W01: AppArmor turned off by annotation',
    spec: {
      podTemplate: {
        metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/server': 'unconfined' } },
      },
    },
    found: [
      'MCP-W01 spec.podTemplate.metadata.annotations[container.apparmor.security.beta.kubernetes.io/server] = unconfined',
    ],
  },
  {
    reason: 'W01: a probe of another host',
    spec: server({ readinessProbe: { tcpSocket: { port: 80, host: 'db' } } }),
    found: [`MCP-W01 ${SERVER}.readinessProbe.tcpSocket.host = db`],
  },
  {
    reason: 'W01: kinds of volumes that are safe',
    spec: { volumes: [{ name: 'v', emptyDir: {} }] },
    found: [],
  },

  // MCP-W02
  {
    reason: 'W02: escalation in the server',
    spec: server({ securityContext: { allowPrivilegeEscalation: true } }),
    found: [`MCP-W02 ${SERVER}.securityContext.allowPrivilegeEscalation = true`],
  },
  {
    reason: 'W02: escalation in an init container',
    spec: beside({ securityContext: { allowPrivilegeEscalation: true } }, 'initContainers'),
    found: [`MCP-W02 ${POD}.initContainers[name=proxy].securityContext.allowPrivilegeEscalation = true`],
  },

  // MCP-W03
  {
    reason: 'W03: root allowed',
    spec: pod({ securityContext: { runAsNonRoot: false } }),
    found: [`MCP-W03 ${POD}.securityContext.runAsNonRoot = false`],
  },
  {
    reason: 'W03: root asked for',
    spec: server({ securityContext: { runAsUser: 0 } }),
    found: [`MCP-W03 ${SERVER}.securityContext.runAsUser = 0`],
  },
  {
    reason: 'W03: root of a user namespace',
    spec: pod({ hostUsers: false, securityContext: { runAsUser: 0 } }),
    found: [],
  },

  // MCP-W04
  {
    reason: 'W04: a capability that baseline allows',
    spec: server({ securityContext: { capabilities: { add: ['CHOWN'] } } }),
    found: [`MCP-W04 ${SERVER}.securityContext.capabilities.add = CHOWN`],
  },
  {
    reason: 'W04: capabilities kept',
    spec: beside({ securityContext: { capabilities: { drop: ['NET_RAW'] } } }),
    found: [`MCP-W04 ${PROXY}.securityContext.capabilities.drop = NET_RAW`],
  },
  {
    reason: 'W04: the one that is allowed',
    spec: server({ securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] } } }),
    found: [],
  },
  {
    reason: 'W01 and W04: a capability that baseline forbids',
    spec: server({ securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
    found: [
      `MCP-W01 ${SERVER}.securityContext.capabilities.add = SYS_ADMIN`,
      `MCP-W04 ${SERVER}.securityContext.capabilities.add = SYS_ADMIN`,
    ],
  },

  // MCP-W05
  {
    reason: 'W01 and W05: seccomp turned off',
    spec: server({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
    found: [
      `MCP-W01 ${SERVER}.securityContext.seccompProfile.type = Unconfined`,
      `MCP-W05 ${SERVER}.securityContext.seccompProfile.type = Unconfined`,
    ],
  },
  {
    reason: 'W05: a profile of the node',
    spec: pod({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'p' } } }),
    found: [],
  },

  // MCP-W06
  {
    reason: 'W06: a root file system that can be written',
    spec: server({ securityContext: { readOnlyRootFilesystem: false } }),
    found: [`MCP-W06 ${SERVER}.securityContext.readOnlyRootFilesystem = false`],
  },
  {
    reason: 'W06: not said of a container beside the server',
    spec: pod({
      containers: [{ name: 'proxy', image: `example.com/proxy@${DIGEST}`, resources: RESOURCES }],
    }),
    found: [`MCP-W06 ${PROXY}.securityContext.readOnlyRootFilesystem = unset`],
  },

  // MCP-W07
  {
    reason: 'W07: nothing said of a container beside the server',
    spec: beside({ resources: undefined }),
    found: [
      `MCP-W07 ${PROXY}.resources.requests.cpu = unset`,
      `MCP-W07 ${PROXY}.resources.requests.memory = unset`,
      `MCP-W07 ${PROXY}.resources.limits.memory = unset`,
      `MCP-W07 ${PROXY}.resources.limits.ephemeral-storage = unset`,
    ],
  },
  {
    reason: 'W07: limits that are zero',
    spec: { resources: { ...RESOURCES, limits: { memory: '0', 'ephemeral-storage': '0Gi' } } },
    found: [
      'MCP-W07 spec.resources.limits.memory = 0',
      'MCP-W07 spec.resources.limits.ephemeral-storage = 0Gi',
    ],
  },
  {
    reason: 'W07: limits, which are requests too',
    spec: { resources: { limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' } } },
    found: [],
  },

  // MCP-W08
  {
    reason: 'W08: an account that others may use',
    spec: { podTemplate: { spec: { serviceAccountName: 'builder' } } },
    found: [`MCP-W08 ${POD}.serviceAccountName = builder`],
  },
  {
    reason: 'W08: a token',
    spec: pod({ automountServiceAccountToken: true }),
    found: [`MCP-W08 ${POD}.automountServiceAccountToken = true`],
  },
  {
    reason: 'W08: a token in a volume',
    spec: unchecked({
      volumes: [
        { name: 'settings', projected: { sources: [{ configMap: { name: 'c' } }] } },
        { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
    }),
    found: ['MCP-W08 spec.volumes[name=token].projected = serviceAccountToken'],
  },

  // MCP-W09
  {
    reason: 'W09: callers and destinations without a name',
    spec: { network: { ingress: [{ ports: [{ port: 8080 }] }], egress: [{}, { to: [] }] } },
    found: [
      'MCP-W09 spec.network.ingress[0] = no peers',
      'MCP-W09 spec.network.egress[0] = no peers',
      'MCP-W09 spec.network.egress[1] = no peers',
    ],
  },
  {
    reason: 'W09: ranges that hold everything',
    spec: {
      network: {
        ingress: [{ from: [{ podSelector: {} }, { ipBlock: { cidr: '::/0' } }] }],
        egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }],
      },
    },
    found: [
      'MCP-W09 spec.network.ingress[0].from[1].ipBlock.cidr = ::/0',
      'MCP-W09 spec.network.egress[0].to[0].ipBlock.cidr = 0.0.0.0/0',
    ],
  },
  {
    reason: 'W09: every pod of every namespace',
    spec: { network: { ingress: [{ from: [{ namespaceSelector: {} }] }] } },
    found: ['MCP-W09 spec.network.ingress[0].from[0].namespaceSelector = all pods of all namespaces'],
  },
  {
    reason: 'W09: the metadata service, over both families',
    spec: {
      network: {
        egress: [
          { to: [{ ipBlock: { cidr: '169.254.0.0/16' } }, { ipBlock: { cidr: 'fd00::/8' } }] },
          { to: [{ ipBlock: { cidr: '64.0.0.0/2', except: ['100.64.0.0/10'] } }] },
        ],
      },
    },
    found: [
      'MCP-W09 spec.network.egress[0].to[0].ipBlock = 169.254.0.0/16 holds 169.254.169.254',
      'MCP-W09 spec.network.egress[0].to[1].ipBlock = fd00::/8 holds fd00:ec2::254',
    ],
  },
  {
    reason: 'W09: a range that is none',
    spec: { network: { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0' } }] }] } },
    found: ['MCP-W09 spec.network.egress[0].to[0].ipBlock.cidr = 10.0.0.0'],
  },
  {
    reason: 'W09: named clients and destinations, without the metadata service',
    spec: {
      network: {
        ingress: [
          { from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } }] },
          { from: [{ podSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8' } }] },
        ],
        egress: [
          { to: [{ podSelector: { matchLabels: { app: 'db' } } }] },
          { to: [{ ipBlock: { cidr: '169.254.0.0/16', except: ['169.254.169.254/32'] } }] },
          { to: [{ ipBlock: { cidr: '2001:db8::/32' } }] },
        ],
      },
    },
    found: [],
  },

  // MCP-C01
  {
    reason: 'C01: a tag alone, of the server and beside it',
    spec: {
      source: { image: { ref: 'example.com/server:1.0.0' } },
      ...beside({ image: 'example.com/proxy' }, 'initContainers'),
    },
    found: [
      `MCP-C01 ${POD}.initContainers[name=proxy].image = example.com/proxy`,
      'MCP-C01 spec.source.image.ref = example.com/server:1.0.0',
    ],
  },
  {
    reason: 'C01: a tag and a digest',
    spec: { source: { image: { ref: `example.com/server:1.0.0@${DIGEST}` } } },
    found: [],
  },

  // MCP-C04: every form has a row of its own in supply/run-time-fetch.test.ts.
  {
    reason: 'C04: a program that is fetched',
    spec: { command: ['npx', '-y', 'server'] },
    found: ['MCP-C04 spec.command[0] = npx server'],
  },
  { reason: 'C04: an exact version', spec: { command: ['npx', '-y', 'server@1.0.0'] }, found: [] },

  // MCP-C05: every form has a row of its own in secrets/.
  {
    reason: 'C05: a password',
    spec: { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] },
    found: ['MCP-C05 spec.env[name=DB_PASSWORD].value = literal under the name of a secret'],
  },
  {
    reason: 'C05: a password in a Secret',
    spec: { env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
    found: [],
  },
];

const NAMESPACES: readonly (readonly [
  reason: string,
  namespace: NamespaceFacts,
  found: readonly string[],
])[] = [
  ['restricted', RESTRICTED, []],
  ['without a label', { name: 'team-a', labels: {} }, [`${ENFORCE}: unset`]],
  ['baseline', { name: 'team-a', labels: { [ENFORCE]: 'baseline' } }, [`${ENFORCE}: baseline`]],
  ['default', { name: 'default', labels: RESTRICTED.labels }, ['default']],
];

describe('the catalogue', () => {
  it('has its checks in order, each with a name of its own, a title and references', () => {
    const ids = CHECK_RULES.map(({ id }) => id).join(' ');
    expect(ids).toBe(
      'MCP-C01 MCP-C04 MCP-C05 ' +
        'MCP-W01 MCP-W02 MCP-W03 MCP-W04 MCP-W05 MCP-W06 MCP-W07 MCP-W08 MCP-W09 MCP-W10',
    );
    for (const { title, references } of CHECK_RULES) {
      expect(title).not.toBe('');
      expect(references).not.toEqual([]);
    }
  });

  it('accepts a server that is hardened', () => {
    expect(read(subject(hardened()))).toEqual([]);
  });

  it('asks of a server with nothing but an image what the operator cannot know', () => {
    expect(read(subject(aServer(), { name: 'team-a', labels: {} }))).toEqual([
      'MCP-C01 spec.source.image.ref = example.com/server:1.0.0',
      'MCP-W07 spec.resources.limits.ephemeral-storage = unset',
      `MCP-W10 metadata.namespace = ${ENFORCE}: unset`,
    ]);
  });

  it('asks nothing about pods of a server that has none', () => {
    expect(read(subject(aRemoteServer(), { name: 'default', labels: {} }))).toEqual([]);
  });

  it.each(CASES)('$reason', ({ spec, found }) => {
    expect(read(subject(hardened(spec)))).toEqual(found);
  });

  it.each(NAMESPACES)('W10: a namespace that is %s', (_reason, namespace, found) => {
    expect(read(subject(hardened(), namespace))).toEqual(
      found.map((value) => `MCP-W10 metadata.namespace = ${value}`),
    );
  });

  it('W09 and W10: what another rendering might leave open', () => {
    const { workload, ...rest } = subject(hardened());
    if (workload === undefined) throw new Error('nothing was rendered');
    const { networkPolicy, service } = structuredClone(workload);
    Object.assign(networkPolicy.spec, { policyTypes: ['Ingress'] });
    Object.assign(service.spec, { type: 'LoadBalancer' });
    const open: Subject = { ...rest, workload: { ...workload, networkPolicy, service } };
    expect(read(open)).toEqual([
      'MCP-W09 spec.network = no Egress',
      'MCP-W10 spec.transport.port = LoadBalancer',
    ]);
  });

  it('has a case that breaks each check', () => {
    const broken = new Set(
      [...CASES.flatMap(({ found }) => found), 'MCP-W10 (namespaces)'].map((text) => text.slice(0, 7)),
    );
    expect([...broken].toSorted()).toEqual(CHECK_RULES.map(({ id }) => id));
  });

  it('says what is wrong and what would be right, in sentences', () => {
    const findings = CASES.flatMap(({ spec }) => evaluateChecks(subject(hardened(spec))));
    for (const { message, fix } of findings) {
      expect(message).toMatch(/^[A-Z].*\.$/);
      expect(fix).toMatch(/^[A-Z].*\.$/);
    }
  });
});
