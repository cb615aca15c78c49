/**
 * The second lock over MCPServers, on a real API server without any webhook: what an enforced MCPSecurityPolicy asks for is asked all the
 * same, and nothing else is.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mcpServerResource } from '../../api/index.ts';
import { isImageAllowed } from '../../checks/policy/image-pattern.ts';
import { parseImageReference } from '../../checks/policy/image-reference.ts';
import { SERVER_RULES } from '../../hack/generate/chart/second-lock/server-lock.ts';
import { installPolicies, type TestPolicies } from '../harness/admission-policies.ts';
import { mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { connectPlainly, type Answer, type PlainClient } from '../harness/plain-client.ts';
import { kubectl } from '../harness/kubectl.ts';
import {
  ACCEPTED,
  REF,
  REFUSED,
  STRICT,
  egress,
  env,
  podSpec,
  pods,
  range,
  remote,
  type Fields,
} from '../harness/second-lock-cases.ts';
import { SECURITY_POLICIES_PATH, securityPolicyManifest } from '../harness/security-policy.ts';
import { waitFor } from '../harness/wait.ts';

const kubeconfigPath = inject('kubeconfigPath');
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
  for (const name of policyNames) await client.request('DELETE', `${SECURITY_POLICIES_PATH}/${name}`);
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
  const object = securityPolicyManifest({ namespaceSelector, ...spec }, { name });
  const query = 'fieldManager=test&force=true';
  await client.demand(
    'PATCH',
    `${SECURITY_POLICIES_PATH}/${name}?${query}`,
    object,
    'application/apply-patch+yaml',
  );
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
  it.each(ACCEPTED)('accepts %s', async (_reason, spec) => {
    expect(await refusal(spec)).toBeUndefined();
  });

  it.each(REFUSED)('refuses %s', async (_reason, spec, field, rule) => {
    const message = await refusal(spec);
    expect(message).toContain(`denied request: ${field}`);
    expect(message).toContain(`(MCPSecurityPolicy strict-${namespace.name}, ${rule})`);
    expect(message).not.toContain('v4lue');
  });

  it('says everything that is wrong, as far as there is room for it', async () => {
    const message = await refusal(pods({ replicas: 4, transport: { type: 'SSE' }, ...env('API_KEY') }));
    expect(message?.split('; ').map((part) => /, ([\w.]+)\)$/.exec(part)?.[1])).toEqual([
      'secrets.denyLiterals',
      'maxReplicas',
      'transports',
    ]);
    const names = Array.from({ length: 100 }, (_, index) => ({ name: `KEY_${index}_TOKEN`, value: 'v4lue' }));
    expect(await refusal(pods({ env: names }))).toMatch(
      /request: spec\.env\[name=KEY_0_TOKEN\]\.value [^;]*$/,
    );
  });

  it('refuses one without a label that is required, or with an empty one', async () => {
    const expected = expect.stringContaining('metadata.labels[owner] is missing: add the label with a value');
    expect(await refusal(pods(), {})).toEqual(expected);
    expect(await refusal(pods(), { owner: '' })).toEqual(expected);
  });

  it('has a case above for every rule', () => {
    const tested = new Set([...REFUSED.map(([, , , rule]) => rule), 'labels.required']);
    expect([...tested].toSorted()).toEqual(SERVER_RULES.map(({ id }) => id).toSorted());
  });
});

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
    await write('tested', { maxReplicas: 0, ...spec });
    round += 1;
    const label = `round-${round}`;
    await write('strict', { labels: { required: [label] } });
    await waitFor(async () => (await refusal(pods({ replicas: 0 })))?.includes(label), {
      description: 'the policy to be heeded',
    });
    return refusal(pods(), { [label]: 'x' });
  }
  let round = 0;

  afterAll(async () => {
    await client.request('DELETE', `${SECURITY_POLICIES_PATH}/tested-${namespace.name}`);
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
      `(MCPSecurityPolicy tested-${namespace.name}, maxReplicas)`,
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

describe('beside the policy on the authority of the creator', () => {
  let authority: TestPolicies;

  beforeAll(async () => {
    authority = await installPolicies(kubeconfigPath, 'creator-authority', namespace.name);
    const inNamespace = `--namespace=${namespace.name}`;
    const right = ['--verb=create', `--resource=${mcpServerResource.plural}.${mcpServerResource.group}`];
    await kubectl(kubeconfigPath, ['create', 'role', 'writer', inNamespace, ...right]);
    await kubectl(kubeconfigPath, [
      'create',
      'rolebinding',
      'writer',
      inNamespace,
      '--role=writer',
      '--user=writer',
    ]);
    await write('strict', STRICT);
    await waitFor(async () => (await refusalFor('writer', pods()))?.includes('may not create pods'), {
      description: 'the policy to work',
    });
  });
  afterAll(() => authority.remove());

  async function refusalFor(person: string, spec: Fields): Promise<string | undefined> {
    const manifest = JSON.stringify(mcpServerManifest(spec, { name: 'sample', labels: LABELS }));
    const command = [
      'create',
      `--namespace=${namespace.name}`,
      `--as=${person}`,
      '--dry-run=server',
      '-f',
      '-',
    ];
    return kubectl(kubeconfigPath, command, manifest).then(() => undefined, String);
  }

  it('each refuses what is its own, and neither what is not', async () => {
    expect(await refusalFor('writer', remote('https://mcp.example.com/mcp'))).toBeUndefined();
    expect(await refusalFor('writer', remote('https://evil.example/'))).toContain('remotes.hosts)');
    expect(await refusalFor('writer', pods())).toContain('but writer may not create pods');
    expect(await refusal(pods())).toBeUndefined();
  });
});

describe('patterns of images', () => {
  const REFERENCES = [
    'redis',
    'redis:7',
    'index.docker.io/redis',
    'someone/redis',
    'docker.io/someone/redis:1',
    'ghcr.io/org/server:1.2',
    'ghcr.io/org/a/b/server',
    'GHCR.io/org/server',
    'localhost/server',
    'localhost:5000/server',
    'eu.example.com:5000/server:1',
    'eu.example.com/team/server',
    'a.b.example.com/x/y/z',
  ];

  it.each([
    '**',
    'redis',
    'red*',
    '*/redis',
    'docker.io/*',
    'docker.io/**',
    'index.docker.io/**',
    'someone/**',
    'ghcr.io/org/*',
    'ghcr.io/**',
    'ghcr.io/**/server',
    'ghcr.io/*/s*r',
    '**/server',
    'localhost/*',
    'localhost:5000/**',
    '*.example.com/**',
    'eu.example.com:*/server',
    'a.b.example.com/x/**/z',
    'eu.example.com/team',
  ])('allow what they allow the webhook: %s', async (pattern) => {
    await write('strict', {
      images: { allowed: [pattern] },
      labels: { required: [labelOf(pattern)] },
    });
    await waitFor(async () => (await refusal(pods({ replicas: 0 })))?.includes(labelOf(pattern)), {
      description: 'the pattern to be heeded',
    });
    for (const ref of REFERENCES) {
      const message = await refusal(pods({ source: { image: { ref } } }), { [labelOf(pattern)]: 'x' });
      const reference = parseImageReference(ref);
      const isAllowed = reference !== undefined && isImageAllowed([pattern], reference);
      expect([ref, message === undefined]).toEqual([ref, isAllowed]);
    }
  });

  /** A label that tells this pattern's round from others. */
  function labelOf(pattern: string): string {
    return `round-${Buffer.from(pattern).toString('hex')}`;
  }
});

describe('a policy with a range that is none', () => {
  it('refuses what might break it', async () => {
    await write('strict', { network: { denyCIDRs: ['169.254.169.254'] } });
    await waitFor(async () => (await refusal(egress(range('192.0.2.0/24'))))?.includes('deniedRanges'), {
      description: 'the policy to be heeded',
    });
    expect(await refusal(pods({ replicas: 9 }))).toBeUndefined();
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
      network: { denyCIDRs: many(256, (index) => `10.${index}.0.0/16`) },
    });
    await waitFor(
      async () => (await refusal(egress(range('10.255.0.0/24'))))?.includes('10.255.0.0/24 opens'),
      {
        description: 'the large policy to be heeded',
      },
    );
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
