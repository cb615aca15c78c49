import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256, sha256Hex } from './sha256.ts';

// FIPS 180-2, appendix B.1.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('SHA-256', () => {
  it('is that of the standard, as text and as bytes', () => {
    expect(sha256Hex('abc')).toBe(ABC);
    expect(sha256('abc').toString('hex')).toBe(ABC);
    expect(sha256Hex(Buffer.from('abc'))).toBe(ABC);
  });

  it('takes text as UTF-8', () => {
    expect(sha256Hex('zażółć 🦉')).toBe(createHash('sha256').update('zażółć 🦉', 'utf8').digest('hex'));
  });
});
