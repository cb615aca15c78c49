import { expect, it } from 'vitest';
import { showable } from './server-info.ts';

it.each([
  ['an ordinary name', 'github-mcp-server', 'github-mcp-server'],
  ['other scripts', 'Сервер 服务器 🚀', 'Сервер 服务器 🚀'],
  ['terminal escapes', 'a\u001b[31mred\u001b[0m', 'a[31mred[0m'],
  ['line breaks', 'two\r\nlines\u2028here', 'twolineshere'],
  ['C1 controls', 'a\u009bb', 'ab'],
  ['direction overrides', 'safe\u202Egnp.exe', 'safegnp.exe'],
  ['invisible tags', `x${String.fromCodePoint(0xe0041, 0xe0042)}`, 'x'],
  ['zero-width characters', 'a\u200bb\u2060c\ufeff', 'abc'],
  ['half a character', 'a\ud800b', 'ab'],
  ['blanks around', '  x  ', 'x'],
  ['no string', ['x'], ''],
  ['nothing', undefined, ''],
])('%s', (_reason, value, expected) => {
  expect(showable(value)).toBe(expected);
});

it('keeps 128 characters at most, none of them halved', () => {
  expect(showable('x'.repeat(1_000_000))).toBe('x'.repeat(128));
  expect(showable('🚀'.repeat(300))).toBe('🚀'.repeat(128));
});
