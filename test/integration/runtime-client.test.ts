/** The client against a real API server: verbs, preconditions, and the class of each failure. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  AlreadyExistsError,
  ApiConflictError,
  connect,
  ForbiddenError,
  InvalidError,
  loadClusterAccess,
  NotFoundError,
  UnauthorizedError,
  type KubernetesObject,
} from '../../operator/runtime/index.ts';
import { BadRequestError } from '../../operator/runtime/client/api-error.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { CONFIG_MAP, DEPLOYMENT, startRuntime, type RuntimeFixture } from '../harness/runtime.ts';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

describe('the client', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let runtime: RuntimeFixture;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'client');
    runtime = await startRuntime(kubeconfigPath, namespace.name);
  });
  afterAll(async () => {
    await runtime.stop();
    await namespace.remove();
  });

  const configMap = (name: string, data: Record<string, string>): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: namespace.name },
    data,
  });
  const keyOf = (name: string) => ({ namespace: namespace.name, name });
  const asTest = { fieldManager: 'test' };

  it('creates, reads, replaces, patches and deletes', async () => {
    const { client, signal } = runtime;
    const created = await client.create<ConfigMap>(
      CONFIG_MAP,
      configMap('verbs', { a: '1' }),
      asTest,
      signal,
    );
    const replaced = await client.replace<ConfigMap>(
      CONFIG_MAP,
      { ...created, data: { a: '2' } } as ConfigMap,
      asTest,
      signal,
    );
    expect(replaced.data).toEqual({ a: '2' });
    await client.patchJson(
      CONFIG_MAP,
      keyOf('verbs'),
      [{ op: 'add', path: '/data/b', value: '3' }],
      asTest,
      signal,
    );
    expect(await client.get<ConfigMap>(CONFIG_MAP, keyOf('verbs'), signal)).toMatchObject({
      data: { a: '2', b: '3' },
    });
    await client.delete(CONFIG_MAP, keyOf('verbs'), { uid: created.metadata.uid ?? '' }, signal);
    expect(await client.get(CONFIG_MAP, keyOf('verbs'), signal)).toBeUndefined();
  });

  it('lists in pages that fit together', async () => {
    const { client, signal } = runtime;
    const names = ['page-1', 'page-2', 'page-3'];
    for (const name of names) await client.create(CONFIG_MAP, configMap(name, {}), asTest, signal);
    const scope = { namespace: namespace.name, fieldSelector: 'metadata.name!=kube-root-ca.crt', limit: 2 };
    const first = await client.list(CONFIG_MAP, scope, signal);
    expect(first.items).toHaveLength(2);
    expect(first.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    const second = await client.list(CONFIG_MAP, { ...scope, continue: first.continue ?? '' }, signal);
    expect([...first.items, ...second.items].map((item) => item.metadata.name)).toEqual(names);
    expect(second.continue).toBeUndefined();
  });

  it('lists metadata alone', async () => {
    const { client, signal } = runtime;
    await client.create(CONFIG_MAP, configMap('meta', { secret: 'value' }), asTest, signal);
    const list = await client.list(
      CONFIG_MAP,
      { namespace: namespace.name, fieldSelector: 'metadata.name=meta', metadataOnly: true },
      signal,
    );
    expect(list.items[0]).toMatchObject({ metadata: { name: 'meta' } });
    expect(JSON.stringify(list.items)).not.toContain('value');
  });

  it('validates a dry run and stores nothing', async () => {
    const { client, signal } = runtime;
    await client.apply(CONFIG_MAP, configMap('dry', { a: '1' }), { ...asTest, dryRun: true }, signal);
    expect(await client.get(CONFIG_MAP, keyOf('dry'), signal)).toBeUndefined();
  });

  it('tells a taken name from a lost race', async () => {
    const { client, signal } = runtime;
    const created = await client.create<ConfigMap>(CONFIG_MAP, configMap('race', { a: '1' }), asTest, signal);
    await expect(client.create(CONFIG_MAP, configMap('race', {}), asTest, signal)).rejects.toThrow(
      AlreadyExistsError,
    );
    await client.apply(CONFIG_MAP, configMap('race', { b: '2' }), { ...asTest, force: true }, signal);
    await expect(client.replace(CONFIG_MAP, created, asTest, signal)).rejects.toThrow(ApiConflictError);
    await expect(
      client.delete(CONFIG_MAP, keyOf('race'), { uid: '00000000-0000-0000-0000-000000000000' }, signal),
    ).rejects.toThrow(ApiConflictError);
  });

  it('applies "only if nothing is there"', async () => {
    const { client, signal } = runtime;
    const once = configMap('once', { a: '1' });
    const createOnly = { ...once, metadata: { ...once.metadata, resourceVersion: '1' } };
    const created = await client.apply<ConfigMap>(CONFIG_MAP, createOnly, asTest, signal);
    expect(created.metadata.managedFields).toMatchObject([{ manager: 'test', operation: 'Apply' }]);
    await expect(client.apply(CONFIG_MAP, createOnly, asTest, signal)).rejects.toThrow(ApiConflictError);
    await expect(client.apply(CONFIG_MAP, createOnly, { ...asTest, force: true }, signal)).rejects.toThrow(
      ApiConflictError,
    );
  });

  it('names the fields of an invalid object', async () => {
    const { client, signal } = runtime;
    const invalid = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'invalid', namespace: namespace.name },
      spec: {
        replicas: -1,
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } } },
      },
    };
    const failure = await client.apply(DEPLOYMENT, invalid, asTest, signal).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidError);
    expect((failure as InvalidError).status.causes.map((cause) => cause.field)).toContain('spec.replicas');
  });

  it('refuses a field that does not exist', async () => {
    const misspelt = { ...configMap('misspelt', {}), dta: { a: '1' } };
    const failure = runtime.client.create(CONFIG_MAP, misspelt, asTest, runtime.signal);
    await expect(failure).rejects.toThrow(/unknown field "dta"/);
    await expect(failure).rejects.toThrow(BadRequestError);
  });

  it('knows an unknown kind and a missing namespace', async () => {
    const { client, signal } = runtime;
    const nothing = {
      group: 'example.com',
      version: 'v1',
      kind: 'Nothing',
      plural: 'nothings',
      namespaced: true,
    };
    await expect(client.list(nothing, {}, signal)).rejects.toThrow(NotFoundError);
    const elsewhere = { ...configMap('x', {}), metadata: { name: 'x', namespace: 'no-such-namespace' } };
    await expect(client.create(CONFIG_MAP, elsewhere, asTest, signal)).rejects.toThrow(NotFoundError);
  });

  it('tells a stranger from somebody without the right', async () => {
    const access = await loadClusterAccess({ path: kubeconfigPath });
    const stranger = connect({ ...access, user: {} }, { program: 'stranger/0' });
    const failure = stranger.client('x').list(CONFIG_MAP, {}, runtime.signal);
    await expect(failure).rejects.toSatisfy(
      (error) => error instanceof UnauthorizedError || error instanceof ForbiddenError,
    );
    await stranger.close();
  });

  it('rejects with the reason of the caller that aborts', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const pending = runtime.client.list(CONFIG_MAP, {}, controller.signal);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });
});
