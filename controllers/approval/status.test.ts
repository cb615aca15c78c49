import { describe, expect, it } from 'vitest';
import { validateApprovalRequest, type ApprovalRequest } from '../../api/index.ts';
import { begin, finish, type ApprovalRow } from '../../approval/index.ts';
import { OPENED, aDecision, aPlan, aRow, later, observing } from '../../approval/testing/rows.ts';
import { transition } from '../../approval/index.ts';
import { announcements } from './announcements.ts';
import { ACCEPTED, RECORDED, requestStatus } from './status.ts';

const stepped = (row: ApprovalRow, ...people: readonly string[]): ApprovalRow => {
  const decisions = people.map((person) => aDecision(row, person, 'approve'));
  return transition(row, observing(row, decisions), later(60))?.row ?? row;
};

function aRequest(row: ApprovalRow, status?: ApprovalRequest['status']): ApprovalRequest {
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { namespace: row.namespace, name: row.name, uid: row.requestUid, generation: 1 },
    spec: { action: row.action },
    ...(status && { status }),
  } as ApprovalRequest;
}

describe('the status of a request', () => {
  const pending = aRow();
  const approved = stepped(pending, 'bob', 'carol');
  const preImage = {
    resourceVersion: '1',
    generation: 3,
    values: { '/spec/replicas': 1 },
    specHash: 'before',
    expectedSpecHash: 'after',
    inverse: [],
    wasReady: true,
  };
  const executing = begin(approved, preImage, later(90)).row;
  const failed = finish(
    executing,
    { phase: 'RolledBack', reason: 'VerificationFailed', message: 'no' },
    later(99),
  ).row;
  const proposal = aRow({
    plan: aPlan({ effect: { kind: 'Proposal', operations: [], reason: 'Git owns it' } }),
  });
  const standing = { accepted: ACCEPTED, recorded: RECORDED };
  const statusFor = (row: ApprovalRow) => requestStatus(aRequest(row), row, standing, OPENED.getTime());

  it.each([
    ['Pending', pending],
    ['Approved', approved],
    ['Executing', executing],
    ['RolledBack', failed],
    ['a proposal', proposal],
    ['without a policy', aRow({ policy: undefined })],
  ])('is one that the schema knows: %s', (_reason, row) => {
    const validation = validateApprovalRequest({ ...aRequest(row), status: statusFor(row) });
    expect(validation.valid ? [] : validation.errors).toEqual([]);
    expect(statusFor(row)).toMatchObject({ phase: row.phase, ledgerSeq: row.ledgerSeq });
  });

  it('says until when: to decide, then to execute', () => {
    expect(statusFor(pending).expires).toBe(pending.derived.expiresAt);
    expect(statusFor(approved).expires).toBe(approved.executeBefore);
    expect(statusFor(failed).expires).toBeUndefined();
    expect(statusFor(approved).approvals?.summary).toBe('2/2');
  });

  it('stays as it was, and says why, while the store cannot be used', () => {
    const before = statusFor(approved);
    const recorded = { reason: 'StoreUnavailable', message: 'connection refused' } as const;
    const after = requestStatus(aRequest(approved, before), undefined, { recorded }, later(60).getTime());
    const { conditions, ...rest } = after;
    const { conditions: _, ...restBefore } = before;
    expect(rest).toEqual(restBefore);
    expect(conditions?.map(({ type, status }) => [type, status])).toEqual([
      ['Accepted', 'True'],
      ['Recorded', 'False'],
      ['Approved', 'True'],
    ]);
  });

  it('is told of: each phase once, and each decision that does not count', () => {
    expect(announcements(undefined, statusFor(pending)).map(({ reason }) => reason)).toEqual(['Pending']);
    expect(announcements(statusFor(pending), statusFor(pending))).toEqual([]);
    expect(announcements(statusFor(executing), statusFor(failed))).toEqual([
      { type: 'Warning', reason: 'RolledBack', action: 'Approve', note: 'VerificationFailed: no' },
    ]);
    const forged = [aDecision(pending, 'mallory', 'approve', { isProtected: false })];
    const row = transition(pending, observing(pending, forged), later(60))?.row ?? pending;
    const [event] = announcements(statusFor(pending), statusFor(row));
    expect(event).toMatchObject({ type: 'Warning', reason: 'DecisionDisregarded' });
    expect(event?.note).toContain('UnprotectedAdmission');
  });
});
