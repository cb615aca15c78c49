import { describe, expect, it } from 'vitest';
import type { Violation } from '../../checks/index.ts';
import { auditAnnotations, policyDenial, policyWarnings } from './words.ts';

const SERVER = { namespace: 'team-a', name: 'github' };

function violation(change: Partial<Violation> = {}): Violation {
  return {
    policy: 'strict',
    rule: 'images.requireDigest',
    severity: 'high',
    path: 'spec.source.image.ref',
    value: 'example.com/server:1',
    message: 'The image is not pinned by digest.',
    fix: 'Append the digest of the image that was reviewed: example.com/server@sha256:…',
    ...change,
  };
}
const many = (count: number, change: Partial<Violation> = {}): Violation[] =>
  Array.from({ length: count }, (_, number) => violation({ path: `spec.env[${number}]`, ...change }));
const hostile = { value: 'a\nb\u001b[31m', message: `${'x'.repeat(5_000)}.` };

describe('a denial', () => {
  it('leaves out a value that is not told', () => {
    expect(policyDenial(SERVER, [violation({ value: '' })]).message).toContain(
      ': spec.source.image.ref: The image',
    );
  });

  it('shows twenty and counts the rest', () => {
    const { message, details } = policyDenial(SERVER, many(1_000));
    expect(message).toContain('breaks 1000 rules');
    expect(message.split('\n')).toHaveLength(22);
    expect(message).toMatch(/\n- and 980 more: correct these first$/);
    expect(details?.causes).toHaveLength(64);
  });

  it('is bounded and printable, whatever it quotes', () => {
    const { message } = policyDenial(SERVER, many(1_000, hostile));
    expect(message.length).toBeLessThan(25_000);
    expect(message).toContain('(a b [31m)');
  });
});

describe('warnings', () => {
  it('give the fix where there is room for it', () => {
    expect(policyWarnings([violation({ message: 'No digest.', fix: 'Pin it.' })])).toEqual([
      'policy strict, images.requireDigest: spec.source.image.ref: No digest. Pin it.',
    ]);
    expect(policyWarnings([violation()])).toEqual([
      'policy strict, images.requireDigest: spec.source.image.ref: The image is not pinned by digest.',
    ]);
  });

  it('stay within what the API server passes on, and count the rest', () => {
    const warnings = policyWarnings(many(100, hostile));
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThanOrEqual(256);
    expect(warnings.join('').length).toBeLessThanOrEqual(4_096);
    expect(warnings.at(-1)).toBe('and 85 more violations of MCPSecurityPolicies');
    expect(warnings).toHaveLength(16);
  });
});

describe('an audit annotation', () => {
  it('names policy, rule and field, and is bounded', () => {
    expect(auditAnnotations([violation(), violation({ policy: 'b' })])).toEqual({
      violations:
        'policy strict, images.requireDigest: spec.source.image.ref; policy b, images.requireDigest: spec.source.image.ref',
    });
    expect(auditAnnotations(many(1_000))['violations']).toHaveLength(4_096);
  });
});
