import { expect, it } from 'vitest';
import { silentLogger } from '../../../core/logger.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { KubernetesObject } from '../object/object.ts';
import { SharedInformer } from './shared-informer.ts';

/** An informer that runs no reflector: its store is filled by hand. */
function informerOf(count: number): SharedInformer<KubernetesObject> {
  const informer = new SharedInformer<KubernetesObject>({
    client: undefined as never,
    type: { group: '', version: 'v1', kind: 'Sample', plural: 'samples', namespaced: true },
    namespaces: [''],
    metadataOnly: false,
    clock: new FakeClock(),
    random: () => 0,
    logger: silentLogger,
    observer: { listStarted: () => undefined, watchStarted: () => undefined, gone: () => undefined },
  });
  for (let position = 0; position < count; position++) {
    const metadata = { name: `sample-${position}`, namespace: 'a', uid: String(position) };
    informer.store.upsert({ apiVersion: 'v1', kind: 'Sample', metadata }, true);
  }
  return informer;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('lets the event loop turn while it tells a late handler of a large store', async () => {
  let told = 0;
  const informer = informerOf(1_000);
  informer.addHandler(() => (told += 1));
  expect(told).toBeLessThan(1_000);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  expect(told).toBe(1_000);
});

it('tells a handler nothing after it was taken away, also of what it had not been told yet', async () => {
  let told = 0;
  const informer = informerOf(1_000);
  const remove = informer.addHandler(() => (told += 1));
  const before = told;
  remove();
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  expect(told).toBe(before);
});

it('goes on telling when a handler throws', () => {
  const told: string[] = [];
  const informer = informerOf(3);
  informer.addHandler(({ object }) => {
    told.push(object.metadata.name);
    throw new Error('a bug');
  });
  expect(told).toEqual(['sample-0', 'sample-1', 'sample-2']);
});
