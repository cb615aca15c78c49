import { expect, it } from 'vitest';
import { isSameJson } from './equal.ts';

it.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{ a: null }, {}, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{ a: { b: 1 } }, { a: { b: 2 } }, false],
  [[], {}, false],
  ['1', 1, false],
  [undefined, undefined, true],
])('%j and %j: the same is %s', (one, other, expected) => {
  expect(isSameJson(one, other)).toBe(expected);
  expect(isSameJson(other, one)).toBe(expected);
});
