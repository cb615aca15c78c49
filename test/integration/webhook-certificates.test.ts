/**
 * The webhook certificates on a real API server: made once, served by every replica, trusted by the API server, and mended whatever
 * happens to the Secret, to the configurations or to the leader.
 */
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { createAuthority, issue, type KeyPair } from '../../hack/cluster/pki.ts';
import type { Permission } from '../../operator/runtime/index.ts';
import { CertificateFixture, type SecretContent } from '../harness/certificate-fixture.ts';
import type { CertificateReplica } from '../harness/certificate-replica.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createServiceAccount } from '../harness/service-account.ts';
import { waitFor } from '../harness/wait.ts';
import {
  CONFIGURATION_KINDS,
  CONFIGURATION_PATHS,
  webhookConfiguration,
} from '../harness/webhook-configurations.ts';

let world: CertificateFixture;

beforeEach(async () => {
  world = await CertificateFixture.create(inject('kubeconfigPath'));
});
afterEach(() => world.stop());

/** The Secret, once it has what `isRight` asks for. */
function secretThat(
  isRight: (secret: SecretContent) => boolean,
  description: string,
): Promise<SecretContent> {
  return waitFor(
    async () => {
      const secret = await world.secret();
      return secret !== undefined && isRight(secret) && secret;
    },
    { description },
  );
}

/** Waits until every webhook has this bundle. */
async function published(bundle: string, webhooks: number): Promise<void> {
  const expected = Array.from({ length: webhooks }, () => bundle);
  await waitFor(async () => (await world.caBundles()).join() === expected.join(), {
    description: 'the bundle everywhere',
  });
}

const admitted = (): Promise<boolean> =>
  waitFor(async () => (await world.admission()) === '', { description: 'an admission' });
const ready = (...replicas: readonly CertificateReplica[]): Promise<boolean> =>
  waitFor(
    async () =>
      (await Promise.all(replicas.map((replica) => replica.readyCode()))).every((code) => code === 200),
    {
      description: 'readiness',
    },
  );
const served = ({ source }: CertificateReplica): string => source.current()?.cert ?? '';

describe('the first start', () => {
  it('ends with one certificate that every replica serves and the API server trusts, and then nothing is written', async () => {
    const replicas = await Promise.all([world.start(), world.start()]);
    await ready(...replicas);
    expect(replicas.filter((replica) => replica.isLeading())).toHaveLength(1);
    expect(served(replicas[0])).toBe(served(replicas[1]));
    const webhooks = await Promise.all(replicas.map((replica) => world.shake(replica)));
    await world.configure(...webhooks.map(({ port }, index) => ({ name: `${index}.example.com`, port })));
    await admitted();

    const secret = await world.secret();
    expect(secret).toMatchObject({ type: 'kubernetes.io/tls', data: { 'tls.crt': served(replicas[0]) } });
    expect(await world.caBundles()).toEqual(Array.from({ length: 4 }, () => secret?.data['ca.crt']));
    expect(webhooks.map((webhook) => webhook.admissions()).every((count) => count >= 2)).toBe(true);
    expect(world.secretEvents).toEqual(['ADDED']);
    expect(new Set(replicas.map((replica) => replica.applies()))).toEqual(
      new Set([0, CONFIGURATION_KINDS.length]),
    );
  });

  it('is not ready, and does not wait for readiness to lead, until there is a certificate', async () => {
    const standby = await world.start({ leads: 'never' });
    expect(await standby.readyCode()).toBe(503);
    expect(await world.admission()).toBe('');
    const leader = await world.start();
    await ready(leader, standby);
    expect(served(standby)).toBe(served(leader));
  });

  it('ends with one certificate also when both believe that they lead', async () => {
    const replicas = await Promise.all([
      world.start({ leads: 'everybody' }),
      world.start({ leads: 'everybody' }),
    ]);
    await ready(...replicas);
    await waitFor(() => served(replicas[0]) === served(replicas[1]), { description: 'agreement' });
    expect(world.secretEvents).toEqual(['ADDED']);
  });

  it('takes over what an earlier installation left', async () => {
    const first = await world.start();
    await ready(first);
    await first.stop();
    const second = await world.start();
    await ready(second);
    await waitFor(() => second.isLeading(), { description: 'the second leader' });
    await world.configure({ name: 'one.example.com', port: (await world.shake(second)).port });
    await admitted();
    expect(served(second)).toBe(served(first));
    expect(world.secretEvents).toEqual(['ADDED']);
  });
});

