/** Status against a real API server, on a kind of the test's own: written when it differs, and by nobody else for long. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ConflictError } from '../../core/errors.ts';
import { keyOf, type KubernetesObject, type ResourceType } from '../../operator/runtime/index.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { kubectl } from '../harness/kubectl.ts';
import { startRuntime, type RuntimeFixture } from '../harness/runtime.ts';
import { waitFor } from '../harness/wait.ts';

interface Thing extends KubernetesObject {
  readonly status?: object;
}

const THING: ResourceType<Thing> = {
  group: 'runtime.example.com',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
};

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${THING.plural}.${THING.group}` },
  spec: {
    group: THING.group,
    scope: 'Namespaced',
    names: { plural: THING.plural, singular: 'thing', kind: THING.kind },
    versions: [
      {
        name: THING.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: anything,
              status: {
                type: 'object',
                properties: {
                  phase: { type: 'string' },
                  count: { type: 'integer' },
                  mode: { type: 'string', default: 'Normal' },
                },
              },
            },
          },
        },
      },
    ],
  },
};

describe('applyStatus', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let runtime: RuntimeFixture;

  beforeAll(async () => {
    await kubectl(kubeconfigPath, ['apply', '-f', '-'], JSON.stringify(definition));
    await kubectl(kubeconfigPath, ['wait', '--for=condition=Established', `crd/${definition.metadata.name}`]);
    namespace = await createNamespace(kubeconfigPath, 'status');
    runtime = await startRuntime(kubeconfigPath, namespace.name);
    await runtime.watch(THING);
  });
  afterAll(async () => {
    await runtime.stop();
    await namespace.remove();
  });

  const create = (name: string): Promise<Thing> =>
    runtime.client.create(
      THING,
      { apiVersion: 'runtime.example.com/v1', kind: 'Thing', metadata: { name, namespace: namespace.name } },
      { fieldManager: 'user' },
      runtime.signal,
    );
  const applyStatus = (thing: Thing, status: object) =>
    runtime.writer.applyStatus(THING, thing, status, runtime.signal);
  const settled = (thing: Thing): Promise<Thing> =>
    waitFor(async () => {
      const live = await runtime.client.get(THING, keyOf(thing), runtime.signal);
      const cached = runtime.informers.for(THING).store.get(keyOf(thing));
      return live?.metadata.resourceVersion === cached?.metadata.resourceVersion && cached;
    });

  it('writes a status once, and again when it changes', async () => {
    const thing = await create('once');
    const status = { phase: 'Running', count: 1, mode: 'Normal' };
    expect(await applyStatus(thing, status)).toBe(true);
    const written = await settled(thing);
    expect(written.status).toEqual(status);
    expect(await applyStatus(written, { mode: 'Normal', count: 1, phase: 'Running' })).toBe(false);
    expect(await applyStatus(written, { phase: 'Running', mode: 'Normal' })).toBe(true);
    expect((await settled(thing)).status).toEqual({ phase: 'Running', mode: 'Normal' });
  });

  it('does not repeat itself when the API server fills in a default', async () => {
    const thing = await create('default');
    expect(await applyStatus(thing, { phase: 'Running' })).toBe(true);
    const written = await settled(thing);
    expect(written.status).toEqual({ phase: 'Running', mode: 'Normal' });
    expect(await applyStatus(written, { phase: 'Running' })).toBe(false);
  });

  it('is content with its own part of a status that another writes to as well', async () => {
    const thing = await create('shared');
    const ownPart = (live: unknown): unknown => ({ phase: (live as { phase?: string } | undefined)?.phase });
    const apply = (current: Thing, phase: string) =>
      runtime.writer.applyStatus(THING, current, { phase }, runtime.signal, ownPart);
    expect(await apply(thing, 'Running')).toBe(true);
    const counted = { ...thing, metadata: keyOf(thing), status: { count: 7 } };
    await runtime.client.apply(
      THING,
      counted,
      { fieldManager: 'other', subresource: 'status', force: true },
      runtime.signal,
    );
    const both = await settled(thing);
    expect(both.status).toMatchObject({ phase: 'Running', count: 7 });
    expect(await apply(both, 'Running')).toBe(false);
    expect(await apply(both, 'Done')).toBe(true);
    expect((await settled(thing)).status).toMatchObject({ phase: 'Done', count: 7 });
  });

  it('restores what somebody else wrote', async () => {
    const thing = await create('tampered');
    const status = { phase: 'Failed', mode: 'Normal' };
    await applyStatus(thing, status);
    await runtime.client.patchJson(
      THING,
      keyOf(thing),
      [{ op: 'replace', path: '/status/phase', value: 'Fine' }],
      { fieldManager: 'intruder', subresource: 'status' },
      runtime.signal,
    );
    expect(await applyStatus(await settled(thing), status)).toBe(true);
    expect((await settled(thing)).status).toEqual(status);
  });

  it('never writes the status of an object that is gone, or of its successor', async () => {
    const thing = await create('gone');
    await runtime.client.delete(THING, keyOf(thing), { uid: thing.metadata.uid ?? '' }, runtime.signal);
    expect(await applyStatus(thing, { phase: 'Late' })).toBe(false);
    await create('gone');
    await expect(applyStatus(thing, { phase: 'Late' })).rejects.toThrow(ConflictError);
    expect((await runtime.client.get(THING, keyOf(thing), runtime.signal))?.status).toBeUndefined();
  });
});
