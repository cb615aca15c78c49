/**
 * The ValidatingAdmissionPolicy of the chart, on a real API server, with impersonated people: whoever writes an MCPServer needs
 * the rights that the operator would use for it. Accepted and refused for every slot; an accepted full list also proves that
 * the policy stays within the server's cost limits.
 */
import {
  CustomObjectsApi,
  RbacAuthorizationV1Api,
  type RbacV1Subject,
  type V1PolicyRule,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mcpServerResource } from '../../api/index.ts';
import { installPolicies, type TestPolicies } from '../harness/admission-policies.ts';
import { loadKubeConfig, loadKubeConfigAs } from '../harness/kubeconfig.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { waitFor } from '../harness/wait.ts';

const kubeconfigPath = inject('kubeconfigPath');
const { group, version, plural } = mcpServerResource;
const SLOTS = [0, 1, 2, 3, 4, 5, 6, 7];
const WRITE: V1PolicyRule = { apiGroups: [group], resources: [plural], verbs: ['create', 'get', 'patch'] };
const PODS: V1PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['create'] };
const SECRET: V1PolicyRule = {
  apiGroups: [''],
  resources: ['secrets'],
  resourceNames: ['mine'],
  verbs: ['get'],
};
const SCALE: V1PolicyRule = { apiGroups: [group], resources: [`${plural}/scale`], verbs: ['get', 'patch'] };

/** As the chart names it. It holds no right over pods and Secrets. */
const EXECUTOR = 'system:serviceaccount:mcp-system:mcp-operator-executor';

/** Who takes part, by name, and the Role each is bound to. */
const PEOPLE = {
  writer: [WRITE],
  podmaker: [WRITE, PODS],
  reader: [WRITE, SECRET],
  owner: [WRITE, PODS, SECRET],
  scaler: [SCALE],
  [EXECUTOR]: [WRITE],
} as const;
type Person = keyof typeof PEOPLE;

const IMAGE = { source: { image: { ref: 'example.com/server:1' } } };
const REMOTE = { source: { remote: { url: 'https://mcp.example.com/mcp' } } };
const remoteWith = (headersFrom: object[]): object => ({
  source: { remote: { ...REMOTE.source.remote, headersFrom } },
});
const imageWith = (headersFrom: object[]): object => ({ ...IMAGE, probe: { headersFrom } });
const caBundle = (name: string): object => ({
  transport: { tls: { caBundle: { secretKeyRef: { name, key: 'ca.crt' } } } },
});

/** Eight headers; the one in `foreign` comes from a Secret that nobody here may read. */
function headers(foreign?: number): object[] {
  return SLOTS.map((slot) => ({
    name: `X-Header-${slot}`,
    secretKeyRef: { name: slot === foreign ? 'not-mine' : 'mine', key: 'token' },
  }));
}

let namespace: TestNamespace;
let policies: TestPolicies;

beforeAll(async () => {
  namespace = await createNamespace(kubeconfigPath, 'authority');
  await Promise.all(Object.entries(PEOPLE).map(([person, rules]) => grant(person, [...rules])));
  policies = await installPolicies(kubeconfigPath, 'creator-authority', namespace.name);
  await waitFor(async () => (await refusal('writer', IMAGE)) !== undefined, {
    description: 'the policy to work',
  });
});

afterAll(async () => {
  await policies.remove();
  await namespace.remove();
});

async function grant(person: string, rules: V1PolicyRule[]): Promise<void> {
  const rbac = loadKubeConfig(kubeconfigPath).makeApiClient(RbacAuthorizationV1Api);
  const subject: RbacV1Subject = { kind: 'User', name: person, apiGroup: 'rbac.authorization.k8s.io' };
  await rbac.createNamespacedRole({ namespace: namespace.name, body: { metadata: { name: person }, rules } });
  await rbac.createNamespacedRoleBinding({
    namespace: namespace.name,
    body: {
      metadata: { name: person },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: person },
      subjects: [subject],
    },
  });
}

const clientOf = (person: Person): CustomObjectsApi =>
  loadKubeConfigAs(kubeconfigPath, person).makeApiClient(CustomObjectsApi);

function server(name: string, spec: object): object {
  return { apiVersion: `${group}/${version}`, kind: 'MCPServer', metadata: { name }, spec };
}

/** What the API server says when `person` creates a server, or undefined when it accepts. Nothing is stored. */
async function refusal(person: Person, spec: object): Promise<string | undefined> {
  return messageOf(
    clientOf(person).createNamespacedCustomObject({
      group,
      version,
      plural,
      namespace: namespace.name,
      body: server('example', spec),
      dryRun: 'All',
    }),
  );
}

async function messageOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

