import { expect, it } from 'vitest';
import { silentLogger } from '../../../core/logger.ts';
import { nextTurn } from '../../../core/next-turn.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { KubernetesClient } from '../client/client.ts';
import type { WatchEvent } from '../client/watch-event.ts';
import type { KubernetesObject } from '../object/object.ts';
import { SharedInformer } from './shared-informer.ts';

interface Sample extends KubernetesObject {
  readonly content?: string;
}

const OPTIONS = {
  type: { group: '', version: 'v1', kind: 'Sample', plural: 'samples', namespaced: true },
  namespaces: [''],
  metadataOnly: false,
  clock: new FakeClock(),
  random: () => 0,
  logger: silentLogger,
  observer: { listStarted: () => undefined, watchStarted: () => undefined, gone: () => undefined },
};

/** An informer that runs no reflector: its store is filled by hand. */
function informerOf(count: number): SharedInformer<KubernetesObject> {
  const informer = new SharedInformer<KubernetesObject>({ ...OPTIONS, client: undefined as never });
  for (let position = 0; position < count; position++) {
    const metadata = { name: `sample-${position}`, namespace: 'a', uid: String(position) };
    informer.store.upsert({ apiVersion: 'v1', kind: 'Sample', metadata }, true);
  }
  return informer;
}

it('keeps and tells as much of each object as it was asked to, of lists, changes and ends', async () => {
  const sample = (name: string, resourceVersion: string): Sample => ({
    apiVersion: 'v1',
    kind: 'Sample',
    metadata: { name, namespace: 'a', uid: name, resourceVersion },
    content: 'large',
  });
  const end = new AbortController();
  const client = {
    list: () => Promise.resolve({ items: [sample('one', '1'), sample('two', '1')], resourceVersion: '1' }),
    async *watch(): AsyncGenerator<WatchEvent<Sample>> {
      yield { type: 'MODIFIED', object: sample('one', '2') };
      yield { type: 'ADDED', object: sample('three', '3') };
      yield { type: 'DELETED', object: sample('two', '4') };
      await Promise.resolve();
      end.abort();
    },
  };
  const informer = new SharedInformer<Sample>({
    ...OPTIONS,
    // A boundary: lists and watches are all that is asked of it.
    client: client as unknown as KubernetesClient,
    keep: ({ content: _left, ...object }) => object,
  });
  const told: string[] = [];
  informer.addHandler(({ kind, object }) => {
    told.push(`${kind} ${object.metadata.name}${'content' in object ? ' whole' : ''}`);
  });
  await informer.run(end.signal);
  expect(told).toEqual(['add one', 'add two', 'update one', 'add three', 'delete two']);
  expect(informer.store.list().filter((object) => 'content' in object)).toEqual([]);
});

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
