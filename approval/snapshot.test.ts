import { describe, expect, it } from 'vitest';
import { type PolicyQuestion, policySnapshot } from './snapshot.ts';
import { aPolicy } from './testing/rows.ts';

const QUESTION: PolicyQuestion = {
  action: { kind: 'Remediate' },
  risk: 'medium',
  namespaceLabels: { environment: 'production' },
};

describe('policySnapshot', () => {
  it.each([
    ['selects the namespace', { namespaceSelector: { matchLabels: { environment: 'production' } } }, true],
    ['selects another', { namespaceSelector: { matchLabels: { environment: 'test' } } }, false],
    ['is for another action', { match: { actionKinds: ['Waive'], minRisk: 'low' } }, false],
    ['is for this risk', { match: { actionKinds: ['Remediate'], minRisk: 'medium' } }, true],
    ['is for a higher risk', { match: { actionKinds: ['Remediate'], minRisk: 'high' } }, false],
    // In doubt it matches: somebody relies on it.
    [
      'has a condition that nobody can evaluate',
      { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Like', values: [] }] } },
      true,
    ],
  ] as const)('one that %s: %o is %s', (_what, spec, isMatch) => {
    const snapshot = policySnapshot([aPolicy(spec as Parameters<typeof aPolicy>[0])], QUESTION);
    expect(snapshot !== undefined).toBe(isMatch);
  });

  it('is none without policies', () => {
    expect(policySnapshot([], QUESTION)).toBeUndefined();
  });

  it('takes the strictest of everything', () => {
    const one = aPolicy(
      {
        quorum: { approvals: 1, denials: 3 },
        required: [{ group: 'leads', count: 2 }],
        separationOfDuties: false,
        allowServiceAccounts: ['bot', 'other'],
        requireReason: { approve: true, deny: false, override: false },
        ttl: { approval: '2d', execution: '10m' },
        freeze: [{ schedule: '0 18 * * 5', timeZone: 'Etc/UTC', duration: '62h' }],
        auto: { actionKinds: ['Remediate'], maxRisk: 'medium' },
      },
      'zeta',
    );
    const other = aPolicy(
      {
        quorum: { approvals: 2, denials: 2 },
        required: [
          { group: 'leads', count: 1 },
          { group: 'auditors', count: 1 },
        ],
        separationOfDuties: true,
        allowServiceAccounts: ['bot'],
        requireReason: { approve: false, deny: true, override: false },
        ttl: { approval: '12h', execution: '1h30m' },
        freeze: [{ schedule: '0 0 24 12 *', timeZone: 'Europe/Berlin', duration: '3d' }],
      },
      'alpha',
    );
    const snapshot = policySnapshot([one, other], QUESTION);
    expect(snapshot).toEqual({
      policies: [
        { name: 'alpha', uid: 'uid-of-alpha', generation: 1 },
        { name: 'zeta', uid: 'uid-of-zeta', generation: 1 },
      ],
      hash: snapshot?.hash,
      auto: false,
      quorum: { approvals: 2, denials: 2 },
      required: [
        { group: 'auditors', count: 1 },
        { group: 'leads', count: 2 },
      ],
      separationOfDuties: true,
      allowServiceAccounts: ['bot'],
      requireReason: { approve: true, deny: true, override: false },
      ttl: { approval: 12 * 3600, execution: 600 },
      freeze: [
        { schedule: '0 0 24 12 *', timeZone: 'Europe/Berlin', duration: 3 * 86_400 },
        { schedule: '0 18 * * 5', timeZone: 'Etc/UTC', duration: 62 * 3600 },
      ],
    });
    expect(policySnapshot([other, one], QUESTION)).toEqual(snapshot);
  });

  it('has another hash when a policy has another generation', () => {
    const policy = aPolicy();
    const edited = { ...policy, metadata: { ...policy.metadata, generation: 2 } };
    expect(policySnapshot([edited], QUESTION)?.hash).not.toBe(policySnapshot([policy], QUESTION)?.hash);
  });

  it.each([
    ['Remediate', 'medium', 'medium', true],
    ['Remediate', 'high', 'medium', false],
    ['Waive', 'low', 'medium', false],
    ['Remediate', 'critical', 'critical', false],
  ] as const)('runs a %s of risk %s without a human below %s: %s', (kind, risk, maxRisk, auto) => {
    const policy = aPolicy({ auto: { actionKinds: ['Remediate'], maxRisk } });
    expect(policySnapshot([policy], { ...QUESTION, action: { kind }, risk })?.auto).toBe(auto);
  });

  it('needs every policy for that', () => {
    const lenient = aPolicy({ auto: { actionKinds: ['Remediate'], maxRisk: 'high' } });
    expect(policySnapshot([lenient, aPolicy({}, 'strict')], QUESTION)?.auto).toBe(false);
  });

  it('separates duties for what is critical, whatever a policy says', () => {
    const policy = aPolicy({ separationOfDuties: false });
    expect(policySnapshot([policy], { ...QUESTION, risk: 'critical' })?.separationOfDuties).toBe(true);
    expect(policySnapshot([policy], QUESTION)?.separationOfDuties).toBe(false);
  });

  it('names the field of a duration that is none', () => {
    expect(() =>
      policySnapshot([aPolicy({ ttl: { approval: 'a day', execution: '1h' } })], QUESTION),
    ).toThrow('ApprovalPolicy prod: spec.ttl.approval: a day is no duration');
  });
});
