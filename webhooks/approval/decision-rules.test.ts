import { describe, expect, it } from 'vitest';
import type { ApprovalDecisionSpec, ApprovalRequest } from '../../api/index.ts';
import { personOf } from '../../approval/index.ts';
import type { UserInfo } from '../admission/review.ts';
import { policiesToAsk, refusalOfDecision, type DecisionQuestion } from './decision-rules.ts';
import { decidedBy } from './identity.ts';
import {
  aDecisionSpec,
  anApprovalRequest,
  aPolicySnapshot,
  BOT,
  CAROL,
  DIGEST,
  nameOf,
  NOW,
} from './testing/a-decision.ts';

interface Case {
  readonly user?: UserInfo;
  readonly spec?: Partial<ApprovalDecisionSpec>;
  readonly request?: ApprovalRequest | undefined;
  readonly change?: Partial<DecisionQuestion>;
}

/** Carol approves what Alice asks for of a server that Bob changed, and nothing is wrong with it. */
function question({
  user = CAROL,
  spec: some = {},
  request = anApprovalRequest(),
  change = {},
}: Case = {}): DecisionQuestion {
  const spec = aDecisionSpec(user, some);
  const personKey = change.personKey ?? '';
  return {
    name: nameOf(spec, personOf(user, personKey)),
    spec,
    request,
    user,
    personKey,
    now: NOW,
    ...change,
  };
}

const user = (username: string, more: Partial<UserInfo> = {}): UserInfo => ({
  username,
  uid: '',
  groups: [],
  extra: {},
  ...more,
});
const extra = (value: string): Partial<UserInfo> => ({ extra: { 'example.com/id': [value] } });
const keyed = { personKey: 'example.com/id' };
const approved = { phase: 'Approved', executeBefore: '2026-11-26T13:00:00Z' } as const;
const listed = anApprovalRequest({}, { policy: aPolicySnapshot({ allowServiceAccounts: [BOT.username] }) });
const merged = anApprovalRequest({}, { policy: aPolicySnapshot({ separationOfDuties: false }) });
const withoutPolicy = (() => {
  const { policy: _, expiresAt: __, ...derived } = anApprovalRequest().status?.derived ?? expect.fail();
  return { ...anApprovalRequest(), status: { phase: 'Pending' as const, derived } };
})();

describe('a decision is let through', () => {
  it.each<[string, Case]>([
    ['of somebody who has nothing to do with it', {}],
    ['that denies with a reason', { spec: { verb: 'deny' } }],
    ['that denies what is approved', { spec: { verb: 'deny' }, request: anApprovalRequest(approved) }],
    [
      'that overrides what waits for the end of a freeze',
      { spec: { verb: 'override' }, request: anApprovalRequest(approved) },
    ],
    ['without a reason where none is asked for', { spec: { reason: '' } }],
    ['of the requester who takes it back', { user: user('alice'), spec: { verb: 'cancel', reason: '' } }],
    [
      'of the requester who takes back what no policy matches',
      { user: user('alice'), spec: { verb: 'cancel' }, request: withoutPolicy },
    ],
    ['of the requester where duties are not separated', { user: user('alice'), request: merged }],
    ['of a ServiceAccount that the policies list', { user: BOT, request: listed }],
    [
      'in the last millisecond',
      {
        change: { now: new Date('2026-11-26T23:59:59.999Z') },
        spec: { decidedAt: '2026-11-26T23:59:59.999Z' },
      },
    ],
    ['of a person whose name is in extra', { user: user('carol-2', extra('carol')), change: keyed }],
  ])('%s', (_reason, some) => {
    expect(refusalOfDecision(question(some))).toBeUndefined();
  });
});

