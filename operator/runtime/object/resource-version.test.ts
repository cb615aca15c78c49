import { expect, it } from 'vitest';
import { hasReached } from './resource-version.ts';

it.each([
  ['10', '9', true, 'newer'],
  ['9', '9', true, 'the same'],
  ['9', '10', false, 'older, though later in the alphabet'],
  ['9007199254740993', '9007199254740992', true, 'beyond what a number can tell apart'],
  ['9007199254740992', '9007199254740993', false, 'beyond what a number can tell apart'],
  ['', '10', true, 'unknown: fail open'],
  ['abc', '10', true, 'opaque: fail open'],
])('%s has reached %s: %s (%s)', (seen, wanted, expected) => {
  expect(hasReached(seen, wanted)).toBe(expected);
});
