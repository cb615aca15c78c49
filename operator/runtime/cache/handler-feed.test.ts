import { expect, it } from 'vitest';
import { nextTurn } from '../../../core/next-turn.ts';
import type { KubernetesObject } from '../object/object.ts';
import { HandlerFeed } from './handler-feed.ts';
import type { Change } from './informer.ts';

const object = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Sample', metadata: { name } });
const objects = (count: number): KubernetesObject[] =>
  Array.from({ length: count }, (_, position) => object(`present-${position}`));
const gone = (name: string): Change<KubernetesObject> => ({
  kind: 'delete',
  object: object(name),
  finalStateUnknown: false,
});

function feedOf(present: readonly KubernetesObject[]) {
  const told: string[] = [];
  const feed = new HandlerFeed(present, (change) => {
    const isInitial = change.kind === 'add' && change.initial;
    told.push(`${isInitial ? 'initial' : change.kind} ${change.object.metadata.name}`);
  });
  return { feed, told };
}

it.each([0, 1, 200])('tells %i objects at once, and changes from then on', (count) => {
  const { feed, told } = feedOf(objects(count));
  expect(told).toEqual(objects(count).map(({ metadata }) => `initial ${metadata.name}`));
  feed.push(gone('later'));
  expect(told.at(-1)).toBe('delete later');
});

it('tells many objects a few in each turn of the event loop', async () => {
  const { told } = feedOf(objects(450));
  const counts = [told.length];
  for (let turn = 0; turn < 3; turn++) {
    await nextTurn();
    counts.push(told.length);
  }
  expect(counts).toEqual([200, 400, 450, 450]);
});

it('tells changes that come meanwhile at once, each after its object as it was', async () => {
  const { feed, told } = feedOf(objects(450));
  feed.push(gone('present-449'));
  feed.push(gone('present-0'));
  feed.push(gone('unknown'));
  expect(told.slice(200)).toEqual([
    'initial present-449',
    'delete present-449',
    'delete present-0',
    'delete unknown',
  ]);
  while (told.length < 453) await nextTurn();
  await nextTurn();
  const rest = objects(449).slice(200);
  expect(told.slice(204)).toEqual(rest.map(({ metadata }) => `initial ${metadata.name}`));
});

it('tells nothing more once it is stopped', async () => {
  const { feed, told } = feedOf(objects(450));
  feed.stop();
  await nextTurn();
  await nextTurn();
  expect(told).toHaveLength(200);
});
