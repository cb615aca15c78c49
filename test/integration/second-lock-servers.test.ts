/**
 * The second lock over MCPServers, on a real API server without any webhook: what an enforced MCPSecurityPolicy asks for is asked all the
 * same, and nothing else is.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { GROUP, VERSION, securityPolicyResource } from '../../api/index.ts';
import { SERVER_RULES } from '../../hack/generate/chart/second-lock/server-lock.ts';
import { installPolicies, type TestPolicies } from '../harness/admission-policies.ts';
import { mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { connectPlainly, type Answer, type PlainClient } from '../harness/plain-client.ts';
import { kubectl } from '../harness/kubectl.ts';
import { waitFor } from '../harness/wait.ts';

const kubeconfigPath = inject('kubeconfigPath');
const POLICIES = `/apis/${GROUP}/${VERSION}/${securityPolicyResource.plural}`;
const DIGEST = `@sha256:${'a'.repeat(64)}`;
const REF = `registry.example.com/team/server${DIGEST}`;

/** Every rule that the lock knows. */
const STRICT = {
  images: {
    allowed: ['registry.example.com/team/*', 'ghcr.io/**/mcp', 'redis', '*.corp.example:5000/**'],
    requireDigest: true,
  },
  remotes: { hosts: ['mcp.example.com', '*.partner.example'], requireTLS: true },
  transports: ['StreamableHTTP'],
  podSecurity: 'restricted',
  runtimeClasses: ['gvisor'],
  serviceAccounts: ['builder'],
  volumes: ['configMap', 'emptyDir'],
  maxReplicas: 3,
  network: {
    denyEgressToAnywhere: true,
    denyCIDRs: ['169.254.169.254/32', '10.0.0.0/8', 'fd00:ec2::254/128'],
  },
  secrets: { denyLiterals: true },
  labels: { required: ['owner'] },
};

type Fields = Readonly<Record<string, unknown>>;

/** A server that breaks none of them, with fields over it. */
const podSpec = (fields: Fields): Fields => ({
  podTemplate: { spec: { runtimeClassName: 'gvisor', ...fields } },
});
const pods = (fields: Fields = {}): Fields => ({
  source: { image: { ref: REF } },
  ...podSpec({}),
  ...fields,
});
const image = (ref: string): Fields => pods({ source: { image: { ref } } });
const remote = (url: string): Fields => ({ source: { remote: { url } } });
const beside = (fields: Fields): Fields =>
  pods(podSpec({ containers: [{ name: 'beside', image: REF, ...fields }] }));
const before = (fields: Fields): Fields =>
  pods(podSpec({ initContainers: [{ name: 'before', image: REF, ...fields }] }));
const own = (securityContext: Fields): Fields =>
  pods(podSpec({ containers: [{ name: 'server', securityContext }] }));
const egress = (...to: Fields[]): Fields => pods({ network: { egress: [{ to }] } });
const range = (cidr: string, ...except: string[]): Fields => ({
  ipBlock: { cidr, ...(except.length > 0 && { except }) },
});
const env = (name: string, more: Fields = { value: 'v4lue' }): Fields => ({ env: [{ name, ...more }] });

let namespace: TestNamespace;
let lock: TestPolicies;
let client: PlainClient;

beforeAll(async () => {
  namespace = await createNamespace(kubeconfigPath, 'second-lock', { team: 'a', stage: 'production' });
  client = await connectPlainly(kubeconfigPath);
  lock = await installPolicies(kubeconfigPath, 'second-lock', namespace.name);
  await write('strict', STRICT);
  await waitFor(async () => (await refusal(pods({ replicas: 4 }))) !== undefined, {
    description: 'the lock to work',
  });
});

afterAll(async () => {
  for (const name of policyNames) await client.request('DELETE', `${POLICIES}/${name}`);
  await lock.remove();
  await client.close();
  await namespace.remove();
});

const policyNames = new Set<string>();

