import { expect, it } from 'vitest';
import { compareQuantities, isSameQuantity } from './quantity.ts';

it.each<[string | number, string | number, boolean]>([
  ['0.5', '500m', true],
  ['1', '1000m', true],
  [1, '1', true],
  ['1024Mi', '1Gi', true],
  ['1.5Gi', '1536Mi', true],
  ['1e3', '1k', true],
  [`1.${'0'.repeat(100)}`, '1', true],
  ['1E3', '1k', true],
  ['100u', '0.1m', true],
  ['-1', '-1000m', true],
  ['.5', '0.5', true],
  ['1E', '1000P', true],
  ['9007199254740993', '9007199254740992', false],
  ['1k', '1Ki', false],
  ['500m', '501m', false],
  ['1', '', false],
  ['latest', 'latest', false],
  ['1 Gi', '1Gi', false],
])('%s and %s: the same amount is %s', (one, other, expected) => {
  expect(isSameQuantity(one, other)).toBe(expected);
});

it.each<[string | number, string | number, -1 | 0 | 1 | undefined]>([
  ['500m', '501m', -1],
  ['1Gi', '1G', 1],
  ['2', 2, 0],
  ['1.5Gi', '1536Mi', 0],
  ['-1', '0', -1],
  ['9007199254740993', '9007199254740992', 1],
  ['1n', '0', 1],
  ['100m', '99999u', 1],
  ['two', '2', undefined],
  ['2', '', undefined],
])('%s against %s is %s', (one, other, expected) => {
  expect(compareQuantities(one, other)).toBe(expected);
  const swapped = compareQuantities(other, one);
  expect(swapped === undefined ? undefined : -swapped + 0).toBe(expected);
});
