/**
 * The watch over the locks of admission on a real API server, with the rights that the chart gives and no others: each lock that is removed,
 * opened or narrowed is noticed, and so is its return. The locks of this test match nothing, as other tests use the same server.
 */
import { randomBytes } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { WEBHOOK_COVERAGE } from '../../controllers/locks/coverage.ts';
import { LOCK_PERMISSIONS, createLockWatch, type LockWatch } from '../../controllers/locks/index.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  connect,
  createInformers,
  loadClusterAccess,
  type ApiServer,
  type EventDetails,
  type InformerRegistry,
  type KubernetesObject,
} from '../../operator/runtime/index.ts';
import { readAccess } from '../harness/access.ts';
import { render } from '../harness/helm.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { connectPlainly, type PlainClient } from '../harness/plain-client.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { waitFor } from '../harness/wait.ts';

const kubeconfigPath = inject('kubeconfigPath');
const NAME = `locks-${randomBytes(4).toString('hex')}`;
const SERVICE = { namespace: 'mcp-system', name: `${NAME}-webhook` };
const NOWHERE = { name: 'nowhere', expression: 'false' };
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const WEBHOOK = `${ADMISSION}/validatingwebhookconfigurations/${NAME}`;
const POLICIES = `${ADMISSION}/validatingadmissionpolicies/${NAME}-second-lock`;
const BINDINGS = `${ADMISSION}/validatingadmissionpolicybindings/${NAME}-second-lock`;
const NARROW = { matchLabels: { team: 'a' } };

/** As the chart makes it and the operator completes it. */
const webhooksWith = (change: object = {}): object => ({
  webhooks: [
    {
      name: 'policy.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      clientConfig: { service: SERVICE, caBundle },
      matchConditions: [NOWHERE],
      rules: WEBHOOK_COVERAGE.map(({ group, version, resource, operations }) => ({
        apiGroups: [group],
        apiVersions: [version],
        operations,
        resources: [resource],
      })),
      ...change,
    },
  ],
});

interface Told {
  readonly kind: string;
  readonly name: string;
  readonly event: EventDetails;
}

const told: Told[] = [];
const registry = new Registry();
const stop = new AbortController();
let namespace: TestNamespace;
let account: TestServiceAccount;
let api: ApiServer;
let informers: InformerRegistry;
let watch: LockWatch;
let running: Promise<void>;
let changes = 0;
let caBundle: string;
let client: PlainClient;
/** Every object of both locks, by its path. */
let objects: ReadonlyMap<string, object>;

beforeAll(async () => {
  namespace = await createNamespace(kubeconfigPath, 'locks');
  client = await connectPlainly(kubeconfigPath);
  caBundle = (await readAccess(kubeconfigPath)).ca.toString('base64');
  objects = await wholeLocks();
  const permissions = LOCK_PERMISSIONS.map((permission) => ({
    ...permission,
    resourceNames: (permission.resourceNames ?? []).map((name) => name.replace('<fullname>', NAME)),
  }));
  account = await createServiceAccount(
    kubeconfigPath,
    { namespace: namespace.name, name: 'watcher' },
    permissions,
  );
  api = connect(await loadClusterAccess({ path: account.kubeconfigPath }), { program: 'lock-watch-test/0' });
  informers = createInformers({ client: api.client('test'), logger: silentLogger });
  watch = createLockWatch({
    informers,
    recorder: {
      event: ({ kind, metadata }: KubernetesObject, event) => told.push({ kind, name: metadata.name, event }),
    },
    metrics: registry,
    logger: silentLogger,
    settings: {
      webhook: { configuration: NAME, namespaces: [], service: SERVICE },
      secondLock: `${NAME}-second-lock`,
    },
  });
  expect(await series()).toEqual({});
  informers.start(stop.signal);
  await informers.waitForSync(20_000, stop.signal);
  watch.onChange(() => (changes += 1));
  running = watch.run(stop.signal, stop.signal, { epoch: 0, signal: stop.signal });
});

afterAll(async () => {
  stop.abort();
  await running;
  await informers.stopped();
  await api.close();
  for (const path of objects.keys()) await client.request('DELETE', path);
  await client.close();
  await account.remove();
  await namespace.remove();
});

async function wholeLocks(): Promise<ReadonlyMap<string, object>> {
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: NAME },
    ...webhooksWith(),
  };
  const rendered = await render({ fullnameOverride: NAME }, '--show-only=templates/second-lock.yaml');
  const entries = rendered.map((manifest): [string, object] => {
    const { name } = manifest.metadata;
    if (manifest.kind !== 'ValidatingAdmissionPolicy')
      return [`${ADMISSION}/validatingadmissionpolicybindings/${name}`, manifest];
    const { matchConditions, ...spec } = Object(manifest['spec']);
    const nowhere = { ...manifest, spec: { ...spec, matchConditions: [NOWHERE, ...matchConditions] } };
    return [`${ADMISSION}/validatingadmissionpolicies/${name}`, nowhere];
  });
  return new Map([[WEBHOOK, configuration], ...entries]);
}