/** Creates or replaces a policy, by default one that enforces and selects the test's namespace. */
async function write(word: string, spec: Fields): Promise<void> {
  const name = `${word}-${namespace.name}`;
  policyNames.add(name);
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace.name } };
  const object = {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: securityPolicyResource.kind,
    metadata: { name },
    spec: { namespaceSelector, ...spec },
  };
  const query = 'fieldManager=test&force=true';
  await client.demand('PATCH', `${POLICIES}/${name}?${query}`, object, 'application/apply-patch+yaml');
}

const path = (name = ''): string => `${mcpServersPath(namespace.name)}${name === '' ? '' : `/${name}`}`;
const LABELS = { owner: 'team-a' };

/** What the API server says to the creation of a server; undefined when it would accept. */
async function refusal(spec: Fields, labels: Fields = LABELS): Promise<string | undefined> {
  const object = mcpServerManifest(spec, { name: 'sample', labels });
  return messageOf(await client.request('POST', `${path()}?dryRun=All&fieldValidation=Strict`, object));
}

/** The same of a change. */
async function refusalOfChange(name: string, patch: Fields, subresource = ''): Promise<string | undefined> {
  const target = `${path(name)}${subresource}?dryRun=All`;
  return messageOf(await client.request('PATCH', target, patch, 'application/merge-patch+json'));
}

function messageOf({ code, body }: Answer): string | undefined {
  return code < 300 ? undefined : String(Object(body).message);
}

describe('creating a server', () => {
  it.each<[string, Fields]>([
    ['the least', pods()],
    ['an image by a pattern with any number of segments', image(`ghcr.io/a/b/mcp${DIGEST}`)],
    ['the same with none', image(`ghcr.io/mcp${DIGEST}`)],
    ['an official image of Docker Hub in full', image(`docker.io/library/redis:7${DIGEST}`)],
    ['the same in short', image(`redis${DIGEST}`)],
    ['the same under the old name', image(`index.docker.io/library/redis${DIGEST}`)],
    ['a registry by a pattern, with a port', image(`eu.corp.example:5000/a/b:1${DIGEST}`)],
    ['a tag besides the digest', image(`registry.example.com/team/server:1.2${DIGEST}`)],
    ['a host that is named', remote('https://MCP.example.com/mcp')],
    ['a host below one that is named', remote('https://a.b.partner.example:8443/x?y=z')],
    ['the account that is named', pods(podSpec({ serviceAccountName: 'builder' }))],
    ['a volume of a kind that is allowed', pods({ volumes: [{ name: 'v', emptyDir: {} }] })],
    ['as many replicas as allowed', pods({ replicas: 3 })],
    ['no replicas', pods({ replicas: 0 })],
    ['a range without denied addresses', egress(range('192.0.2.0/24'))],
    ['a range without them by exception', egress(range('169.0.0.0/8', '169.254.0.0/16'))],
    [
      'a range whose exceptions cover them together',
      egress(range('8.0.0.0/6', '10.0.0.0/9', '10.128.0.0/9')),
    ],
    ['pods by label', egress({ podSelector: {} }, { namespaceSelector: {} })],
    [
      'a secret from a Secret',
      pods(env('API_KEY', { valueFrom: { secretKeyRef: { name: 's', key: 'k' } } })),
    ],
    ['an empty variable', pods(env('API_KEY', { value: '' }))],
    ['a variable that only sounds like a secret', pods(env('MONKEY'))],
    ['a variable about tokens', pods(env('TOKENIZER_PATH'))],
    ['a sidecar that keeps to it all', beside({ ...env('LEVEL'), securityContext: { runAsUser: 1000 } })],
    ['the one capability that "restricted" has', own({ capabilities: { add: ['NET_BIND_SERVICE'] } })],
    [
      'a pod that leaves it to all of its containers not to be root',
      pods(
        podSpec({
          securityContext: { runAsNonRoot: false },
          containers: [
            { name: 'server', securityContext: { runAsNonRoot: true } },
            { name: 'beside', image: REF, securityContext: { runAsNonRoot: true } },
          ],
        }),
      ),
    ],
  ])('accepts %s', async (_reason, spec) => {
    expect(await refusal(spec)).toBeUndefined();
  });

  it.each(REFUSED())('refuses %s', async (_reason, spec, field, rule) => {
    const message = await refusal(spec);
    expect(message).toContain(`denied request: ${field}`);
    expect(message).toContain(`(MCPSecurityPolicy strict-${namespace.name}, ${rule})`);
    expect(message).not.toContain('v4lue');
  });

  it('refuses one without a label that is required, or with an empty one', async () => {
    const expected = expect.stringContaining('metadata.labels: owner is missing: add the label with a value');
    expect(await refusal(pods(), {})).toEqual(expected);
    expect(await refusal(pods(), { owner: '' })).toEqual(expected);
  });

  it('has a case above for every rule', () => {
    const tested = new Set([...REFUSED().map(([, , , rule]) => rule), 'labels.required']);
    expect([...tested].toSorted()).toEqual(SERVER_RULES.map(({ id }) => id).toSorted());
  });
});

