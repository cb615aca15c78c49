import { describe, expect, it } from 'vitest';
import type { ComplianceCheck, TenantWaiver } from '../../api/index.ts';
import { waiverHash } from '../../approval/plan/index.ts';
import { concludeAll } from './conditions.ts';
import { lastApproval, waiversThatCount } from './counting-waivers.ts';
import { nextStep } from './decide.ts';
import {
  aCheck,
  aClusterCheck,
  aMemory,
  aServer,
  aSummary,
  aWaiver,
  covered,
  hoursAgo,
  observedOf,
} from './testing/objects.ts';

const WAIVER: TenantWaiver = {
  check: 'MCP-P01',
  serverSelector: {},
  reason: 'It is replaced in June.',
  owner: 'team-a',
  expiresAt: '2027-06-30T00:00:00Z',
  approvalRef: { name: 'waive-it' },
};
const APPROVED = new Map([[waiverHash(WAIVER), hoursAgo(2)]]);
const checkWith = (...waivers: readonly TenantWaiver[]): ComplianceCheck => aCheck({ waivers });
const { approvalRef: _approval, ...unreferenced } = WAIVER;

describe('the waivers of a check that count', () => {
  it.each<[string, ComplianceCheck, typeof APPROVED | undefined, number]>([
    ['a tenant’s that was approved', checkWith(WAIVER), APPROVED, 1],
    ['a tenant’s that nobody approved', checkWith(WAIVER), new Map(), 0],
    ['a tenant’s while nothing is known', checkWith(WAIVER), undefined, 0],
    ['a tenant’s without a reference', checkWith(unreferenced), APPROVED, 0],
    [
      'one that lasts longer than what was approved',
      checkWith({ ...WAIVER, expiresAt: '2030-01-01T00:00:00Z' }),
      APPROVED,
      0,
    ],
    [
      'one for more servers than was approved',
      checkWith({ ...WAIVER, serverSelector: { matchLabels: { a: 'b' } } }),
      APPROVED,
      0,
    ],
    ['one of two', checkWith(WAIVER, { ...WAIVER, check: 'MCP-P02' }), APPROVED, 1],
  ])('%s', (_reason, check, approvals, count) => {
    expect(waiversThatCount(check, approvals)).toHaveLength(count);
  });

  it('are those of the cluster at once', () => {
    const check = aClusterCheck({ waivers: [aWaiver()] });
    expect(waiversThatCount(check)).toEqual([aWaiver()]);
    expect(lastApproval(check)).toBeUndefined();
  });

  it('reach no further than the namespace of the check', () => {
    expect(waiversThatCount(checkWith(WAIVER), APPROVED)).toEqual([
      { ...unreferenced, namespaceSelector: {} },
    ]);
  });

  it.each([
    ['since the last full run make it run again', 3, 'run'],
    ['before the last full run do not', 1, 'wait'],
  ])('when they were approved %s', (_reason, hours, kind) => {
    const check = checkWith(WAIVER);
    const one = covered(aServer('one'));
    const memory = aMemory(check, {
      lastFull: { startedAt: hoursAgo(hours), generation: 2 },
      summaries: new Map([['uid-one', aSummary('one', [])]]),
      subjects: new Map([['uid-one', one.subject]]),
    });
    const observed = observedOf(check, { memory, servers: [one], approvals: APPROVED });
    const step = nextStep(observed, concludeAll(observed).Ready);
    expect(step.kind).toBe(kind);
    if (step.kind === 'run') expect(step.plan.waivers).toHaveLength(1);
  });
});
