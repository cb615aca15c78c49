import { expect, it } from 'vitest';
import { shownValue } from './shown-value.ts';

it.each(['', 'ghcr.io/org/server:1', 'Bücher 書', 'a'.repeat(256)])('%j is shown as it is', (value) => {
  expect(shownValue(value)).toBe(value);
});

it.each([
  { reason: 'a line break', value: 'a\nb', shown: /^a b \(sha256:[0-9a-f]{12}\)$/ },
  { reason: 'text that runs backwards', value: 'a\u202Eb', shown: /^a b \(sha256:/ },
  { reason: 'half a character', value: '\uD800', shown: /^ \(sha256:/ },
  { reason: 'too much', value: 'a'.repeat(257), shown: /^a+… \(sha256:/ },
])('$reason is not shown, and leaves a mark', ({ value, shown }) => {
  expect(shownValue(value)).toMatch(shown);
  expect(shownValue(value).length).toBeLessThanOrEqual(256);
});

it('keeps different what is different', () => {
  const values = ['a\nb', 'a\rb', 'a b', `${'a'.repeat(300)}1`, `${'a'.repeat(300)}2`];
  expect(new Set(values.map(shownValue)).size).toBe(values.length);
});