/** Reason, spec, the field that the message begins with, the rule that it names. */
function REFUSED(): [string, Fields, string, string][] {
  const container = 'spec.podTemplate.spec.containers[name=beside]';
  const initContainer = 'spec.podTemplate.spec.initContainers[name=before]';
  const server = 'spec.podTemplate.spec.containers[name=server]';
  return [
    [
      'a tag',
      image('registry.example.com/team/server:1'),
      'spec.source.image.ref: reg',
      'images.requireDigest',
    ],
    ['a tag beside it', beside({ image: 'redis:7' }), `${container}.image: redis:7`, 'images.requireDigest'],
    ['a tag before it', before({ image: 'redis' }), `${initContainer}.image: redis`, 'images.requireDigest'],
    [
      'an image of elsewhere',
      image(`evil.example/x${DIGEST}`),
      'spec.source.image.ref: evil',
      'images.allowed',
    ],
    [
      'one segment too many',
      image(`registry.example.com/team/a/b${DIGEST}`),
      'spec.source.im',
      'images.allowed',
    ],
    [
      'a lookalike of a registry',
      image(`registryXexample.com/team/a${DIGEST}`),
      'spec.source.im',
      'images.allowed',
    ],
    [
      'a user of Docker Hub',
      image(`someone/redis${DIGEST}`),
      'spec.source.image.ref: some',
      'images.allowed',
    ],
    [
      'an image beside it',
      beside({ image: `evil/x${DIGEST}` }),
      `${container}.image: evil`,
      'images.allowed',
    ],
    [
      'plain text',
      remote('http://mcp.example.com/?key=v4lue'),
      'spec.source.remote.url: http ',
      'remotes.requireTLS',
    ],
    [
      'another host',
      remote('https://evil.example/?k=v4lue'),
      'spec.source.remote.url: evil.ex',
      'remotes.hosts',
    ],
    [
      'the parent of a pattern',
      remote('https://partner.example/'),
      'spec.source.remote.url: p',
      'remotes.hosts',
    ],
    ['a transport', pods({ transport: { type: 'SSE' } }), 'spec.transport.type: SSE', 'transports'],
    [
      'a user id of root',
      pods(podSpec({ securityContext: { runAsUser: 0 } })),
      'spec.podTemplate.spec.securityContext.runAsUser',
      'podSecurity',
    ],
    [
      'a pod that may be root',
      pods(podSpec({ securityContext: { runAsNonRoot: false } })),
      'spec.podTemplate.spec.securityContext.runAsNonRoot',
      'podSecurity',
    ],
    [
      'escalation',
      own({ allowPrivilegeEscalation: true }),
      `${server}.securityContext.allowPrivilegeEscalation`,
      'podSecurity',
    ],
    [
      'root beside it',
      beside({ securityContext: { runAsUser: 0 } }),
      `${container}.securityContext.runAsUser`,
      'podSecurity',
    ],
    [
      'root before it',
      before({ securityContext: { runAsNonRoot: false } }),
      `${initContainer}.securityContext.runAsNonRoot`,
      'podSecurity',
    ],
    [
      'a capability',
      own({ capabilities: { add: ['CHOWN'] } }),
      `${server}.securityContext.capabilities.add`,
      'podSecurity',
    ],
    [
      'capabilities kept',
      own({ capabilities: { drop: ['KILL'] } }),
      `${server}.securityContext.capabilities.drop`,
      'podSecurity',
    ],
    [
      'no RuntimeClass',
      { source: { image: { ref: REF } } },
      'spec.podTemplate.spec.runtimeClassName:  is',
      'runtimeClasses',
    ],
    [
      'another RuntimeClass',
      pods(podSpec({ runtimeClassName: 'runc' })),
      'spec.podTemplate.spec.runtimeClassName: runc',
      'runtimeClasses',
    ],
    [
      'another account',
      pods(podSpec({ serviceAccountName: 'default' })),
      'spec.podTemplate.spec.serviceAccountName: default',
      'serviceAccounts',
    ],
    [
      'a volume',
      pods({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }),
      'spec.volumes[name=v]: persistentVolumeClaim',
      'volumes',
    ],
    ['replicas', pods({ replicas: 4 }), 'spec.replicas: 4', 'maxReplicas'],
    [
      'every address',
      egress(range('0.0.0.0/0', '10.0.0.0/8', '169.254.169.254/32')),
      'spec.network.egress[0].to[0].ipBlock.cidr: 0.0.0.0/0',
      'network.denyEgressToAnywhere',
    ],
    [
      'a rule without addresses',
      pods({ network: { egress: [{ to: [{ podSelector: {} }] }, {}] } }),
      'spec.network.egress[1].to opens',
      'network.denyCIDRs',
    ],
    [
      'the metadata service',
      egress({ podSelector: {} }, range('169.254.169.254/32')),
      'spec.network.egress[0].to[1].ipBlock.cidr: 169',
      'network.denyCIDRs',
    ],
    [
      'the metadata service in a range',
      egress(range('169.254.0.0/16', '169.254.1.0/24')),
      'spec.network.egress[0].to[0]',
      'network.denyCIDRs',
    ],
    [
      'the metadata service of IPv6',
      egress(range('fd00::/8')),
      'spec.network.egress[0].to[0].ipBlock.cidr: fd00',
      'network.denyCIDRs',
    ],
    [
      'a part of a denied range',
      egress(range('10.1.0.0/16')),
      'spec.network.egress[0].to[0].ipBlock.cidr: 10.1',
      'network.denyCIDRs',
    ],
    [
      'a range that can be read in two ways',
      egress(range('0169.254.169.254/32')),
      'spec.network.egress[0].to[0]',
      'network.denyCIDRs',
    ],
    ['a literal', pods(env('GITHUB_TOKEN')), 'spec.env[name=GITHUB_TOKEN].value', 'secrets.denyLiterals'],
    [
      'a literal in lower case',
      pods(env('db-password')),
      'spec.env[name=db-password].value',
      'secrets.denyLiterals',
    ],
    [
      'a literal beside it',
      beside(env('API_KEY')),
      `${container}.env[name=API_KEY].value`,
      'secrets.denyLiterals',
    ],
    [
      'a literal before it',
      before(env('SECRET')),
      `${initContainer}.env[name=SECRET].value`,
      'secrets.denyLiterals',
    ],
  ];
}

