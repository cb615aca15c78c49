/**
 * MCPSecurityPolicies at admission, on a real API server and with the configurations of the chart: what is refused, what is warned about, and
 * what is let through although it breaks a rule.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GROUP, VERSION } from '../../api/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { mcpServerManifest, mcpServersPath } from '../harness/mcp-server.ts';
import { person, type Person, type Reply } from '../harness/person.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { waitFor } from '../harness/wait.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const POLICIES = `/apis/${GROUP}/${VERSION}/mcpsecuritypolicies`;
const TEAM = 'team-a';
const DIGEST = `example.com/server@sha256:${'a'.repeat(64)}`;
const MERGE = 'application/merge-patch+json';

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;
let alice: Person;

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'webhooks-policies-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster'), audit: true });
  const { kubeconfigPath } = controlPlane;
  await applyResourceDefinitions(kubeconfigPath);
  for (const name of [TEAM, 'team-b']) await kubectl(['create', 'namespace', name]);
  await kubectl(['create', 'clusterrolebinding', 'alice', '--clusterrole=cluster-admin', '--user=alice']);
  webhooks = await createTestWebhooks(kubeconfigPath);
  await webhooks.start();
  await webhooks.configure();
  alice = await person(kubeconfigPath, 'alice');
});

afterEach(async () => {
  await kubectl(['delete', 'mcpsecuritypolicies', '--all']);
  await kubectl(['delete', 'mcpservers', '--all', '--all-namespaces']);
  await waitFor(() => Object.keys(webhooks.policies()).length === 0, {
    description: 'no policy to be known',
  });
});

afterAll(async () => {
  await Promise.all([alice.close(), webhooks.close()]);
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

const server = (name: string, spec: object = {}, labels: object = {}): object =>
  mcpServerManifest({ source: { image: { ref: DIGEST } }, ...spec }, { name, labels });
const pathOf = (name: string, namespace = TEAM): string => `${mcpServersPath(namespace)}/${name}`;
const create = (object: object, namespace = TEAM): Promise<Reply> =>
  alice.request('POST', mcpServersPath(namespace), object);
const change = (name: string, patch: object): Promise<Reply> =>
  alice.request('PATCH', pathOf(name), patch, MERGE);
const scale = (name: string, replicas: number): Promise<Reply> =>
  alice.request('PATCH', `${pathOf(name)}/scale`, { spec: { replicas } }, MERGE);

const policyNamed = (name: string, spec: object): object => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: 'MCPSecurityPolicy',
  metadata: { name },
  spec,
});

/** Writes the policy, and waits until admission knows it. */
async function enforce(name: string, spec: object): Promise<void> {
  await known(name, await alice.request('POST', POLICIES, policyNamed(name, spec)));
}

async function known(name: string, { code, body }: Reply): Promise<void> {
  expect(code, messageOf(body)).toBeLessThan(300);
  const { resourceVersion } = body['metadata'] as { resourceVersion: string };
  await waitFor(() => webhooks.policies()[name] === resourceVersion, {
    description: `policy ${name} to be known`,
    intervalMs: 5,
  });
}

function messageOf({ message }: Reply['body']): string {
  return typeof message === 'string' ? message : '';
}