describe('a decision is refused', () => {
  it.each<[string, string, Case, string]>([
    ['on no request', 'NotFound', { change: { request: undefined } }, 'there is no ApprovalRequest'],
    [
      'on a request that was made anew',
      'OtherRequest',
      { spec: { requestRef: { name: 'remediate-github', uid: 'before' } } },
      'look at it again',
    ],
    [
      "in another's name",
      'NotStamped',
      { spec: { decidedBy: decidedBy(user('dave')) } },
      'written by admission',
    ],
    [
      'with groups of its own',
      'NotStamped',
      { spec: { decidedBy: { username: 'carol', groups: ['platform-leads'] } } },
      'written by admission',
    ],
    [
      'at a time of its own',
      'NotStamped',
      { spec: { decidedAt: '2026-11-25T12:00:00Z' } },
      'written by admission',
    ],
    ['at no time', 'NotStamped', { spec: { decidedAt: 'then' } }, 'written by admission'],
    ['of no call', 'NotStamped', { spec: { admissionUID: '' } }, 'written by admission'],
    [
      'under a name of its own, so that it could be made twice',
      'WrongName',
      { change: { name: 'approve-again' } },
      'metadata.generateName',
    ],
    ['of the cluster itself', 'SystemAccount', { user: user('system:admin') }, 'use an account of your own'],
    [
      'of a group that nothing limits',
      'SystemAccount',
      { user: user('root', { groups: ['system:masters'] }) },
      'system:masters',
    ],
    ['of a program', 'SystemAccount', { user: BOT }, 'use an account of your own'],
    [
      'of a program that may approve, and overrides',
      'SystemAccount',
      { user: BOT, spec: { verb: 'override' }, request: listed },
      'only a person may override',
    ],
    [
      'of what the operator has not worked out',
      'NotDerived',
      { request: { ...anApprovalRequest(), status: {} } },
      'wait until',
    ],
    [
      'of something else than what would be done',
      'DigestMismatch',
      { spec: { digest: `sha256:${'3'.repeat(64)}` } },
      DIGEST,
    ],
    ['that approves what is approved', 'Closed', { request: anApprovalRequest(approved) }, 'it is Approved'],
    [
      'that denies what is being executed',
      'Closed',
      { spec: { verb: 'deny' }, request: anApprovalRequest({ phase: 'Executing' }) },
      'can no longer be stopped',
    ],
    [
      'that cancels what is over',
      'Closed',
      { user: user('alice'), spec: { verb: 'cancel' }, request: anApprovalRequest({ phase: 'Executed' }) },
      'it is Executed',
    ],
    [
      'when the time to decide is over',
      'Expired',
      { change: { now: new Date('2026-11-27T00:00:00Z') }, spec: { decidedAt: '2026-11-27T00:00:00Z' } },
      'expired at',
    ],
    [
      'when the time to execute is over',
      'Expired',
      {
        spec: { verb: 'deny' },
        request: anApprovalRequest({ ...approved, executeBefore: '2026-11-26T12:00:00Z' }),
      },
      'expired at',
    ],
    ['that no policy lets anybody make', 'NoPolicy', { request: withoutPolicy }, 'no ApprovalPolicy matches'],
    ['of the requester', 'SeparationOfDuties', { user: user('alice') }, 'you asked for this'],
    [
      'of the requester, from another client',
      'SeparationOfDuties',
      { user: user('alice', { uid: 'other', groups: ['leads'] }) },
      'you asked for this',
    ],
    [
      'of the requester, whom extra calls otherwise',
      'SeparationOfDuties',
      { user: user('alice', extra('a-1')), change: keyed },
      'you asked for this',
    ],
    [
      'of the requester, under another username',
      'SeparationOfDuties',
      { user: user('alice-admin', extra('alice')), change: keyed },
      'you asked for this',
    ],
    [
      'that denies, of the requester',
      'SeparationOfDuties',
      { user: user('alice'), spec: { verb: 'deny' } },
      'you may cancel it',
    ],
    [
      'that overrides, of the requester',
      'SeparationOfDuties',
      { user: user('alice'), spec: { verb: 'override' } },
      'you asked for this',
    ],
    ['of who changed the target', 'SeparationOfDuties', { user: user('bob') }, 'you changed the target'],
    ['that denies without a reason', 'ReasonMissing', { spec: { verb: 'deny', reason: ' ' } }, 'spec.reason'],
    [
      'that overrides without a reason',
      'ReasonMissing',
      { spec: { verb: 'override', reason: '' } },
      'spec.reason',
    ],
  ])('%s', (_reason, expected, some, words) => {
    const [reason, message] = refusalOfDecision(question(some)) ?? [];
    expect(reason).toBe(expected);
    expect(message).toContain(words);
  });
});

describe('the verb must be held on', () => {
  it.each<[string, Case, readonly string[]]>([
    [
      'every policy of the request',
      {
        request: anApprovalRequest(
          {},
          {
            policy: aPolicySnapshot({
              policies: ['a', 'b'].map((name) => ({ name, uid: name, generation: 1 })),
            }),
          },
        ),
      },
      ['a', 'b'],
    ],
    ['those also to cancel, by anybody else', { spec: { verb: 'cancel' } }, ['prod']],
    ['nothing by the requester who cancels', { user: user('alice'), spec: { verb: 'cancel' } }, []],
  ])('%s', (_reason, some, expected) => {
    expect(policiesToAsk(question(some))).toEqual(expected);
  });
});
