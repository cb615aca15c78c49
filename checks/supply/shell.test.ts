import { describe, expect, it } from 'vitest';
import { commandsOf } from './shell.ts';

/** Each command as its words, with an arrow to the first word of the command that reads its output. */
const read = (script: string) =>
  commandsOf(script).map(({ words, consumer }) =>
    consumer === undefined ? words : [...words, '->', consumer.words[0]],
  );

const CASES: readonly (readonly [
  reason: string,
  script: string,
  commands: readonly (readonly string[])[],
])[] = [
  ['nothing', '', []],
  ['words', ' a  b\tc ', [['a', 'b', 'c']]],
  ['quotes', `a "b c" 'd "e' f"g"'h' ""`, [['a', 'b c', 'd "e', 'fgh', '']]],
  ['backslashes', 'a b\\ c "d\\"e" f\\\ng', [['a', 'b c', 'd"e', 'fg']]],
  ['an apostrophe in quotes', `echo "don't" && b`, [['echo', "don't"], ['b']]],
  ['separators', 'a;b && c || d & e\nf', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
  ['separators in quotes', `a "b;c" 'd|e'`, [['a', 'b;c', 'd|e']]],
  ['a pipe', 'a b | c | d', [['a', 'b', '->', 'c'], ['c', '->', 'd'], ['d']]],
  ['a pipe with errors', 'a |& b', [['a', '->', 'b'], ['b']]],
  ['redirections', 'a >/dev/null 2>&1 b <in', [['a', 'b']]],
  ['a redirection of everything', 'a &>log; b', [['a'], ['b']]],
  ['a comment', 'a # b; c\nd#e', [['a'], ['d#e']]],
  ['a variable', 'a@${B} $C "${D:-e f}"', [['a@${B}', '$C', '${D:-e f}']]],
  [
    'a substitution',
    'a $(b c) d',
    [
      ['a', '$()', 'd'],
      ['b', 'c', '->', 'a'],
    ],
  ],
  [
    'a substitution in quotes',
    'a "x$(b "c d")y" e',
    [
      ['a', 'x$()y', 'e'],
      ['b', 'c d', '->', 'a'],
    ],
  ],
  [
    'backquotes',
    'a `b c` d',
    [
      ['a', '$()', 'd'],
      ['b', 'c', '->', 'a'],
    ],
  ],
  [
    'a process for a file',
    'a <(b c)',
    [
      ['a', '$()'],
      ['b', 'c', '->', 'a'],
    ],
  ],
  [
    'a pipe in a substitution',
    'a $(b | c)',
    [
      ['a', '$()'],
      ['b', '->', 'c'],
      ['c', '->', 'a'],
    ],
  ],
  [
    'substitution in substitution',
    'a $(b $(c))',
    [
      ['a', '$()'],
      ['b', '$()', '->', 'a'],
      ['c', '->', 'b'],
    ],
  ],
  ['nothing of it in single quotes', "a '$(b)'", [['a', '$(b)']]],
  ['a subshell', '(a; b) && c', [['a'], ['b'], ['c']]],
  ['what is never closed', `a "b $(c 'd`, [['a'], ['c', 'd', '->', 'a']]],
];

describe('commandsOf', () => {
  it.each(CASES)('reads %s', (_reason, script, commands) => {
    expect(read(script)).toEqual(commands);
  });

  it.each([['$('], ['`'], ['"'], ["'"], ['a|'], ['a '], ['${'], ['\\'], ['9>']])(
    'reads a hundred thousand %j before the test runs out of time',
    (piece) => {
      expect(commandsOf(piece.repeat(100_000)).length).toBeLessThanOrEqual(100_000);
    },
  );
});