describe('changing a server that breaks policies which came later', () => {
  const VIOLATING = pods({
    source: { image: { ref: 'elsewhere.example/x:1' } },
    ...podSpec({
      runtimeClassName: 'runc',
      containers: [{ name: 'beside', image: 'elsewhere.example/y:1', ...env('API_KEY') }],
    }),
    replicas: 9,
    network: { egress: [{ to: [range('10.0.0.0/8')] }] },
    volumes: [{ name: 'v', secret: { secretName: 's' } }],
  });

  beforeAll(async () => {
    await write('strict', { ...STRICT, enforcement: 'Audit' });
    const object = mcpServerManifest(VIOLATING, { name: 'old' });
    await waitFor(async () => (await client.request('POST', path(), object)).code === 201, {
      description: 'the policy to let go',
    });
    await write('strict', STRICT);
    await waitFor(async () => (await refusal(pods({ replicas: 4 }))) !== undefined, {
      description: 'the policy to bite again',
    });
  });

  it.each<[string, Fields]>([
    ['a field that no rule is about', { spec: { args: ['--verbose'] } }],
    ['a label', { metadata: { labels: { team: 'a' } } }],
    ['one thing put right', { spec: { replicas: 3 } }],
    [
      'everything of a list put right but one thing',
      { spec: { network: { egress: [{ to: [range('10.0.0.0/8'), range('192.0.2.1/32')] }] } } },
    ],
    ['a finalizer', { metadata: { finalizers: ['example.com/test'] } }],
  ])('accepts %s', async (_reason, patch) => {
    expect(await refusalOfChange('old', patch)).toBeUndefined();
  });

  it.each<[string, Fields, string]>([
    ['another value that breaks the same rule', { spec: { replicas: 10 } }, 'spec.replicas: 10'],
    [
      'another image',
      { spec: { source: { image: { ref: 'elsewhere.example/x:2' } } } },
      'spec.source.image.ref: elsewhere.example/x:2',
    ],
    ['one more literal', { spec: env('OTHER_TOKEN') }, 'spec.env[name=OTHER_TOKEN]'],
    [
      'one more range',
      { spec: { network: { egress: [{ to: [range('10.0.0.0/8'), range('169.254.0.0/16')] }] } } },
      'spec.network.egress[0].to[1].ipBlock.cidr: 169',
    ],
    [
      'one more volume',
      {
        spec: {
          volumes: [
            { name: 'v', secret: { secretName: 's' } },
            { name: 'w', secret: { secretName: 's' } },
          ],
        },
      },
      'spec.volumes[name=w]: secret',
    ],
  ])('refuses %s', async (_reason, patch, field) => {
    expect(await refusalOfChange('old', patch)).toContain(`denied request: ${field}`);
  });

  it('lets go of a server that is being deleted', async () => {
    const change = (patch: Fields): Promise<Answer> =>
      client.request('PATCH', path('old'), patch, 'application/merge-patch+json');
    await change({ metadata: { finalizers: ['example.com/test'] } });
    await client.demand('DELETE', path('old'));
    expect(messageOf(await change({ spec: { replicas: 20 }, metadata: { finalizers: [] } }))).toBeUndefined();
    expect((await client.request('GET', path('old'))).code).toBe(404);
  });
});

