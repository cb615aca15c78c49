import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { statusOf } from '../../../approval/index.ts';
import { aRow } from '../../../approval/testing/rows.ts';
import { approvalOf, missing, requestFor, type RequestView } from './requests.ts';

const row = aRow();
type Status = NonNullable<RequestView['status']>;

/** A request as the operator shows it, with changes. */
function request(change: Status = {}): RequestView {
  const metadata = { name: row.name, namespace: row.namespace, uid: row.requestUid };
  const { kind, parameters } = row.action;
  const target = { ...row.action.target, kind: 'MCPServer' } as const;
  return {
    metadata,
    spec: { action: { kind, target, parameters } },
    status: { ...statusOf(row, 1), ...change },
  };
}

const approvals = (summary: string): Status => ({ approvals: { have: 0, need: 2, missing: [], summary } });

describe('what a request has still to come to', () => {
  it.each<{ reason: string; change: Status; left: readonly string[] }>([
    { reason: 'nothing', change: approvals('1/2'), left: [] },
    { reason: 'an approval', change: approvals('0/2'), left: ['1/2 approvals (it has 0/2)'] },
    {
      reason: 'a phase that it may yet come back from',
      change: { ...approvals('1/2'), phase: 'Approved' },
      left: ['Pending (it is Approved)'],
    },
  ])('$reason', ({ change, left }) => {
    expect(missing(request(change), { phase: 'Pending', approvals: '1/2' })).toEqual(left);
  });

  it('everything, before the operator has looked', () => {
    const { metadata, spec } = request();
    expect(missing({ metadata, spec }, { phase: 'Pending', approvals: '0/2' })).toEqual([
      'what it would do (the operator has not looked yet)',
      '0/2 approvals (it has unknown)',
    ]);
  });

  it('is not waited for when it has ended in another way', () => {
    const failed = request({
      phase: 'Failed',
      conditions: [
        {
          type: 'Failed',
          status: 'True',
          reason: 'RollbackFailed',
          message: 'the old values could not be put back',
          observedGeneration: 1,
          lastTransitionTime: '2026-11-26T08:00:00Z',
        },
      ],
    });
    expect(() => missing(failed, { phase: 'RolledBack', approvals: '2/2' })).toThrow(
      'is Failed (RollbackFailed): the old values could not be put back',
    );
  });
});

describe('what people write', () => {
  it('approves of the digest that the request shows', () => {
    expect(parse(approvalOf(request(), 'looked at it'))).toEqual({
      apiVersion: 'mcp.kilocode.ai/v1alpha1',
      kind: 'ApprovalDecision',
      metadata: { generateName: 'approve-' },
      spec: {
        requestRef: { name: row.name, uid: row.requestUid },
        verb: 'approve',
        digest: row.derived.digest,
        reason: 'looked at it',
      },
    });
  });

  it('asks for a repair of the server as it is now', () => {
    const server = { metadata: { name: 'journal', uid: 'uid-1', generation: 3 } };
    expect(parse(requestFor(server, 'MCP-W06'))).toMatchObject({
      kind: 'ApprovalRequest',
      spec: {
        action: {
          kind: 'Remediate',
          target: { kind: 'MCPServer', name: 'journal', uid: 'uid-1', generation: 3 },
          parameters: { check: 'MCP-W06' },
        },
      },
    });
  });
});
