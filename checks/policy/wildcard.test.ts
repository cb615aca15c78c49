import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ANY, type Wildcards, matchesWildcards } from './wildcard.ts';

const wildcards = (text: string): Wildcards<string> =>
  Array.from(text).map((step) => (step === '*' ? ANY : step));
const matches = (pattern: string, text: string): boolean =>
  matchesWildcards(wildcards(pattern), Array.from(text), (step, item) => step === item);

it.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'ba', false],
  ['*a', 'aba', true],
  ['*ab*ab', 'abab', true],
  ['*ab*ab', 'ab', false],
  ['a*b*c', 'abbc', true],
  ['a*b*c', 'acb', false],
])('%j against %j: %s', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

it('matches what the regular expression of the same meaning matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      expect(matches(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
    }),
    { numRuns: 2000 },
  );
});

it('asks no more often than the product of both lengths', () => {
  let asked = 0;
  const text = Array.from('a'.repeat(500));
  const pattern = wildcards(`${'*a'.repeat(100)}b`);
  expect(matchesWildcards(pattern, text, (step, item) => (asked++, step === item))).toBe(false);
  expect(asked).toBeLessThanOrEqual(pattern.length * text.length);
});
