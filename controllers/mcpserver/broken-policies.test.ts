import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeBroken, readBroken } from './broken-policies.ts';

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$/);
const rule = fc.stringMatching(/^[a-z]{3,12}(\.[a-zA-Z]{3,20})?$/);
const policy = fc.record({ policy: name, rules: fc.uniqueArray(rule, { minLength: 1, maxLength: 20 }) });

describe('the sentence about broken policies', () => {
  it('names each with its rules', () => {
    const broken = [
      { policy: 'default', rules: ['podSecurity', 'secrets.denyLiterals'] },
      { policy: 'strict', rules: ['images.allowed'] },
    ];
    expect(describeBroken(broken)).toBe(
      'breaks security policies: default [podSecurity, secrets.denyLiterals]; strict [images.allowed]',
    );
  });

  it('can be read back, as far as it goes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(policy, { minLength: 1, selector: (each) => each.policy }), (broken) => {
        const read = readBroken(describeBroken(broken));
        expect(read.broken).toEqual(broken.slice(0, read.broken.length));
        expect(read.broken.length).toBeGreaterThan(0);
        expect(read.isComplete).toBe(read.broken.length === broken.length);
      }),
    );
  });

  it('fits a condition, however many there are, and says that there are others', () => {
    const broken = Array.from({ length: 500 }, (_, index) => ({
      policy: `policy-${index}`,
      rules: ['volumes'],
    }));
    expect(describeBroken(broken).length).toBeLessThan(1_000);
    expect(describeBroken(broken)).toMatch(/; and others$/);
  });

  it('is not read into other sentences', () => {
    expect(readBroken('the spec can be worked with')).toEqual({ broken: [], isComplete: true });
  });
});
