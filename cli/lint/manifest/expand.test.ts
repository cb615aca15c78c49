import { describe, expect, it } from 'vitest';
import { expand } from './expand.ts';

describe('expand', () => {
  it('makes a tree of what is shared', () => {
    const shared = { a: [1, 'b', null, true] };
    const copy = expand([shared, shared], 100) as object[];
    expect(copy).toEqual([shared, shared]);
    expect(copy[0]).not.toBe(copy[1]);
  });

  it.each([
    { reason: 'values', value: () => Array.from({ length: 100 }, () => 1) },
    { reason: 'characters', value: () => 'a'.repeat(100) },
    { reason: 'what is shared', value: () => Array.from({ length: 10 }, () => 'a'.repeat(10)) },
  ])('counts $reason', ({ value }) => {
    expect(() => expand(value(), 100)).toThrow('more than a file may hold');
    expect(expand(value(), 200)).toEqual(value());
  });

  it('refuses a circle', () => {
    const circle: unknown[] = [];
    circle.push({ circle });
    expect(() => expand(circle, 100)).toThrow('contains itself');
  });
});
