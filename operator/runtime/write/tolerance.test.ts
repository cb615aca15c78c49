import { describe, expect, it } from 'vitest';
import { Tolerance } from './tolerance.ts';

const intent = { a: 1 };
const put = { path: '/spec/x', live: { injected: true } };

describe('tolerance', () => {
  it('holds for the same object, the same intent and the same value', () => {
    const tolerance = new Tolerance();
    tolerance.add('uid', intent, [put]);
    expect(tolerance.reduce('uid', { a: 1 }, { changed: [put], foreign: [put] })).toEqual({
      changed: [],
      foreign: [],
    });
  });

  it.each([
    ['another object', 'other', intent, put],
    ['another intent', 'uid', { a: 2 }, put],
    ['another value', 'uid', intent, { ...put, live: { injected: false } }],
    ['another path', 'uid', intent, { ...put, path: '/spec/y' }],
    ['a value that is gone', 'uid', intent, { ...put, live: undefined }],
  ])('does not extend to %s', (_name, uid, wanted, difference) => {
    const tolerance = new Tolerance();
    tolerance.add('uid', intent, [put]);
    const drift = { changed: [difference], foreign: [] };
    expect(tolerance.reduce(uid, wanted, drift)).toEqual(drift);
  });

  it('adds to what it knows of an intent, and forgets the one before', () => {
    const tolerance = new Tolerance();
    const other = { path: '/spec/y', live: 1 };
    tolerance.add('uid', intent, [put]);
    tolerance.add('uid', intent, [other]);
    expect(tolerance.reduce('uid', intent, { changed: [put, other], foreign: [] }).changed).toEqual([]);
    tolerance.add('uid', { a: 2 }, [other]);
    expect(tolerance.reduce('uid', { a: 2 }, { changed: [put, other], foreign: [] }).changed).toEqual([put]);
  });
});
