/** `WWW-Authenticate` as servers write it, and as somebody would who wants to mislead the reader. */
import { describe, expect, it } from 'vitest';
import { bearerChallenge, parseChallenges } from './challenge.ts';

const read = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('challenges', () => {
  it.each<[string, string, unknown]>([
    ['none', '', []],
    ['a scheme alone', 'Bearer', [['bearer', {}]]],
    ['a parameter', 'Bearer realm="a b"', [['bearer', { realm: 'a b' }]]],
    [
      'parameters, tokens and quoted, with odd spaces and case',
      'BEARER  Scope="a b" ,resource_metadata = "https://x.example/y"  , error=invalid_token',
      [['bearer', { scope: 'a b', resource_metadata: 'https://x.example/y', error: 'invalid_token' }]],
    ],
    ['escapes', String.raw`Bearer realm="a\"b\\c"`, [['bearer', { realm: String.raw`a"b\c` }]]],
    [
      'several schemes',
      'Basic realm="x", Bearer scope="y"',
      [
        ['basic', { realm: 'x' }],
        ['bearer', { scope: 'y' }],
      ],
    ],
    [
      'a scheme with a token in place of parameters',
      'Negotiate YWJj==, Bearer scope="y"',
      [
        ['negotiate', {}],
        ['ywjj', {}],
        ['bearer', { scope: 'y' }],
      ],
    ],
    [
      'a challenge inside a quoted realm, which is none',
      'Basic realm="x, Bearer resource_metadata=https://evil.example"',
      [['basic', { realm: 'x, Bearer resource_metadata=https://evil.example' }]],
    ],
    [
      'a parameter that somebody appended a second time: the first counts',
      'Bearer scope="read", scope="write"',
      [['bearer', { scope: 'read' }]],
    ],
    ['a parameter before any scheme', 'realm="x"', []],
    [
      'names that objects have already',
      'Bearer __proto__="x"',
      [['bearer', Object.fromEntries([['__proto__', 'x']])]],
    ],
    ['nothing that makes sense', '"""=,=;,,, (\u0000)', []],
  ])('reads %s', (_reason, header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('finds the Bearer challenge among others, and none where there is none', () => {
    expect(bearerChallenge('Basic realm="x", bearer scope=y')?.parameters.get('scope')).toBe('y');
    expect(bearerChallenge('Basic realm="x"')).toBeUndefined();
    expect(bearerChallenge(undefined)).toBeUndefined();
  });

  it.each([
    ['quotes that never close', '"'.repeat(100_000)],
    ['parameters that never close', 'a="'.repeat(30_000)],
    ['escapes', `Bearer a="${'\\'.repeat(100_000)}`],
    ['spaces', `Bearer${' '.repeat(100_000)}`],
    ['commas', ','.repeat(100_000)],
  ])('reads no longer than a moment in %s', (_reason, header) => {
    const begin = performance.now();
    parseChallenges(header);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});
