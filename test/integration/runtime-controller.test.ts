/**
 * The whole loop against a real API server: an owner kind, children, status, events, one leader of two processes, and an orderly
 * end. The owner is a ConfigMap, so that the runtime is tested without any kind of the product.
 */
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  connect,
  createConsistencyStore,
  createController,
  createEventBroadcaster,
  createInformers,
  createLeaderElector,
  createManager,
  createObjectWriter,
  createRuntimeMetrics,
  keyOf,
  loadClusterAccess,
  watchOwned,
  watchSelf,
  type KubernetesObject,
  type Manager,
  type Reconciler,
} from '../../operator/runtime/index.ts';
import { EVENT_TYPE } from '../../operator/runtime/events/event-object.ts';
import { LEASE_TYPE } from '../../operator/runtime/election/lease.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { CONFIG_MAP, SECRET, startRuntime, type RuntimeFixture } from '../harness/runtime.ts';
import { waitFor } from '../harness/wait.ts';

interface Operator {
  readonly manager: Manager;
  readonly registry: Registry;
  readonly reconciled: string[];
  stop(): Promise<void>;
  /** Resolves or rejects with the end of the manager's run. */
  readonly ended: Promise<void>;
}

describe('a controller in a process', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let runtime: RuntimeFixture;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'process');
    runtime = await startRuntime(kubeconfigPath, namespace.name);
  });
  afterAll(async () => {
    await runtime.stop();
    await namespace.remove();
  });

  const owner = (name: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: namespace.name, labels: { role: 'owner' } },
  });
  const createOwner = (name: string) =>
    runtime.client.create(CONFIG_MAP, owner(name), { fieldManager: 'user' }, runtime.signal);
  const child = (name: string) =>
    runtime.client.get(SECRET, { namespace: namespace.name, name }, runtime.signal);

  /** An operator that gives each owner a Secret of the same name. */
  const startOperator = async (identity: string): Promise<Operator> => {
    const registry = new Registry();
    const metrics = createRuntimeMetrics(registry);
    const observe = metrics.requests('test');
    const api = connect(await loadClusterAccess({ path: kubeconfigPath }), {
      program: `${identity}/0`,
      observe,
    });
    const client = api.client('test');
    const informers = createInformers({ client, namespaces: [namespace.name], logger: silentLogger });
    const owners = informers.for(CONFIG_MAP, { labelSelector: 'role=owner' });
    const children = informers.for(SECRET);
    const consistency = createConsistencyStore(systemClock);
    const events = createEventBroadcaster({
      client,
      reporter: { controller: 'example.com/test', instance: identity },
      logger: silentLogger,
    });
    const writer = createObjectWriter({
      client,
      informerOf: (type) => informers.for(type),
      fieldManager: 'test-controller',
      consistency,
      logger: silentLogger,
    });
    const reconciled: string[] = [];
    const reconciler: Reconciler = {
      reconcile: async (key, { signal }) => {
        reconciled.push(key.name);
        const object = owners.store.get(key);
        if (object === undefined) return { kind: 'done' };
        if (key.name === 'poison') throw new TypeError('poison');
        const intent = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { ...key },
          immutable: false,
          data: { a: 'Yg==' },
        };
        const result = await writer.ensure(SECRET, intent, { type: CONFIG_MAP, object }, signal);
        if (result.kind === 'created') {
          events.event(object, {
            type: 'Normal',
            reason: 'Created',
            action: 'Create',
            note: 'made a Secret',
          });
        }
        return { kind: 'done' };
      },
    };
    const controller = createController({
      name: 'test',
      reconciler,
      watches: [watchSelf(owners), watchOwned(children, CONFIG_MAP)],
      consistency,
      logger: silentLogger,
      observer: metrics.controller('test'),
    });
    const elector = createLeaderElector({
      client: api.leaseClient('election', 5_000),
      lease: { namespace: namespace.name, name: 'leader' },
      identity,
      logger: silentLogger,
      retryPeriodMs: 100,
      renewDeadlineMs: 1_000,
      leaseDurationMs: 2_000,
    });
    const manager = createManager({
      logger: silentLogger,
      informers,
      runnables: [controller],
      elector,
      events,
      healthProbeBindAddress: '127.0.0.1:0',
      metricsBindAddress: '127.0.0.1:0',
      registry,
      close: () => api.close(),
    });
    const stop = new AbortController();
    const ended = manager.run(stop.signal);
    return {
      manager,
      registry,
      reconciled,
      ended,
      stop: async () => {
        stop.abort(new Error('stop'));
        await ended;
      },
    };
  };

  it('makes children, restores them, tells, and lets one of two act', async () => {
    await createOwner('early');
    const first = await startOperator('first');
    await waitFor(() => child('early'));
    const second = await startOperator('second');

    await createOwner('late');
    const made = await waitFor(() => child('late'));
    await runtime.client.delete(SECRET, keyOf(made), { uid: made.metadata.uid ?? '' }, runtime.signal);
    const restored = await waitFor(() => child('late'));
    expect(restored.metadata.uid).not.toBe(made.metadata.uid);
    expect(second.reconciled).toEqual([]);

    const events = await waitFor(async () => {
      const { items } = await runtime.client.list(EVENT_TYPE, { namespace: namespace.name }, runtime.signal);
      const ours = items.filter((event) => event.regarding.name === 'late');
      return ours.some((event) => event.series?.count === 2) && ours;
    });
    expect(events).toMatchObject([
      { reason: 'Created', action: 'Create', note: 'made a Secret', reportingInstance: 'first' },
    ]);

    const ready = await fetch(`http://127.0.0.1:${second.manager.ports().health}/readyz`);
    expect(ready.status, 'a standby is ready').toBe(200);
    const live = await fetch(`http://127.0.0.1:${first.manager.ports().health}/healthz`);
    expect(await live.text()).toContain('[+]lease ok');
    const metrics = await (await fetch(`http://127.0.0.1:${first.manager.ports().metrics}/metrics`)).text();
    expect(metrics).toMatch(/controller_runtime_reconcile_total\{controller="test",result="success"\} [1-9]/);
    expect(metrics).toMatch(/workqueue_depth\{[^}]*\} 0/);

    await first.stop();
    await createOwner('after-failover');
    await waitFor(() => child('after-failover'), {
      deadlineMs: 3_000,
      description: 'the second to take over',
    });
    const lease = await runtime.client.get(
      LEASE_TYPE,
      { namespace: namespace.name, name: 'leader' },
      runtime.signal,
    );
    expect(lease?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
    await second.stop();
  });

  it('is not held up by an object that always fails', async () => {
    await createOwner('poison');
    const operator = await startOperator('third');
    await waitFor(() => operator.reconciled.filter((name) => name === 'poison').length >= 3);
    await createOwner('healthy');
    await waitFor(() => child('healthy'));
    const text = await operator.registry.metrics();
    expect(text).toMatch(/controller_runtime_reconcile_panics_total\{controller="test"\} [1-9]/);
    await operator.stop();
  });

  it('writes nothing when it is started again', async () => {
    const operator = await startOperator('fourth');
    await waitFor(() => operator.reconciled.includes('healthy') && operator.reconciled.includes('late'));
    await operator.stop();
    const text = await operator.registry.metrics();
    const writes = [...text.matchAll(/rest_client_requests_total\{code="\d+",method="(\w+)"/g)].map(
      ([, method]) => method,
    );
    // The lease is the one thing that is written.
    expect(writes).not.toContain('PATCH');
    expect(writes).not.toContain('POST');
  });

  it('leaves children to garbage collection', async () => {
    const object = await runtime.client.get(CONFIG_MAP, keyOf(owner('late')), runtime.signal);
    await runtime.client.delete(
      CONFIG_MAP,
      keyOf(owner('late')),
      { uid: object?.metadata.uid ?? '' },
      runtime.signal,
    );
    await waitFor(async () => (await child('late')) === undefined, { deadlineMs: 30_000 });
  });

  it('ends with an error when somebody else takes its lease', async () => {
    const operator = await startOperator('fifth');
    const key = { namespace: namespace.name, name: 'leader' };
    const held = await waitFor(async () => {
      const lease = await runtime.client.get(LEASE_TYPE, key, runtime.signal);
      return lease?.spec?.holderIdentity === 'fifth' && lease;
    });
    const thief = { ...held.spec, holderIdentity: 'thief', leaseDurationSeconds: 60 };
    await runtime.client.patchJson(
      LEASE_TYPE,
      key,
      [{ op: 'replace', path: '/spec', value: thief }],
      { fieldManager: 'thief' },
      runtime.signal,
    );
    await expect(operator.ended).rejects.toThrow(/leadership is lost/);
  });
});