describe('a policy that is enforced', () => {
  it('refuses a server that breaks it, and says everything at once', async () => {
    await enforce('strict', { images: { allowed: ['ghcr.io/org/*'], requireDigest: true }, maxReplicas: 2 });
    await enforce('quota', { maxReplicas: 3 });
    const spec = { source: { image: { ref: 'example.com/server:1' } }, replicas: 4 };
    const { code, body, warnings } = await create(server('broken', spec));
    expect(code).toBe(403);
    expect(messageOf(body)).toBe(
      [
        'admission webhook "policy.mcpserver.mcp.kilocode.ai" denied the request: MCPServer team-a/broken breaks 4 rules of MCPSecurityPolicies:',
        '- policy quota, maxReplicas: spec.replicas (4): A server may have at most 3 replicas here. Set it to 3 or less.',
        '- policy strict, images.allowed: spec.source.image.ref (example.com/server:1): Images from example.com/server are not allowed here. Use an image from ghcr.io/org/*, or ask the owner of the policy to allow this one.',
        '- policy strict, images.requireDigest: spec.source.image.ref (example.com/server:1): The image is not pinned by digest, so that another one may run under its name tomorrow. Append @sha256:<digest> of the image that was reviewed.',
        '- policy strict, maxReplicas: spec.replicas (4): A server may have at most 2 replicas here. Set it to 2 or less.',
      ].join('\n'),
    );
    expect(body).toMatchObject({
      reason: 'Forbidden',
      details: {
        kind: 'MCPServer',
        name: 'broken',
        causes: ['spec.replicas', 'spec.source.image.ref', 'spec.source.image.ref', 'spec.replicas'].map(
          (field) => ({ reason: 'FieldValueForbidden', field }),
        ),
      },
    });
    expect(warnings).toEqual([]);
    expect((await alice.request('GET', pathOf('broken'))).code).toBe(404);
  });

  it('names a server whose name the API server makes', async () => {
    await enforce('strict', { maxReplicas: 0 });
    const spec = { source: { image: { ref: DIGEST } } };
    const { body } = await create(mcpServerManifest(spec, { generateName: 'made-' }));
    expect(messageOf(body)).toMatch(/MCPServer team-a\/made-\w+ breaks/);
  });

  it('sees what would run, not only what the spec says', async () => {
    await enforce('strict', { images: { requireDigest: true } });
    const containers = [{ name: 'sidecar', image: 'example.com/sidecar:1' }];
    const { body } = await create(server('sidecar', { podTemplate: { spec: { containers } } }));
    expect(messageOf(body)).toContain('spec.podTemplate.spec.containers[name=sidecar].image');
  });

  it('speaks of the namespaces that it selects, as they are labelled now', async () => {
    await enforce('strict', {
      maxReplicas: 0,
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': TEAM } },
    });
    expect((await create(server('here'))).code).toBe(403);
    expect((await create(server('there'), 'team-b')).code).toBe(201);
    const matchLabels = { 'kubernetes.io/metadata.name': null, stage: 'prod' };
    const moved = { spec: { namespaceSelector: { matchLabels } } };
    await known('strict', await alice.request('PATCH', `${POLICIES}/strict`, moved, MERGE));
    expect((await create(server('here'))).code).toBe(201);
    await kubectl(['label', 'namespace', 'team-b', 'stage=prod']);
    await waitFor(async () => (await create(server('other'), 'team-b')).code === 403, {
      description: 'team-b to be selected',
    });
  });

  it('judges a server in a namespace that was made a moment ago', async () => {
    await enforce('strict', { maxReplicas: 0, namespaceSelector: { matchLabels: { stage: 'new' } } });
    const metadata = { name: 'newborn', labels: { stage: 'new' } };
    await alice.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    expect((await create(server('early'), 'newborn')).code).toBe(403);
  });

  it('lets a server keep what it had, and add nothing', async () => {
    await create(server('old', { source: { image: { ref: 'example.com/server:1' } }, replicas: 5 }));
    await enforce('strict', { images: { requireDigest: true }, maxReplicas: 2 });
    const kept = await change('old', { metadata: { labels: { team: 'a' } }, spec: { args: ['--more'] } });
    expect(kept.code).toBe(200);
    expect(kept.warnings.map((text) => text.split(': ')[0])).toEqual([
      'policy strict, images.requireDigest',
      'policy strict, maxReplicas',
    ]);
    expect((await change('old', { spec: { replicas: 2 } })).code).toBe(200);
    const back = await change('old', { spec: { replicas: 5 } });
    expect(back.code).toBe(403);
    expect(messageOf(back.body)).toContain(
      'breaks a rule of an MCPSecurityPolicy:\n- policy strict, maxReplicas',
    );
    expect((await change('old', { spec: { source: { image: { ref: 'example.com/server:2' } } } })).code).toBe(
      403,
    );
  });

  it('never says the value of a secret', async () => {
    await enforce('strict', { secrets: { denyLiterals: true } });
    const secret = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz';
    const { code, body } = await create(server('leaky', { env: [{ name: 'GITHUB_TOKEN', value: secret }] }));
    expect(code).toBe(403);
    expect(JSON.stringify(body)).toContain('spec.env');
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('bounds replicas through the scale subresource as well', async () => {
    await create(server('scaled'));
    await enforce('strict', { maxReplicas: 3 });
    expect((await scale('scaled', 3)).code).toBe(200);
    const { code, body } = await scale('scaled', 4);
    expect(code).toBe(403);
    expect(messageOf(body)).toContain(
      'admission webhook "scale.mcpserver.mcp.kilocode.ai" denied the request: MCPServer team-a/scaled breaks',
    );
    expect(messageOf(body)).toContain('policy strict, maxReplicas: spec.replicas (4)');
    await expect(
      kubectl(['scale', 'mcpserver/scaled', '--replicas=9', `--namespace=${TEAM}`]),
    ).rejects.toThrow('spec.replicas (9)');
    expect((await scale('scaled', 0)).code).toBe(200);
  });
});

describe('a policy that is not enforced', () => {
  const BROKEN = { source: { image: { ref: 'example.com/server:1' } } };

  it('warns, where it says Warn', async () => {
    await enforce('soft', { enforcement: 'Warn', images: { requireDigest: true } });
    const { code, warnings } = await create(server('warned', BROKEN));
    expect({ code, warnings }).toEqual({
      code: 201,
      warnings: [
        'policy soft, images.requireDigest: spec.source.image.ref: The image is not pinned by digest, so that another one may run under its name tomorrow.',
      ],
    });
  });

  it('is silent, where it says Audit, but for the log of the API server', async () => {
    await enforce('quiet', { enforcement: 'Audit', images: { requireDigest: true } });
    const { code, warnings } = await create(server('audited', BROKEN));
    expect({ code, warnings }).toEqual({ code: 201, warnings: [] });
    const log = await readFile(join(controlPlane.directory, 'logs', 'audit.log'), 'utf8');
    const line = log.split('\n').find((line) => line.includes('"name":"audited"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      annotations: {
        'policy.mcpserver.mcp.kilocode.ai/violations':
          'policy quiet, images.requireDigest: spec.source.image.ref',
      },
    });
  });
});

describe('a policy itself', () => {
  it.each<[string, object, string]>([
    ['a pattern', { images: { allowed: ['ghcr.io/org/['] } }, 'spec.images.allowed[0]'],
    ['a range', { network: { denyCIDRs: ['10.0.0.0/8', '10.0.0.0/99'] } }, 'spec.network.denyCIDRs[1]'],
  ])('is refused when it cannot be evaluated, naming the place: %s', async (_reason, spec, place) => {
    const { code, body } = await alice.request('POST', POLICIES, policyNamed('wrong', spec));
    expect({ code, reason: body['reason'] }).toEqual({ code: 422, reason: 'Invalid' });
    expect(messageOf(body)).toContain(`MCPSecurityPolicy wrong cannot be evaluated:\n- ${place}: `);
    expect(body['details']).toMatchObject({ causes: [{ reason: 'FieldValueInvalid', field: place }] });
  });

  it('is refused when it is changed to something that cannot be', async () => {
    await alice.request('POST', POLICIES, policyNamed('right', { maxReplicas: 9 }));
    const patch = { spec: { network: { denyCIDRs: ['nonsense'] } } };
    expect((await alice.request('PATCH', `${POLICIES}/right`, patch, MERGE)).code).toBe(422);
    expect(
      (await alice.request('PATCH', `${POLICIES}/right`, { spec: { maxReplicas: 8 } }, MERGE)).code,
    ).toBe(200);
  });

  it('that is there all the same fails closed, and says what is wrong with it', async () => {
    await create(server('before'));
    await webhooks.unconfigure();
    await enforce('spoilt', { network: { denyCIDRs: ['nonsense'] } });
    await webhooks.configure();
    const refusal = await waitFor(
      async () => {
        const path = `${mcpServersPath(TEAM)}?dryRun=All`;
        const { code, body } = await alice.request('POST', path, server('after'));
        return code === 403 && messageOf(body);
      },
      { description: 'the API server to ask again' },
    );
    expect(refusal).toContain('policy spoilt');
    expect(refusal).toContain('spec.network.denyCIDRs[0]');
    expect((await change('before', { spec: { replicas: 2 } })).code).toBe(403);
    const fixed = { spec: { network: { denyCIDRs: ['10.0.0.0/8'] } } };
    await known('spoilt', await alice.request('PATCH', `${POLICIES}/spoilt`, fixed, MERGE));
    expect((await change('before', { spec: { replicas: 2 } })).code).toBe(200);
  });
});