describe('the next leader', () => {
  it('goes on with the certificate of the one before, and repairs what was changed in between', async () => {
    const [one, two] = [await world.start(), await world.start()];
    await ready(one, two);
    const [leader, standby] = one.isLeading() ? [one, two] : [two, one];
    await world.configure({ name: 'one.example.com', port: (await world.shake(standby)).port });
    await admitted();
    const before = await world.secret();
    await leader.stop();
    await waitFor(() => standby.isLeading(), { description: 'the next leader' });
    await removeBundles();
    await admitted();
    expect(await world.secret()).toEqual(before);
    // One for each configuration that was changed, and none for taking over.
    expect(standby.applies()).toBe(CONFIGURATION_KINDS.length);
  });
});

describe('the Secret', () => {
  let replica: CertificateReplica;
  let before: SecretContent;

  beforeEach(async () => {
    replica = await world.start();
    await ready(replica);
    await world.configure({ name: 'one.example.com', port: (await world.shake(replica)).port });
    await admitted();
    before = await secretThat(() => true, 'the Secret');
  });

  it('is made anew with another CA when somebody deletes it, and until then the old certificate is served', async () => {
    await world.client.demand('DELETE', world.secretPath);
    const after = await secretThat(({ uid }) => uid !== before.uid, 'another Secret');
    expect(after.data['ca.crt']).not.toBe(before.data['ca.crt']);
    expect(await replica.readyCode()).toBe(200);
    await published(after.data['ca.crt'] ?? '', 2);
    await waitFor(() => served(replica) === after.data['tls.crt'], { description: 'the new certificate' });
    await admitted();
  });

  it.each<[string, Readonly<Record<string, string | null>>]>([
    ['is no certificate', { 'tls.crt': 'nonsense' }],
    ['is gone', { 'tls.crt': '' }],
    ['has no key', { 'tls.key': '' }],
  ])(
    'gets another serving certificate from the same CA when that %s, without a refusal',
    async (_reason, values) => {
      const load = world.load(1);
      await world.tamper(values);
      const after = await secretThat(
        ({ data }) => data['tls.crt'] !== before.data['tls.crt'] && isCertificate(data['tls.crt']),
        'another certificate',
      );
      await waitFor(() => served(replica) === after.data['tls.crt'], { description: 'the new certificate' });
      await admitted();
      expect(after.data).toMatchObject({ 'ca.crt': before.data['ca.crt'], 'ca.key': before.data['ca.key'] });
      expect(served(replica)).not.toBe(before.data['tls.crt']);
      expect((await load.end()).refusals).toEqual([]);
    },
  );

  it('gets a second CA when the key of the first is gone, and goes on with the certificate that it has, without a refusal', async () => {
    const load = world.load(1);
    await world.tamper({ 'ca.key': null });
    const after = await secretThat(({ data }) => (data['ca.key'] ?? '') !== '', 'another key');
    expect(after.data['ca.crt']?.startsWith(before.data['ca.crt'] ?? '')).toBe(true);
    expect(after.data['tls.crt']).toBe(before.data['tls.crt']);
    await published(after.data['ca.crt'] ?? '', 2);
    await admitted();
    expect((await load.end()).refusals).toEqual([]);
  });

  it('of somebody else, of another type, is filled and keeps what else is said of it', async () => {
    await replica.stop();
    await world.client.demand('DELETE', world.secretPath);
    const { namespace, secretName: name } = world.settings;
    const labels = { team: 'platform' };
    const foreign = { metadata: { name, namespace, labels }, type: 'Opaque', data: { other: 'eA==' } };
    await world.client.demand('POST', `/api/v1/namespaces/${namespace}/secrets`, foreign);
    await ready(await world.start());
    const { body } = await world.client.request('GET', world.secretPath);
    expect(body).toMatchObject({ type: 'Opaque', metadata: { labels } });
    expect(Object.keys((body as { data: object }).data).toSorted()).toEqual([
      'ca.crt',
      'ca.key',
      'tls.crt',
      'tls.key',
    ]);
  });
});

