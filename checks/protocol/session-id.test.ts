/** Which session ids are called guessable, and that random ones never are. */
import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGuessable, isVisibleAscii } from './session-id.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

describe('isGuessable', () => {
  it.each([
    ['decimal counters', ['1', '2', '3']],
    ['counters that jump', ['100', '90100', '1000']],
    ['hexadecimal counters', ['deadbeef', 'deadbef0', 'deadbef1']],
    ['counters between constants', ['s-1-x', 's-2-x', 's-3-x']],
    ['seconds', [String(NOW / 1000), String(NOW / 1000 + 60), String(NOW / 1000 + 3_000)]],
    [
      'nanoseconds',
      ['0', '60000000000', '120000000000'].map((plus) => String(BigInt(NOW) * 1_000_000n + BigInt(plus))),
    ],
    ['two counters', ['1.5', '2.6', '3.7']],
  ])('%s are', (_reason, ids) => {
    expect(isGuessable(ids, NOW)).toBe(true);
  });

  it.each([
    ['times of last year', ['1700000000000', '1500000000000', '1600000000000']],
    ['words', ['apple', 'banana', 'cherry']],
    ['a counter with something random', [`1-${randomUUID()}`, `2-${randomUUID()}`, `3-${randomUUID()}`]],
    ['ids of different shapes', ['a-1', '2', 'b-3']],
  ])('%s are not', (_reason, ids) => {
    expect(isGuessable(ids, NOW)).toBe(false);
  });

  it('random ids are not, in any usual form', () => {
    const forms = [
      () => randomUUID() as string,
      () => randomBytes(16).toString('hex'),
      () => randomBytes(12).toString('base64url'),
      () => BigInt(`0x${randomBytes(8).toString('hex')}`).toString(),
    ];
    const guessed = forms.flatMap((form) =>
      Array.from({ length: 2_000 }, () => [form(), form(), form()]).filter((ids) =>
        isGuessable(ids, Date.now()),
      ),
    );
    expect(guessed).toEqual([]);
  });

  it('judges any text without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 3, maxLength: 3 }), (ids) => {
        expect(typeof isGuessable(ids, NOW)).toBe('boolean');
      }),
    );
  });
});

describe('isVisibleAscii', () => {
  it.each([
    ['!', true],
    ['~', true],
    ['', false],
    ['a b', false],
    ['a\u007f', false],
    ['é', false],
  ])('%j: %s', (id, expected) => {
    expect(isVisibleAscii(id)).toBe(expected);
  });
});