async function create(path: string): Promise<void> {
  await client.demand('POST', path.slice(0, path.lastIndexOf('/')), objects.get(path));
}

async function series(): Promise<Record<string, number>> {
  const metrics = await registry.getMetricsAsJSON();
  const values = metrics.find(({ name }) => name === 'mcp_admission_lock_present')?.values ?? [];
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels['lock']), value]));
}

/** Waits until the watch says so, and then whether metric and Events say the same. */
async function expectLocks(webhook: boolean, secondLock: boolean): Promise<void> {
  await waitFor(() => watch.locks().webhook === webhook && watch.locks().secondLock === secondLock, {
    description: `locks to be ${JSON.stringify({ webhook, secondLock })}`,
  });
  expect(await series()).toEqual({ webhook: Number(webhook), second: Number(secondLock) });
}

const reasons = (): string[] => told.map(({ event }) => event.reason);

describe('the watch over the locks', () => {
  it('tells at the start what is missing', async () => {
    await expectLocks(false, false);
    expect(told).toEqual([
      {
        kind: 'ValidatingWebhookConfiguration',
        name: NAME,
        event: {
          type: 'Warning',
          reason: 'WebhookMissing',
          action: 'Inspect',
          note: 'it does not exist: MCPServers are written without being judged, but for the second lock. Run helm upgrade again, and find out who changed it.',
        },
      },
      {
        kind: 'ValidatingAdmissionPolicy',
        name: `${NAME}-second-lock-servers`,
        event: {
          type: 'Warning',
          reason: 'SecondLockMissing',
          action: 'Inspect',
          note: 'it does not exist: what policies forbid is refused by the webhook alone. Run helm upgrade again, and find out who changed it.',
        },
      },
    ]);
  });

  it('notices when everything is there', async () => {
    changes = 0;
    for (const path of objects.keys()) await create(path);
    await expectLocks(true, true);
    expect(reasons().slice(-2).toSorted()).toEqual(['SecondLockPresent', 'WebhookPresent']);
    expect(changes).toBeGreaterThan(0);
  });

  describe('once all is well', () => {
    beforeEach(() => {
      told.length = 0;
    });

    const change = (path: string, patch: object): Promise<unknown> =>
      client.demand('PATCH', path, patch, 'application/merge-patch+json');
    const remove = (path: string): Promise<unknown> => client.demand('DELETE', path);

    it.each<[string, string, (path: string) => Promise<unknown>]>([
      ['the webhook configuration is deleted', WEBHOOK, remove],
      [
        'it lets pass what it cannot ask',
        WEBHOOK,
        (path) => change(path, webhooksWith({ failurePolicy: 'Ignore' })),
      ],
      [
        'it has no certificate',
        WEBHOOK,
        (path) => change(path, webhooksWith({ clientConfig: { service: SERVICE } })),
      ],
      [
        'it leaves out namespaces',
        WEBHOOK,
        (path) => change(path, webhooksWith({ namespaceSelector: NARROW })),
      ],
      ['it has no webhooks', WEBHOOK, (path) => change(path, { webhooks: [] })],
      ['a policy is deleted', `${POLICIES}-children`, remove],
      ['a binding is deleted', `${BINDINGS}-servers`, remove],
      [
        'a policy lets pass what it cannot judge',
        `${POLICIES}-servers`,
        (path) => change(path, { spec: { failurePolicy: 'Ignore' } }),
      ],
      [
        'a binding only warns',
        `${BINDINGS}-children`,
        (path) => change(path, { spec: { validationActions: ['Warn'] } }),
      ],
      [
        'a binding leaves out namespaces',
        `${BINDINGS}-children`,
        (path) => change(path, { spec: { matchResources: { namespaceSelector: NARROW } } }),
      ],
      [
        'a binding asks one policy',
        `${BINDINGS}-servers`,
        (path) => change(path, { spec: { paramRef: { selector: null, name: 'default' } } }),
      ],
    ])('notices when %s, and when it is as before', async (_reason, path, breaking) => {
      const isWebhook = path === WEBHOOK;
      await breaking(path);
      await expectLocks(!isWebhook, isWebhook);
      await client.request('DELETE', path);
      await create(path);
      await expectLocks(true, true);
      const lock = isWebhook ? 'Webhook' : 'SecondLock';
      expect([reasons()[0], reasons().at(-1)]).toEqual([`${lock}Missing`, `${lock}Present`]);
    });
  });
});
