/**
 * The second lock over what runs, on a real API server without any webhook: whoever writes a Deployment or a Pod with the operator's label,
 * nothing in it may open the node or the API server; and all that the operator itself renders passes.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { LABELS, mcpServerResource, validateMCPServer } from '../../api/index.ts';
import { DEFAULT_RENDER_SETTINGS, MANAGED_BY, render, type DeploymentManifest } from '../../render/index.ts';
import { installPolicies, type TestPolicies } from '../harness/admission-policies.ts';
import { FULL_IMAGE_SPEC, mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { connectPlainly, type Answer, type ContentType, type PlainClient } from '../harness/plain-client.ts';
import { waitFor } from '../harness/wait.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const OURS = { [LABELS.managedBy]: MANAGED_BY };
const PRIVILEGED = { securityContext: { privileged: true } };

type Fields = Readonly<Record<string, unknown>>;

let namespace: TestNamespace;
let lock: TestPolicies;
let client: PlainClient;

beforeAll(async () => {
  namespace = await createNamespace(inject('kubeconfigPath'), 'children');
  client = await connectPlainly(inject('kubeconfigPath'));
  lock = await installPolicies(inject('kubeconfigPath'), 'second-lock', namespace.name);
  await waitFor(async () => (await refusal(deployment(container(PRIVILEGED)))) !== undefined, {
    description: 'the lock to work',
  });
  await waitFor(async () => (await refusal(pod({}))) === undefined, {
    description: 'the ServiceAccount of the namespace',
  });
});

afterAll(async () => {
  await lock.remove();
  await client.close();
  await namespace.remove();
});

/** The least of a pod that the lock lets through, with fields over it. */
const podSpec = (fields: Fields): Fields => ({
  automountServiceAccountToken: false,
  containers: [{ name: 'server', image: 'example.com/server:1' }],
  ...fields,
});
const container = (fields: Fields): Fields => ({
  containers: [{ name: 'server', image: 'example.com/server:1', ...fields }],
});
const volume = (source: Fields): Fields => ({ volumes: [{ name: 'v', ...source }] });
const token = (fields: Fields): Fields =>
  volume({ projected: { sources: [{ serviceAccountToken: { path: 'token', ...fields } }] } });

function pod(fields: Fields, labels: Fields = OURS, name = 'sample'): Fields {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: podSpec(fields) };
}