describe('the scale subresource', () => {
  beforeAll(async () => {
    await client.demand('POST', path(), mcpServerManifest(pods(), { name: 'scaled', labels: LABELS }));
  });

  it('has the same limit', async () => {
    expect(await refusalOfChange('scaled', { spec: { replicas: 3 } }, '/scale')).toBeUndefined();
    expect(await refusalOfChange('scaled', { spec: { replicas: 0 } }, '/scale')).toBeUndefined();
    expect(await refusalOfChange('scaled', { spec: { replicas: 4 } }, '/scale')).toContain(
      `spec.replicas: 4 is more than the policy allows: ask for fewer (MCPSecurityPolicy strict-${namespace.name}, maxReplicas)`,
    );
  });
});

describe('which policies are asked', () => {
  const requirement = (key: string, operator: string, values?: string[]): Fields => ({
    matchExpressions: [{ key, operator, ...(values && { values }) }],
  });

  /**
   * A second policy with `spec`, and what the API server says to a server that breaks it alone. It is heeded when what was written after it
   * is: policies come to the API server's admission in the order of their changes.
   */
  async function refusalUnder(spec: Fields): Promise<string | undefined> {
    await write('tested', { transports: [], ...spec });
    round += 1;
    await write('strict', { maxReplicas: round });
    await waitFor(async () => (await refusal(pods({ replicas: round + 1 })))?.includes('strict-'), {
      description: 'the policy to be heeded',
    });
    return refusal(pods({ replicas: round }));
  }
  let round = 0;

  afterAll(async () => {
    await client.request('DELETE', `${POLICIES}/tested-${namespace.name}`);
  });

  it.each<[string, Fields]>([
    ['that select everything', {}],
    ['by a label', { matchLabels: { team: 'a' } }],
    ['by two labels', { matchLabels: { team: 'a', stage: 'production' } }],
    ['by In', requirement('stage', 'In', ['test', 'production'])],
    ['by NotIn', requirement('stage', 'NotIn', ['test'])],
    ['by NotIn of a label that is not there', requirement('missing', 'NotIn', ['x'])],
    ['by Exists', requirement('team', 'Exists')],
    ['by DoesNotExist', requirement('missing', 'DoesNotExist')],
    ['by an operator that nobody knows, since it might select', requirement('team', 'Matches')],
  ])('asks those %s', async (_reason, selector) => {
    // Whatever else it selects: the namespaces of other tests must not be among them.
    const namespaceSelector = {
      ...selector,
      matchLabels: { 'kubernetes.io/metadata.name': namespace.name, ...Object(selector['matchLabels']) },
    };
    expect(await refusalUnder({ namespaceSelector })).toContain(
      `(MCPSecurityPolicy tested-${namespace.name}, transports)`,
    );
  });

  it.each<[string, Fields]>([
    ['another value', { namespaceSelector: { matchLabels: { team: 'b' } } }],
    ['a label that is not there', { namespaceSelector: { matchLabels: { missing: '' } } }],
    ['one label of two', { namespaceSelector: { matchLabels: { team: 'a', stage: 'test' } } }],
    ['In', { namespaceSelector: requirement('stage', 'In', ['test']) }],
    ['In of a label that is not there', { namespaceSelector: requirement('missing', 'In', ['x']) }],
    [
      'NotIn',
      { namespaceSelector: { ...requirement('stage', 'NotIn', ['production']), matchLabels: { team: 'a' } } },
    ],
    ['Exists', { namespaceSelector: requirement('missing', 'Exists') }],
    [
      'DoesNotExist',
      { namespaceSelector: { ...requirement('team', 'DoesNotExist'), matchLabels: { stage: 'production' } } },
    ],
    ['Warn', { enforcement: 'Warn' }],
    ['Audit', { enforcement: 'Audit' }],
  ])('does not ask one that says no: %s', async (_reason, spec) => {
    expect(await refusalUnder(spec)).toBeUndefined();
  });
});