describe('the configurations', () => {
  let replica: CertificateReplica;
  let ca: string;
  let port: number;

  beforeEach(async () => {
    replica = await world.start();
    await ready(replica);
    ({ port } = await world.shake(replica));
    await world.configure({ name: 'one.example.com', port });
    await admitted();
    ca = (await world.secret())?.data['ca.crt'] ?? '';
  });

  it('get the bundle back when somebody takes it away', async () => {
    await removeBundles();
    await published(ca, 2);
    await admitted();
  });

  it('get it back when somebody puts another in its place', async () => {
    const other = Buffer.from((await world.secret())?.data['tls.crt'] ?? '').toString('base64');
    await patchWebhooks([{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: other }]);
    await published(ca, 2);
    await admitted();
  });

  it('get it for a webhook that an upgrade adds, and keep it when the chart is applied again', async () => {
    await world.configure({ name: 'one.example.com', port }, { name: 'two.example.com', port });
    await published(ca, 4);
    await world.configure({ name: 'one.example.com', port }, { name: 'two.example.com', port });
    expect(await world.caBundles()).toEqual([ca, ca, ca, ca]);
  });

  it('get it again when they are deleted and come back', async () => {
    for (const path of CONFIGURATION_PATHS)
      await world.client.demand('DELETE', `${path}/${world.scope.configurationName}`);
    await world.configure({ name: 'one.example.com', port });
    await published(ca, 2);
  });

  it("are told nothing but the bundle: the rest stays the chart's", async () => {
    const bundle = { '.': {}, 'f:name': {}, 'f:clientConfig': { 'f:caBundle': {} } };
    expect(await ownedByOperator()).toEqual([{ 'f:webhooks': { 'k:{"name":"one.example.com"}': bundle } }]);
  });

  it('lose a webhook that an upgrade takes away, as Helm does it', async () => {
    await world.configure({ name: 'one.example.com', port }, { name: 'two.example.com', port });
    await published(ca, 4);
    const two = { webhooks: [{ $patch: 'delete', name: 'two.example.com' }] };
    for (const kind of CONFIGURATION_KINDS)
      await kubectl(world.kubeconfigPath, [
        'patch',
        kind,
        world.scope.configurationName,
        '--type=strategic',
        `--patch=${JSON.stringify(two)}`,
      ]);
    await removeBundles();
    await published(ca, 2);
  });

  it('keep it, without rules, where an upgrade is a server-side apply: docs/adr/0013-webhook-certificates.md', async () => {
    const one = { name: 'one.example.com', port };
    const two = { name: 'two.example.com', port };
    await world.configure(one, two);
    await published(ca, 4);
    await expect(world.configure(one)).rejects.toThrow('webhooks[1].sideEffects: Required value');
    await world.configure(one, { ...two, isRetired: true });
    await published(ca, 4);
    await admitted();
  });

  it('of others are not touched', async () => {
    const scope = { ...world.scope, configurationName: `${world.scope.configurationName}-other` };
    const other = webhookConfiguration('ValidatingWebhookConfiguration', scope, [
      { name: 'one.example.com', port: 1 },
    ]);
    const [path] = CONFIGURATION_PATHS;
    await world.client.demand('POST', path, { ...other });
    await removeBundles();
    await published(ca, 2);
    const { body } = await world.client.request('GET', `${path}/${scope.configurationName}`);
    await world.client.demand('DELETE', `${path}/${scope.configurationName}`);
    expect(JSON.stringify(body)).not.toContain('caBundle":"');
  });
});

it('tells each configuration what it can, and renews, while another cannot be told', async () => {
  const { namespace } = world.settings;
  const rule = (apiGroup: string, resources: string[], ...verbs: string[]): Permission => ({
    apiGroups: [apiGroup],
    resources,
    verbs,
    why: 'Some of the rights of an operator.',
  });
  const [validating, mutating] = [
    'validatingwebhookconfigurations',
    'mutatingwebhookconfigurations',
  ] as const;
  const group = 'admissionregistration.k8s.io';
  const account = await createServiceAccount(world.kubeconfigPath, { namespace, name: 'operator' }, [
    rule('', ['secrets'], 'list', 'watch', 'create', 'update'),
    rule(group, [mutating, validating], 'list', 'watch'),
    rule(group, [validating], 'patch'),
  ]);
  onTestFinished(() => account.remove());
  const replica = await world.start({ kubeconfigPath: account.kubeconfigPath, leads: 'everybody' });
  await ready(replica);
  await world.configure({ name: 'one.example.com', port: (await world.shake(replica)).port });
  const before = await secretThat(() => true, 'the Secret');
  const told = [before.data['ca.crt'], ''].join();
  await waitFor(async () => (await world.caBundles()).join() === told, { description: 'one bundle' });
  await world.tamper({ 'tls.crt': 'nonsense' });
  await waitFor(() => served(replica) !== before.data['tls.crt'], { description: 'a new certificate' });
  expect((await world.caBundles()).join()).toBe(told);
});

