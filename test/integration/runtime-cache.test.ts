/** Informers against a real API server: complete, current, shared, and in the namespaces that were asked for. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import {
  createInformers,
  keyOf,
  OWNER_UID_INDEX,
  type Change,
  type KubernetesObject,
} from '../../operator/runtime/index.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { CONFIG_MAP, startRuntime, type RuntimeFixture } from '../harness/runtime.ts';
import { waitFor } from '../harness/wait.ts';

describe('informers', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespaces: readonly TestNamespace[];
  let runtime: RuntimeFixture;

  beforeAll(async () => {
    namespaces = await Promise.all(
      ['one', 'two', 'three'].map((name) => createNamespace(kubeconfigPath, name)),
    );
    runtime = await startRuntime(kubeconfigPath, namespaces[0]?.name ?? '');
    await runtime.watch(CONFIG_MAP);
  });
  afterAll(async () => {
    await runtime.stop();
    await Promise.all(namespaces.map((namespace) => namespace.remove()));
  });

  const configMap = (name: string, place = 0, labels: Record<string, string> = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: namespaces[place]?.name ?? '', labels },
    data: { key: 'value' },
  });
  const create = (object: KubernetesObject) =>
    runtime.client.create(CONFIG_MAP, object, { fieldManager: 'test' }, runtime.signal);

  it('tells adds, updates and deletes, and keeps frozen objects without bookkeeping', async () => {
    const informer = runtime.informers.for(CONFIG_MAP);
    const changes: Change<KubernetesObject>[] = [];
    const remove = informer.addHandler((change) => {
      if (change.object.metadata.name === 'life') changes.push(change);
    });
    const { metadata } = await create(configMap('life'));
    await runtime.client.patchJson(
      CONFIG_MAP,
      keyOf(configMap('life')),
      [{ op: 'add', path: '/data/more', value: '2' }],
      { fieldManager: 'test' },
      runtime.signal,
    );
    await waitFor(() => changes.length === 2);
    const cached = informer.store.get(keyOf(configMap('life')));
    expect(cached).toMatchObject({ data: { key: 'value', more: '2' } });
    expect(cached?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(cached?.metadata)).toBe(true);
    expect(informer.store.ownership(keyOf(configMap('life')))).toMatchObject([
      { manager: 'test', operation: 'Update' },
    ]);
    await runtime.client.delete(
      CONFIG_MAP,
      keyOf(configMap('life')),
      { uid: metadata.uid ?? '' },
      runtime.signal,
    );
    await waitFor(() => changes.length === 3);
    expect(changes.map((change) => change.kind)).toEqual(['add', 'update', 'delete']);
    expect(informer.store.get(keyOf(configMap('life')))).toBeUndefined();
    remove();
  });

  it('goes on when somebody writes managedFields that no recursion survives', async () => {
    const poison = await create(configMap('poison'));
    const nested = `${'{"f:a":'.repeat(9_000)}{}${'}'.repeat(9_000)}`;
    const entry = `{"manager":"x","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":${nested}}}`;
    const patch = `[{"op":"replace","path":"/metadata/managedFields","value":[${entry}]}]`;
    const { namespace = '' } = poison.metadata;
    const target = ['patch', 'configmap/poison', '-n', namespace, '--type=json', '-p', patch];
    await kubectl(kubeconfigPath, target);
    await create(configMap('bystander'));
    const { store } = runtime.informers.for(CONFIG_MAP);
    await waitFor(() => store.get(keyOf(configMap('bystander'))) !== undefined);
    expect(store.get(keyOf(poison))?.metadata.resourceVersion).not.toBe(poison.metadata.resourceVersion);
  });

  it('replays the store to a late handler', async () => {
    await create(configMap('late'));
    const informer = runtime.informers.for(CONFIG_MAP);
    await waitFor(() => informer.store.get(keyOf(configMap('late'))));
    const seen: string[] = [];
    informer.addHandler((change) => {
      if (change.kind === 'add' && change.initial) seen.push(change.object.metadata.name);
    });
    expect(seen).toContain('late');
  });

  it('finds children by the uid of their owner', async () => {
    const owner = await create(configMap('parent'));
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'parent', uid: owner.metadata.uid ?? '' };
    const child = configMap('child');
    await create({
      ...child,
      metadata: { ...child.metadata, ownerReferences: [{ ...reference, controller: true }] },
    });
    const { store } = runtime.informers.for(CONFIG_MAP);
    const children = await waitFor(() => {
      const found = store.byIndex(OWNER_UID_INDEX, reference.uid);
      return found.length > 0 && found;
    });
    expect(children.map((object) => object.metadata.name)).toEqual(['child']);
  });

  it('merges several namespaces behind one store, with a selector', async () => {
    const watched = [namespaces[0]?.name ?? '', namespaces[1]?.name ?? ''];
    const informers = createInformers({ client: runtime.client, namespaces: watched, logger: silentLogger });
    const informer = informers.for(CONFIG_MAP, { labelSelector: 'pick=me' });
    const controller = new AbortController();
    for (const place of [0, 1, 2]) await create(configMap('picked', place, { pick: 'me' }));
    await create(configMap('not-picked'));
    informers.start(controller.signal);
    await informers.waitForSync(10_000, controller.signal);
    expect(new Set(informer.store.list().map((object) => object.metadata.namespace))).toEqual(
      new Set(watched),
    );
    await create(configMap('picked-later', 1, { pick: 'me' }));
    await create(configMap('picked-later', 2, { pick: 'me' }));
    await waitFor(() => informer.store.size === 3);
    controller.abort();
    await informers.stopped();
  });

  it('watches one namespace alone when asked to, whichever the process serves', async () => {
    const [served = '', own = ''] = namespaces.map(({ name }) => name);
    const informers = createInformers({ client: runtime.client, namespaces: [served], logger: silentLogger });
    const selection = { fieldSelector: 'metadata.name=of-mine' };
    const mine = informers.for(CONFIG_MAP, { namespace: own, ...selection });
    const elsewhere = informers.for(CONFIG_MAP, selection);
    expect(informers.for(CONFIG_MAP, { namespace: own, ...selection })).toBe(mine);
    const controller = new AbortController();
    for (const place of [0, 1, 2]) await create(configMap('of-mine', place));
    await create(configMap('of-others', 1));
    informers.start(controller.signal);
    await informers.waitForSync(10_000, controller.signal);
    expect(mine.store.list().map(keyOf)).toEqual([{ namespace: own, name: 'of-mine' }]);
    expect(elsewhere.store.list().map(keyOf)).toEqual([{ namespace: served, name: 'of-mine' }]);
    controller.abort();
    await informers.stopped();
  });

  it('keeps metadata alone when asked to', async () => {
    const informers = createInformers({
      client: runtime.client,
      namespaces: [namespaces[0]?.name ?? ''],
      logger: silentLogger,
    });
    const { store } = informers.forMetadata(CONFIG_MAP);
    const controller = new AbortController();
    await create(configMap('listed'));
    informers.start(controller.signal);
    await informers.waitForSync(10_000, controller.signal);
    await create(configMap('watched'));
    for (const name of ['listed', 'watched']) {
      const object = await waitFor(() => store.get(keyOf(configMap(name))));
      expect(object).toMatchObject({ metadata: { name } });
      expect(object).not.toHaveProperty('data');
    }
    controller.abort();
    await informers.stopped();
  });

  it('says which kind it cannot list', async () => {
    const informers = createInformers({ client: runtime.client, logger: silentLogger });
    informers.for({
      group: 'example.com',
      version: 'v1',
      kind: 'Nothing',
      plural: 'nothings',
      namespaced: true,
    });
    const controller = new AbortController();
    informers.start(controller.signal);
    await expect(informers.waitForSync(200, controller.signal)).rejects.toThrow(
      /no first list of nothings.example.com/,
    );
    controller.abort();
    await informers.stopped();
  });

  it('has seen a write once its resource version says so', async () => {
    const informer = runtime.informers.for(CONFIG_MAP);
    const stored = await create(configMap('version'));
    const place = stored.metadata.namespace ?? '';
    await waitFor(() => informer.lastSyncResourceVersion(place) === stored.metadata.resourceVersion);
    expect(informer.store.get(keyOf(stored))?.metadata.uid).toBe(stored.metadata.uid);
  });
});
