import { expect, it } from 'vitest';
import { printable } from './printable.ts';

it.each([
  ['ghcr.io/org/server:1', 'ghcr.io/org/server:1'],
  ['Bücher 書', 'Bücher 書'],
  ['a\nb\u001B[2J', String.raw`a\u{a}b\u{1b}[2J`],
  ['\u202Egnp', String.raw`\u{202e}gnp`],
  ['\uD800', String.raw`\u{d800}`],
  ['a'.repeat(256), 'a'.repeat(256)],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it('cuts what is too long, and keeps it different', () => {
  const [one, other] = [printable(`${'a'.repeat(1000)}1`), printable(`${'a'.repeat(1000)}2`)];
  expect(one).toMatch(/^a{230}\.\.\. \(sha256:[0-9a-f]{12}\)$/);
  expect(other).not.toBe(one);
});

it('survives half of a character', () => {
  expect(printable('\uD800'.repeat(300))).toMatch(/^\\u\{d800\}.*\(sha256:[0-9a-f]{12}\)$/);
});

it('never shows more than 256 characters', () => {
  expect(printable('\n'.repeat(200)).length).toBeLessThanOrEqual(256);
});