describe('with cert-manager', () => {
  const now = systemClock.now();
  let authority: KeyPair;
  let replicas: readonly [CertificateReplica, CertificateReplica];

  /** What cert-manager puts into the Secret. */
  async function issued(): Promise<Readonly<Record<string, string>>> {
    const { namespace, serviceName } = world.settings;
    const hosts = [`${serviceName}.${namespace}.svc`, `${serviceName}.${namespace}.svc.cluster.local`];
    const { certificate, key } = await issue(authority, { commonName: 'cert-manager', hosts }, now);
    return { 'ca.crt': authority.certificate, 'tls.crt': certificate, 'tls.key': key };
  }

  beforeEach(async () => {
    authority = await createAuthority('cert-manager', now);
    const { namespace, secretName: name } = world.settings;
    const secret = { metadata: { name }, type: 'kubernetes.io/tls', stringData: await issued() };
    await world.client.demand('POST', `/api/v1/namespaces/${namespace}/secrets`, secret);
    const settings = { ...world.settings, issuer: 'CertManager' } as const;
    replicas = [await world.start({ settings }), await world.start({ settings })];
    await ready(...replicas);
    await world.configure({ name: 'one.example.com', port: (await world.shake(replicas[0])).port });
    const value = Buffer.from(authority.certificate).toString('base64');
    await patchWebhooks([{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value }]);
    await admitted();
  });

  it('every replica serves what is in the Secret, and nobody writes', async () => {
    const renewed = await issued();
    await world.tamper(renewed);
    await waitFor(() => replicas.every((replica) => served(replica) === renewed['tls.crt']), {
      description: 'the renewed certificate',
    });
    await admitted();
    expect(world.secretEvents).toEqual(['ADDED', 'MODIFIED']);
    expect(await world.caBundles()).toEqual([authority.certificate, authority.certificate]);
    expect(await ownedByOperator()).toEqual([]);
  });

  it('the operator takes over where it stops, without a refusal', async () => {
    const load = world.load(1);
    await ready(await world.start({ leads: 'everybody' }));
    const { data } = await secretThat(
      (secret) => (secret.data['ca.key'] ?? '') !== '',
      "a CA of the operator's",
    );
    expect(data['ca.crt']?.startsWith(authority.certificate)).toBe(true);
    await published(data['ca.crt'] ?? '', 2);
    await admitted();
    expect((await load.end()).refusals).toEqual([]);
  });
});

/** Takes the bundle away from the first webhook of each configuration. */
async function removeBundles(): Promise<void> {
  await patchWebhooks([{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }]);
}

async function patchWebhooks(operations: readonly object[]): Promise<void> {
  for (const path of CONFIGURATION_PATHS)
    await world.client.demand(
      'PATCH',
      `${path}/${world.scope.configurationName}`,
      operations,
      'application/json-patch+json',
    );
}

/** The fields of the ValidatingWebhookConfiguration that the operator has written. */
async function ownedByOperator(): Promise<readonly object[]> {
  const [path] = CONFIGURATION_PATHS;
  const { body } = await world.client.request('GET', `${path}/${world.scope.configurationName}`);
  const { metadata } = body as {
    readonly metadata: {
      readonly managedFields: readonly { readonly manager: string; readonly fieldsV1: object }[];
    };
  };
  return metadata.managedFields
    .filter(({ manager }) => manager === 'mcp-operator/webhook-certificates')
    .map(({ fieldsV1 }) => fieldsV1);
}

function isCertificate(text = ''): boolean {
  try {
    return !new X509Certificate(text).ca;
  } catch {
    return false;
  }
}
