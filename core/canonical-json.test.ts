import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digest } from './canonical-json.ts';
import { TerminalError } from './errors.ts';

describe('canonicalJson', () => {
  it.each([
    // RFC 8785, section 3.2.2 and appendix B.
    [
      'sorts keys by UTF-16 code units',
      { '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, '\u00f6': 5 },
      '{"\\r":2,"1":3,"\u00f6":5,"\u20ac":1,"\ud83d\ude00":4}',
    ],
    [
      'writes numbers as ECMAScript does',
      [1 / 3, 1e30, 4.5, 2e-3, 1e-27],
      '[0.3333333333333333,1e+30,4.5,0.002,1e-27]',
    ],
    ['keeps the order of arrays', [3, 1, 2], '[3,1,2]'],
    ['drops undefined members', { a: undefined, b: null }, '{"b":null}'],
  ])('%s', (_reason, value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  it('refuses what has no JSON form', () => {
    expect(() => canonicalJson(undefined)).toThrow(TerminalError);
  });

  it('says the same for every order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(digest(reversed)).toBe(digest(value));
      }),
    );
  });
});

describe('digest', () => {
  it('is the SHA-256 of the canonical text', () => {
    // printf '{"a":1}' | sha256sum
    expect(digest({ a: 1 })).toBe('sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
  });
});
