import { describe, expect, it } from 'vitest';
import type { ApprovalDecision } from '../../api/index.ts';
import { decisionName, type AdmissionInterval, type ApprovalRow } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import type { Authority, AuthorityQuestion } from './authority.ts';
import { gatherDecisions, oldestOf } from './gather.ts';

const NEVER = new AbortController().signal;
const AT = '2026-11-26T10:01:00Z';
const WHOLE: readonly AdmissionInterval[] = [
  { fingerprint: 'whole', from: '2026-11-26T10:00:00Z', to: '2026-11-26T10:05:00Z' },
];

function aDecision(
  row: ApprovalRow,
  spec: Partial<ApprovalDecision['spec']> = {},
  name?: string,
): ApprovalDecision {
  const { verb = 'approve', decidedBy = { username: 'bob', groups: ['approvers'] } } = spec;
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: {
      namespace: row.namespace,
      name: name ?? decisionName(row.requestUid, decidedBy.username, verb),
      uid: `uid-of-${verb}`,
      creationTimestamp: AT,
    },
    spec: {
      requestRef: { name: row.name, uid: row.requestUid },
      verb,
      digest: row.derived.digest,
      reason: 'looked at',
      decidedBy,
      decidedAt: AT,
      admissionUID: 'admitted',
      ...spec,
    },
  };
}

const saying = (answer: boolean | undefined, asked: AuthorityQuestion[] = []): Authority => ({
  holds: (question) => {
    asked.push(question);
    return Promise.resolve(answer);
  },
});

describe('decisions as facts', () => {
  const row = aRow();
  const gather = (decisions: readonly ApprovalDecision[], change: object = {}) =>
    gatherDecisions(
      row,
      { decisions, authority: saying(true), admission: WHOLE, personKey: '', ...change },
      NEVER,
    );

  it('hold what admission stamped, and that it may be said', async () => {
    const asked: AuthorityQuestion[] = [];
    const { facts, unsettled } = await gather([aDecision(row)], { authority: saying(true, asked) });
    expect(unsettled).toBeUndefined();
    expect(facts).toEqual([
      {
        name: decisionName(row.requestUid, 'bob', 'approve'),
        uid: 'uid-of-approve',
        requestUid: row.requestUid,
        person: 'bob',
        username: 'bob',
        groups: ['approvers'],
        isServiceAccount: false,
        verb: 'approve',
        digest: row.derived.digest,
        reason: 'looked at',
        at: AT,
        isStamped: true,
        isProtected: true,
        isAuthorised: true,
      },
    ]);
    expect(asked).toEqual([
      {
        who: { username: 'bob', groups: ['approvers'] },
        verb: 'approve',
        namespace: row.namespace,
        policies: ['prod'],
      },
    ]);
  });

  it.each<[string, object, string | undefined, object]>([
    ['another name than the derived one', {}, 'approve-by-hand', { isStamped: false }],
    ['no time of admission', { decidedAt: undefined }, undefined, { isStamped: false }],
    ['no admission', { admissionUID: undefined }, undefined, { isStamped: false }],
    [
      'a ServiceAccount',
      { decidedBy: { username: 'system:serviceaccount:ci:bot' } },
      undefined,
      { isServiceAccount: true, isStamped: true },
    ],
  ])('tell %s', async (_reason, spec, name, expected) => {
    const { facts } = await gather([aDecision(row, spec, name)]);
    expect(facts[0]).toMatchObject(expected);
  });

  it('name persons by the key that tells them apart', async () => {
    const extra = { 'example.com/id': ['7'] };
    const decidedBy = { username: 'bob', extra };
    const decision = aDecision(row, { decidedBy }, decisionName(row.requestUid, '7', 'approve'));
    const { facts } = await gather([decision], { personKey: 'example.com/id' });
    expect(facts[0]).toMatchObject({ person: '7', username: 'bob', isStamped: true });
  });

  it('of a time in which admission was broken are not protected, and nobody is asked about them', async () => {
    const asked: AuthorityQuestion[] = [];
    const admission = [{ fingerprint: 'x', from: '2026-11-26T10:02:00Z', to: '2026-11-26T10:03:00Z' }];
    const { facts } = await gather([aDecision(row)], { admission, authority: saying(true, asked) });
    expect(facts[0]).toMatchObject({ isProtected: false, isAuthorised: false });
    expect(asked).toEqual([]);
  });

  it('are not known yet while nobody has looked since: approvals wait, denials and cancellations hold', async () => {
    const admission = [{ fingerprint: 'x', from: '2026-11-26T10:00:00Z', to: AT }];
    const decisions = [aDecision(row), aDecision(row, { verb: 'deny' }), aDecision(row, { verb: 'cancel' })];
    const { facts, unsettled } = await gather(decisions, { admission });
    expect(unsettled).toBe(AT);
    expect(facts.map(({ verb, isProtected, isAuthorised }) => [verb, isProtected, isAuthorised])).toEqual([
      ['approve', true, undefined],
      ['deny', true, undefined],
      ['cancel', true, undefined],
    ]);
  });

  it('pass on that nobody could be asked', async () => {
    const { facts } = await gather([aDecision(row)], { authority: saying(undefined) });
    expect(facts[0]?.isAuthorised).toBeUndefined();
  });

  it('have an oldest, unless there is none', () => {
    expect(oldestOf([aDecision(row)])).toBe(AT);
    expect(oldestOf([])).toBeUndefined();
  });
});
