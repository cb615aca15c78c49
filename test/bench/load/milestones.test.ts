import { describe, expect, it } from 'vitest';
import type { ApprovalRequest, ApprovalRequestStatus } from '../../../api/index.ts';
import { Milestones, milestonesIn } from './milestones.ts';

const digest = `sha256:${'1'.repeat(64)}`;
// A boundary: what the API server sends, without what nobody looks at.
const statusOf = (status: object): ApprovalRequestStatus => status;
const requestOf = (name: string, status: object): ApprovalRequest =>
  ({ metadata: { name, namespace: 'team-a' }, status }) as unknown as ApprovalRequest;
const APPROVED = { conditions: [{ type: 'Approved', status: 'True' }] };

describe('milestones', () => {
  it.each([
    ['nothing was written yet', undefined, []],
    ['it cannot be decided on yet', { phase: 'Pending' }, []],
    ['it is open', { phase: 'Pending', derived: { digest } }, ['Pending']],
    ['it was approved', { phase: 'Approved', ...APPROVED }, ['Approved']],
    ['it is being executed', { phase: 'Executing', ...APPROVED }, ['Approved']],
    ['it was done', { phase: 'Executed', ...APPROVED }, ['Approved', 'Executed']],
    ['it was put back', { phase: 'RolledBack', ...APPROVED }, ['Approved', 'Other']],
    ['it was denied', { phase: 'Denied' }, ['Other']],
  ])('%s', (_when, status, expected) => {
    expect(milestonesIn(status && statusOf(status))).toEqual(expected);
  });
});

describe('times', () => {
  it('are those of when something was seen first, and from when it was asked', () => {
    const seen = new Milestones();
    seen.see(requestOf('one', { phase: 'Approved', ...APPROVED }), 100);
    seen.see(requestOf('one', { phase: 'Executed', ...APPROVED }), 150);
    seen.see(requestOf('two', { phase: 'Approved', ...APPROVED }), 300);
    const from = new Map([
      ['one', 60],
      ['two', 70],
      ['three', 80],
    ]);
    expect(seen.since(from, 'Approved')).toEqual([40, 230]);
    expect(seen.since(from, 'Executed')).toEqual([90]);
    expect(seen.count('Executed')).toBe(1);
    expect(seen.request('one').status?.phase).toBe('Executed');
    expect(() => seen.request('three')).toThrow('no request three was seen');
  });

  it('are waited for with an end that says what is missing', async () => {
    const seen = new Milestones();
    seen.see(requestOf('one', { phase: 'Denied' }), 100);
    await expect(seen.until('Other', 1, 1_000)).resolves.toBeUndefined();
    await expect(seen.until('Executed', 1, 1)).rejects.toThrow(
      'waited 1 ms for 1 requests to be Executed in vain; last: 0 are; this one is not: {"phase":"Denied"}',
    );
  });
});