describe('creating a server', () => {
  it.each<[string, Person, object]>([
    ['an image, by somebody who may create pods', 'podmaker', IMAGE],
    ['a remote server without Secrets, by anybody', 'writer', REMOTE],
    [
      'eight headers of a remote server and a CA, by somebody who may get the Secret',
      'reader',
      { ...remoteWith(headers()), ...caBundle('mine') },
    ],
    [
      'eight headers for probes and a CA, by somebody with every right',
      'owner',
      { ...imageWith(headers()), ...caBundle('mine') },
    ],
    [
      'a CA from a ConfigMap, which is no secret',
      'writer',
      { ...REMOTE, transport: { tls: { caBundle: { configMapKeyRef: { name: 'ca', key: 'ca.crt' } } } } },
    ],
    [
      'a Secret that only the kubelet reads: create pods covers it',
      'podmaker',
      { ...IMAGE, envFrom: [{ secretRef: { name: 'not-mine' } }] },
    ],
  ])('accepts %s', async (_reason, person, spec) => {
    expect(await refusal(person, spec)).toBeUndefined();
  });

  it.each<[string, Person, object, string]>([
    ['an image', 'writer', IMAGE, 'spec.source: '],
    ['an image, by the executor', EXECUTOR, IMAGE, 'spec.source: '],
    ['an image, though its Secrets may be read', 'reader', imageWith(headers()), 'spec.source: '],
    [
      'a CA in a Secret',
      'writer',
      { ...REMOTE, ...caBundle('not-mine') },
      'spec.transport.tls.caBundle.secretKeyRef: ',
    ],
    ...SLOTS.map((slot): [string, Person, object, string] => [
      `a remote server whose header ${slot} is in a foreign Secret`,
      'reader',
      remoteWith(headers(slot)),
      `spec.source.remote.headersFrom[${slot}].secretKeyRef: `,
    ]),
    ...SLOTS.map((slot): [string, Person, object, string] => [
      `a probe whose header ${slot} is in a foreign Secret`,
      'owner',
      imageWith(headers(slot)),
      `spec.probe.headersFrom[${slot}].secretKeyRef: `,
    ]),
  ])('refuses %s, naming the field, the person and the remedy', async (_reason, person, spec, field) => {
    const message = await refusal(person, spec);
    expect(message).toContain(field);
    expect(message).toContain(`but ${person} may not`);
    expect(message).toMatch(/ask for th(at|e) right/);
    expect(message).toContain(namespace.name);
  });
});

describe('changing a server', () => {
  const patch = async (person: Person, name: string, body: object): Promise<string | undefined> =>
    kubectl(kubeconfigPath, [
      'patch',
      `${plural}.${group}`,
      name,
      `--namespace=${namespace.name}`,
      `--as=${person}`,
      '--type=merge',
      `--patch=${JSON.stringify(body)}`,
      '--dry-run=server',
    ]).then(
      () => undefined,
      (error: unknown) => String(error),
    );

  beforeAll(async () => {
    const manifest = JSON.stringify(server('existing', imageWith(headers())));
    await kubectl(kubeconfigPath, ['create', `--namespace=${namespace.name}`, '-f', '-'], manifest);
  });

  it('lets anybody with the right to write change labels and annotations', async () => {
    expect(await patch('writer', 'existing', { metadata: { labels: { team: 'a' } } })).toBeUndefined();
  });

  it.each<[string, Person, string]>([
    ['of somebody without pods', 'reader', 'spec.source: '],
    [
      'of somebody without the Secret that is already there',
      'podmaker',
      'spec.probe.headersFrom[0].secretKeyRef: ',
    ],
  ])('refuses any change of the spec %s', async (_reason, person, field) => {
    expect(await patch(person, 'existing', { spec: { replicas: 3 } })).toContain(field);
  });

  it('accepts a change of the spec by somebody with every right', async () => {
    expect(await patch('owner', 'existing', { spec: { replicas: 3 } })).toBeUndefined();
  });

  it.each<[string, object]>([
    ['resources', { resources: { limits: { memory: '1Gi' } } }],
    ['security', { podTemplate: { spec: { securityContext: { runAsNonRoot: true } } } }],
    ['transport', { transport: { type: 'SSE', path: '/sse' } }],
  ])('lets the executor do what was approved: %s', async (_what, spec) => {
    expect(await patch(EXECUTOR, 'existing', { spec })).toBeUndefined();
    expect(await patch('writer', 'existing', { spec })).toContain('spec.source: ');
  });

  it.each<[string, object]>([
    ['what runs', { source: { image: { ref: 'example.com/other:1' } } }],
    ['what it would be read for', { probe: { headersFrom: headers().slice(1) } }],
    [
      'whom to trust',
      { transport: { tls: { caBundle: { secretKeyRef: { name: 'mine', key: 'ca.crt' } } } } },
    ],
    [
      'the environment',
      { env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'mine', key: 'token' } } }] },
    ],
    ['the volumes', { volumes: [{ name: 'mine', secret: { secretName: 'mine' } }] }],
    [
      'what runs beside it',
      { podTemplate: { spec: { containers: [{ name: 'mine', image: 'example.com/mine:1' }] } } },
    ],
    [
      'what runs before it',
      { podTemplate: { spec: { initContainers: [{ name: 'mine', image: 'example.com/mine:1' }] } } },
    ],
  ])('takes the executor for anybody else when it changes %s', async (_what, spec) => {
    expect(await patch(EXECUTOR, 'existing', { spec })).toContain('spec.source: ');
  });

  it('leaves the scale subresource to whoever was given it', async () => {
    const scaled = await kubectl(kubeconfigPath, [
      'patch',
      `${plural}.${group}`,
      'existing',
      `--namespace=${namespace.name}`,
      '--as=scaler',
      '--subresource=scale',
      '--type=merge',
      '--patch={"spec":{"replicas":2}}',
      '--dry-run=server',
    ]);
    expect(scaled).toContain('patched');
  });
});
