/** The finalizer against a real API server: it comes first, goes last, and survives a clean-up that fails. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ConflictError } from '../../core/errors.ts';
import { createFinalizer, type KubernetesObject } from '../../operator/runtime/index.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { CONFIG_MAP, startRuntime, type RuntimeFixture } from '../harness/runtime.ts';

const NAME = 'example.com/bucket';

describe('a finalizer', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let runtime: RuntimeFixture;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'finalizer');
    runtime = await startRuntime(kubeconfigPath, namespace.name);
  });
  afterAll(async () => {
    await runtime.stop();
    await namespace.remove();
  });

  const live = (name: string): Promise<KubernetesObject | undefined> =>
    runtime.client.get(CONFIG_MAP, { namespace: namespace.name, name }, runtime.signal);
  const stored = async (name: string): Promise<KubernetesObject> => {
    const object = await live(name);
    if (object === undefined) throw new Error(`${name} is gone`);
    return object;
  };
  const create = (name: string, finalizers?: readonly string[]): Promise<KubernetesObject> => {
    const metadata = { name, namespace: namespace.name, ...(finalizers && { finalizers }) };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    return runtime.client.create(CONFIG_MAP, object, { fieldManager: 'user' }, runtime.signal);
  };
  const remove = ({ metadata: { name, uid = '' } }: KubernetesObject): Promise<void> =>
    runtime.client.delete(CONFIG_MAP, { namespace: namespace.name, name }, { uid }, runtime.signal);
  const finalizer = (cleanUp: (object: KubernetesObject) => Promise<void>) =>
    createFinalizer({
      client: runtime.client,
      type: CONFIG_MAP,
      name: NAME,
      fieldManager: 'test-controller',
      cleanUp,
    });
  /** Looks at an object that is not being deleted: there is nothing to clean up. */
  const look = (object: KubernetesObject) =>
    finalizer(() => Promise.reject(new Error('nothing is to be cleaned up yet'))).reconcile(
      object,
      runtime.signal,
    );

  it.each([
    { reason: 'an object without finalizers', name: 'bare', others: undefined },
    { reason: 'an object that others hold too', name: 'shared', others: ['example.com/other'] },
  ])('is put on $reason before anything else, once', async ({ name, others }) => {
    const created = await create(name, others);
    await expect(look(created)).resolves.toBe('added');
    const held = await stored(name);
    expect(held.metadata.finalizers).toEqual([...(others ?? []), NAME]);
    await expect(look(held)).resolves.toBe('held');
    expect((await stored(name)).metadata.resourceVersion).toBe(held.metadata.resourceVersion);
  });

  it('stays while the clean-up fails, and the object with it', async () => {
    await look(await create('failing'));
    await remove(await stored('failing'));
    const failing = finalizer(() => Promise.reject(new Error('the bucket is away')));
    await expect(failing.reconcile(await stored('failing'), runtime.signal)).rejects.toThrow(
      'the bucket is away',
    );
    expect((await stored('failing')).metadata.finalizers).toEqual([NAME]);
  });

  it('goes when the clean-up has succeeded, and leaves those of others', async () => {
    await look(await create('leaving', ['example.com/other']));
    await remove(await stored('leaving'));
    const seen: (readonly string[] | undefined)[] = [];
    const working = finalizer(async ({ metadata }) => {
      seen.push((await stored(metadata.name)).metadata.finalizers);
    });
    await expect(working.reconcile(await stored('leaving'), runtime.signal)).resolves.toBe('released');
    expect(seen).toEqual([['example.com/other', NAME]]);
    expect((await stored('leaving')).metadata.finalizers).toEqual(['example.com/other']);
    await expect(working.reconcile(await stored('leaving'), runtime.signal)).resolves.toBe('released');
    expect(seen).toHaveLength(1);
  });

  it('lets the object go, and takes it for success that another process was first', async () => {
    await look(await create('gone'));
    await remove(await stored('gone'));
    const deleted = await stored('gone');
    const working = finalizer(() => Promise.resolve());
    await expect(working.reconcile(deleted, runtime.signal)).resolves.toBe('released');
    expect(await live('gone')).toBeUndefined();
    await expect(working.reconcile(deleted, runtime.signal)).resolves.toBe('released');
  });

  it.each([
    { reason: 'has changed', name: 'changed', again: false },
    { reason: 'was deleted and made anew', name: 'anew', again: true },
  ])('touches nothing of an object that $reason since it was read', async ({ name, again }) => {
    const read = await create(name);
    if (again) {
      await remove(read);
      await create(name);
    } else {
      await look(read);
    }
    const before = await stored(name);
    await expect(look(read)).rejects.toThrow(ConflictError);
    expect(await stored(name)).toEqual(before);
  });
});