describe('the limits of the API server', () => {
  const many = <T>(count: number, item: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => item(index));

  /** As large as an MCPServer can be: every list is full. */
  const LARGE = pods({
    env: many(128, (index) => ({ name: `SOME_NAME_OF_A_VARIABLE_${index}`, value: 'x' })),
    network: { egress: many(64, (rule) => ({ to: many(4, (peer) => range(`192.168.${rule}.${peer}/32`)) })) },
    volumes: many(32, (index) => ({ name: `volume-${index}`, emptyDir: {} })),
    ...podSpec(
      Object.fromEntries(
        ['containers', 'initContainers'].map((list) => [
          list,
          many(8, (index) => ({
            name: `${list.toLowerCase()}-${index}`,
            image: REF,
            env: many(100, (variable) => ({ name: `SOME_NAME_OF_A_VARIABLE_${variable}`, value: 'x' })),
          })),
        ]),
      ),
    ),
  });

  it('are wide enough for a large server under a large policy', async () => {
    await write('strict', {
      ...STRICT,
      images: {
        allowed: [
          ...many(255, (index) => `registry-${index}.example.com/**/server`),
          'registry.example.com/team/*',
        ],
        requireDigest: true,
      },
      network: { denyCIDRs: many(200, (index) => `10.${index}.0.0/16`) },
    });
    await waitFor(async () => (await refusal(egress(range('10.199.0.0/24')))) !== undefined, {
      description: 'the large policy to be heeded',
    });
    expect(await refusal(LARGE)).toBeUndefined();
  });

  it('leave no expression without a type', async () => {
    for (const name of lock.names.values()) {
      const status = await waitFor(async () => {
        const object = JSON.parse(
          await kubectl(kubeconfigPath, ['get', 'validatingadmissionpolicy', name, '-o', 'json']),
        ) as { status?: { observedGeneration?: number; typeChecking?: object } };
        return object.status?.observedGeneration === 1 && object.status;
      });
      expect(status.typeChecking).toEqual({});
    }
  });
});
