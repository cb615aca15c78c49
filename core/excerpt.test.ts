import { describe, expect, it } from 'vitest';
import { excerpt } from './excerpt.ts';

describe('excerpt', () => {
  it.each([
    { name: 'plain text', text: 'as it is', expected: 'as it is' },
    { name: 'lines', text: 'one\r\n two\t\tthree ', expected: 'one two three' },
    { name: 'an escape sequence', text: 'red\u001b[31m', expected: 'red [31m' },
    { name: 'text that turns its direction', text: 'a\u202eb\u2066c', expected: 'a b c' },
    { name: 'invisible characters', text: 'a\u200bb', expected: 'a b' },
    { name: 'too much', text: 'abcdefghijk', expected: 'abcdefghi…' },
    { name: 'too much, cut inside a character', text: 'abcdefgh😀jk', expected: 'abcdefgh…' },
    { name: 'half a character, which no JSON document may hold', text: 'a\ud800b', expected: 'a b' },
  ])('$name', ({ name, text, expected }) => {
    expect(excerpt(text, name === 'lines' ? 20 : 10)).toBe(expected);
  });
});
