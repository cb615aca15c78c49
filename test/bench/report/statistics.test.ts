import { describe, expect, it } from 'vitest';
import { percentile, spread } from './statistics.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  it.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('%f of 1 to 100 is %i', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected);
  });

  it('refuses to invent a value', () => {
    expect(() => percentile([], 0.5)).toThrow('nothing was measured');
  });
});

describe('spread', () => {
  it.each([
    ['odd', [3, 1, 2], { median: 2, min: 1, max: 3 }],
    ['even', [4, 1, 2, 3], { median: 2.5, min: 1, max: 4 }],
    ['single', [7], { median: 7, min: 7, max: 7 }],
  ])('of an %s number of runs', (_name, values, expected) => {
    expect(spread(values)).toEqual(expected);
  });
});
