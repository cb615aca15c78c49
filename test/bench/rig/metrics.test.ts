import { expect, it } from 'vitest';
import { sumMetric } from './metrics.ts';

const TEXT = [
  '# TYPE workqueue_depth gauge',
  'workqueue_depth{name="a",priority="0"} 3',
  'workqueue_depth{name="a",priority="-100"} 4',
  'workqueue_depth{name="b"} 10',
  'workqueue_depth_other 99',
  'up 1',
].join('\n');

it.each([
  ['workqueue_depth', {}, 17],
  ['workqueue_depth', { name: 'a' }, 7],
  ['up', {}, 1],
  ['down', {}, undefined],
])('%s %o', (name, labels, expected) => {
  expect(sumMetric(TEXT, name, labels)).toBe(expected);
});