function deployment(fields: Fields, labels: Fields = OURS, name = 'sample'): Fields {
  const template = { metadata: { labels: { app: name, ...labels } }, spec: podSpec(fields) };
  const spec = { selector: { matchLabels: { app: name } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec };
}

const PATHS: Readonly<Record<string, string>> = {
  Pod: '/api/v1/namespaces/NAMESPACE/pods',
  Deployment: '/apis/apps/v1/namespaces/NAMESPACE/deployments',
  Service: '/api/v1/namespaces/NAMESPACE/services',
  ServiceAccount: '/api/v1/namespaces/NAMESPACE/serviceaccounts',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/NAMESPACE/networkpolicies',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/NAMESPACE/poddisruptionbudgets',
};

function pathOf(kind: unknown): string {
  return (PATHS[String(kind)] ?? '').replace('NAMESPACE', namespace.name);
}

/** What the API server says to the creation of an object; undefined when it would accept. */
async function refusal(object: Fields): Promise<string | undefined> {
  return messageOf(await client.request('POST', `${pathOf(object['kind'])}?dryRun=All`, object));
}

async function refusalOfPatch(
  path: string,
  patch: Fields,
  type: ContentType = 'application/merge-patch+json',
): Promise<string | undefined> {
  return messageOf(await client.request('PATCH', `${path}?dryRun=All`, patch, type));
}

function messageOf({ code, body }: Answer): string | undefined {
  return code < 300 ? undefined : String(Object(body).message);
}

/** Reason, the pod, and the field that is named, below the spec of the pod. */
const OPENINGS: readonly [string, Fields, string][] = [
  ['the network of the node', { hostNetwork: true }, 'hostNetwork'],
  ['the processes of the node', { hostPID: true }, 'hostPID'],
  ['the IPC of the node', { hostIPC: true }, 'hostIPC'],
  ['a directory of the node', volume({ hostPath: { path: '/' } }), 'volumes[name=v].hostPath'],
  ['a privileged container', container(PRIVILEGED), 'containers[name=server].securityContext.privileged'],
  [
    'a privileged init container',
    { initContainers: [{ name: 'before', image: 'x', ...PRIVILEGED }] },
    'initContainers[name=before].securityContext.privileged',
  ],
  [
    'a capability beyond "baseline"',
    container({ securityContext: { capabilities: { add: ['CHOWN', 'SYS_ADMIN'] } } }),
    'containers[name=server].securityContext.capabilities.add',
  ],
  [
    'all capabilities',
    container({ securityContext: { capabilities: { add: ['ALL'] } } }),
    'containers[name=server].securityContext.capabilities.add',
  ],
  [
    'a port of the node',
    container({ ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }] }),
    'containers[name=server].ports[].hostPort',
  ],
  [
    'an unmasked /proc',
    { hostUsers: false, ...container({ securityContext: { procMount: 'Unmasked' } }) },
    'containers[name=server].securityContext.procMount',
  ],
  [
    'every system call',
    container({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
    'containers[name=server].securityContext.seccompProfile',
  ],
  [
    'every system call for the pod',
    { securityContext: { seccompProfile: { type: 'Unconfined' } } },
    'securityContext.seccompProfile',
  ],
  [
    'no AppArmor',
    container({ securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
    'containers[name=server].securityContext.appArmorProfile',
  ],
  [
    'no AppArmor for the pod',
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    'securityContext.appArmorProfile',
  ],
  [
    'a process of a Windows node',
    {
      hostNetwork: true,
      os: { name: 'windows' },
      securityContext: { windowsOptions: { hostProcess: true } },
    },
    'securityContext.windowsOptions.hostProcess',
  ],
  ['a token of its account', { automountServiceAccountToken: true }, 'automountServiceAccountToken'],
  ['a token by default', { automountServiceAccountToken: null }, 'automountServiceAccountToken'],
  ['a projected token', token({}), 'volumes[name=v].projected'],
];

/** What only a Deployment may not have: administrators have it added to pods. */
const ADDED_TO_PODS: readonly [string, Fields, string][] = [
  [
    'the capability of a mesh',
    {
      initContainers: [
        { name: 'mesh', image: 'x', securityContext: { capabilities: { add: ['NET_ADMIN'] } } },
      ],
    },
    'initContainers[name=mesh].securityContext.capabilities.add',
  ],
  ['a token for somebody else', token({ audience: 'sts.example.com' }), 'volumes[name=v].projected'],
];

const HARMLESS: readonly [string, Fields][] = [
  ['the least', {}],
  [
    'a capability of "baseline"',
    container({ securityContext: { capabilities: { add: ['CHOWN'], drop: ['ALL'] } } }),
  ],
  [
    'what an MCPServer may ask for',
    container({ securityContext: { allowPrivilegeEscalation: true, runAsUser: 0 } }),
  ],
  [
    'other projections',
    volume({ projected: { sources: [{ downwardAPI: {} }, { configMap: { name: 'c' } }] } }),
  ],
];

describe('with the label of the operator', () => {
  it.each([...OPENINGS, ...ADDED_TO_PODS])('a Deployment may not have %s', async (_reason, fields, field) => {
    expect(await refusal(deployment(fields))).toContain(`denied request: spec.template.spec.${field} `);
  });

  it.each(OPENINGS)('a Pod may not have %s', async (_reason, fields, field) => {
    expect(await refusal(pod(fields))).toContain(`denied request: spec.${field} `);
  });

  it.each(ADDED_TO_PODS)('a Pod may have %s', async (_reason, fields) => {
    expect(await refusal(pod(fields))).toBeUndefined();
  });

  it.each(HARMLESS)('both may have %s', async (_reason, fields) => {
    expect(await refusal(deployment(fields))).toBeUndefined();
    expect(await refusal(pod(fields))).toBeUndefined();
  });

  it('says what to do', async () => {
    expect(await refusal(pod({ hostPID: true }))).toContain(
      'spec.hostPID opens the node to an MCP server: remove it',
    );
    expect(await refusal(pod(token({})))).toContain('set automountServiceAccountToken to false');
  });

  it('refuses a privileged ephemeral container, and no other', async () => {
    await client.demand('POST', pathOf('Pod'), pod({}, OURS, 'debugged'));
    const debug = (fields: Fields): Promise<string | undefined> =>
      refusalOfPatch(
        `${pathOf('Pod')}/debugged/ephemeralcontainers`,
        { spec: { ephemeralContainers: [{ name: 'debug', image: 'x', ...fields }] } },
        'application/merge-patch+json',
      );
    expect(await debug({})).toBeUndefined();
    expect(await debug(PRIVILEGED)).toContain(
      'denied request: spec.ephemeralContainers[name=debug].securityContext.privileged ',
    );
  });
});

describe('without it', () => {
  it.each([
    ['no label', {}],
    ['the label of another manager', { [LABELS.managedBy]: 'somebody-else' }],
  ])('anything is left to others: %s', async (_reason, labels) => {
    const open = { hostNetwork: true, ...container(PRIVILEGED) };
    expect(await refusal(deployment(open, labels))).toBeUndefined();
    expect(await refusal(pod(open, labels))).toBeUndefined();
  });
});

describe('a change of a Deployment', () => {
  const path = (): string => `${pathOf('Deployment')}/open`;

  /** Opened before anybody looked: without the label, which it gets with the first patch. */
  beforeAll(async () => {
    await client.demand('POST', pathOf('Deployment'), deployment({ hostPID: true }, {}, 'open'));
  });

  it('passes when it opens nothing more', async () => {
    expect(
      await refusalOfPatch(path(), { metadata: { labels: OURS }, spec: { replicas: 2 } }),
    ).toBeUndefined();
    const closed = { metadata: { labels: OURS }, spec: { template: { spec: { hostPID: false } } } };
    expect(await refusalOfPatch(path(), closed)).toBeUndefined();
  });

  it('is refused when it does', async () => {
    const more = { metadata: { labels: OURS }, spec: { template: { spec: { hostIPC: true } } } };
    expect(await refusalOfPatch(path(), more)).toContain('denied request: spec.template.spec.hostIPC ');
  });
});

describe('what the operator renders', () => {
  it.each([...examples(), ['every field', mcpServerManifest(FULL_IMAGE_SPEC)] as const])(
    'passes, and so do its pods: %s',
    async (_name, manifest) => {
      const { metadata, ...rest } = Object(manifest);
      const verdict = validateMCPServer({ ...rest, metadata: { ...metadata, namespace: namespace.name } });
      if (!verdict.valid) throw new Error(JSON.stringify(verdict.errors));
      const { server } = verdict;
      const workload = render(server, DEFAULT_RENDER_SETTINGS);
      expect(workload === undefined).toBe(server.spec.source.image === undefined);
      if (workload === undefined) return;
      for (const child of [...Object.values(workload), podOf(workload.deployment)])
        expect(await refusal({ ...child })).toBeUndefined();
    },
  );

  it('is what the examples ask for, which are accepted themselves', async () => {
    const path = `${mcpServersPath(namespace.name)}?dryRun=All`;
    for (const [, manifest] of examples())
      expect(messageOf(await client.request('POST', path, manifest))).toBeUndefined();
  });
});

/** The pod of a Deployment, without what it needs others in the cluster for. */
function podOf({ spec: { template } }: DeploymentManifest): Fields {
  const labels = template.metadata?.labels ?? {};
  expect(labels).toMatchObject(OURS);
  const {
    serviceAccountName: _account,
    priorityClassName: _priority,
    runtimeClassName: _runtime,
    ...spec
  } = template.spec ?? {};
  return { ...pod({}, labels), spec };
}

/** Every MCPServer of `examples/`, with the name of its file. */
function examples(): (readonly [string, object])[] {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(new URL(file, EXAMPLES), 'utf8'))
      .map((document): unknown => document.toJS())
      .filter((object) => Object(object).kind === mcpServerResource.kind)
      .map((server) => [`${file}, ${Object(server).metadata.name}`, Object(server)] as const),
  );
}
