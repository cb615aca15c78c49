import { describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../api/index.ts';
import type { RefusedAttempt } from '../../approval/index.ts';
import { TransientError } from '../../core/errors.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { AdmissionRequest, UserInfo } from '../admission/review.ts';
import { aRequest } from '../testing/requests.ts';
import type { Authorise, ResourceAttributes } from './authority.ts';
import { stampDecision, validateDecision } from './decision.ts';
import { validateDeletion, validateRequest } from './request.ts';
import { aDecisionSpec, anApprovalRequest, BOT, CAROL, nameOf, NOW } from './testing/a-decision.ts';

const NEVER = new AbortController().signal;
const OPERATOR = 'system:serviceaccount:mcp-system:mcp-operator';
const settings = { personKey: '', operator: OPERATOR, executor: '' };
const user = (username: string): UserInfo => ({ username, uid: '', groups: [], extra: {} });
const decision = (
  who: UserInfo,
  change: Parameters<typeof aDecisionSpec>[1] = {},
  metadata?: object,
): object => {
  const spec = aDecisionSpec(who, change);
  return { metadata: metadata ?? { name: nameOf(spec, who.username) }, spec };
};

/** Everything that handlers need, and what they did with it. @param mayDo what somebody is allowed. */
function around(
  mayDo: (attributes: ResourceAttributes, who: UserInfo) => boolean,
  request?: ApprovalRequest,
) {
  const refused: RefusedAttempt[] = [];
  const asked: ResourceAttributes[] = [];
  const authorise: Authorise = async (who, attributes) => {
    asked.push(attributes);
    return mayDo(attributes, who);
  };
  const dependencies = {
    settings,
    clock: new FakeClock(NOW.getTime()),
    readRequest: async () => request,
    authorise,
    refusals: { add: (attempt: RefusedAttempt) => refused.push(attempt) },
  };
  return { dependencies, refused, asked };
}
const everything = (): boolean => true;
const nothing = (): boolean => false;
const by = (who: UserInfo, object: object, change: Partial<AdmissionRequest> = {}): AdmissionRequest =>
  aRequest(object, { user: who, ...change });

describe('the stamp of a decision', () => {
  const { dependencies } = around(everything);
  const stamp = async (object: object): Promise<Record<string, unknown>> => {
    const { patch = [] } = await stampDecision(dependencies)(by(CAROL, object), NEVER);
    return Object.fromEntries(patch.map((each) => [each.path, 'value' in each ? each.value : undefined]));
  };

  it('says who, when and by which call, whatever was sent', async () => {
    const forged = decision(user('mallory'), { decidedAt: '2020-01-01T00:00:00Z', admissionUID: 'forged' });
    expect(await stamp(forged)).toEqual({
      '/spec/decidedBy': { username: 'carol', groups: ['system:authenticated', 'leads'] },
      '/spec/decidedAt': NOW.toISOString(),
      '/spec/admissionUID': 'uid-of-request',
    });
  });

  it('names the decision where the API server was to make up a name', async () => {
    const named = await stamp(decision(CAROL, {}, { generateName: 'approve-' }));
    expect(named['/metadata/name']).toBe(nameOf(aDecisionSpec(CAROL), 'carol'));
  });

  it('leaves what is no decision to the schema', async () => {
    expect(await stamp({ metadata: { generateName: 'approve-' } })).toEqual({});
    expect(Object.keys(await stamp({ spec: { verb: 'approve' } }))).toContain('/spec/decidedBy');
  });
});

describe('a decision', () => {
  it('comes in when the verb is held on each policy, in the namespace of the request', async () => {
    const { dependencies, refused, asked } = around(everything, anApprovalRequest());
    expect(await validateDecision(dependencies)(by(CAROL, decision(CAROL)), NEVER)).toEqual({});
    expect(asked).toEqual([
      {
        group: 'mcp.kilocode.ai',
        resource: 'approvalpolicies',
        verb: 'approve',
        namespace: 'team-a',
        name: 'prod',
      },
    ]);
    expect(refused).toEqual([]);
  });

  it('does not where it is not held, which is remembered', async () => {
    const { dependencies, refused } = around(nothing, anApprovalRequest());
    const { denial, auditAnnotations } = await validateDecision(dependencies)(
      by(CAROL, decision(CAROL)),
      NEVER,
    );
    expect(denial).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(denial?.message).toContain('kubectl auth can-i approve approvalpolicies/prod');
    expect(auditAnnotations).toEqual({ 'refused-because': 'NotAuthorised' });
    expect(refused).toEqual([
      {
        requestUid: 'uid-of-request',
        namespace: 'team-a',
        name: 'remediate-github',
        person: 'carol',
        verb: 'approve',
        reason: 'NotAuthorised',
      },
    ]);
  });

  it('of the requester asks nobody and is refused; in a dry run without a trace', async () => {
    const { dependencies, refused, asked } = around(everything, anApprovalRequest());
    const alice = user('alice');
    const { denial } = await validateDecision(dependencies)(
      by(alice, decision(alice), { dryRun: true }),
      NEVER,
    );
    expect(denial?.message).toContain('you asked for this');
    expect([...asked, ...refused]).toEqual([]);
  });

  it('is not judged when the API server cannot be asked', async () => {
    const { dependencies } = around(() => {
      throw new TransientError('down');
    }, anApprovalRequest());
    await expect(validateDecision(dependencies)(by(CAROL, decision(CAROL)), NEVER)).rejects.toThrow('down');
  });
});

describe('a request', () => {
  const object = { metadata: { name: 'fix' }, spec: anApprovalRequest().spec };

  it('comes in from who may update its target', async () => {
    const { dependencies, asked } = around(everything);
    expect(await validateRequest(dependencies)(by(CAROL, object), NEVER)).toEqual({});
    expect(asked).toEqual([
      {
        group: 'mcp.kilocode.ai',
        resource: 'mcpservers',
        verb: 'update',
        namespace: 'team-a',
        name: 'github',
      },
    ]);
  });

  it('comes in from the operator, who may not', async () => {
    const { dependencies } = around(nothing);
    expect(await validateRequest(dependencies)(by(user(OPERATOR), object), NEVER)).toEqual({});
  });

  it.each<[string, UserInfo, () => boolean, string]>([
    ['who may not update its target', CAROL, nothing, 'NotAuthorised'],
    ['a program', BOT, everything, 'SystemAccount'],
    ['a group that nothing limits', { ...CAROL, groups: ['system:masters'] }, everything, 'SystemAccount'],
  ])('does not come in from %s', async (_reason, who, mayDo, reason) => {
    const { dependencies, refused } = around(mayDo);
    const { denial } = await validateRequest(dependencies)(by(who, object), NEVER);
    expect(denial?.code).toBe(403);
    expect(refused.map((each) => [each.verb, each.reason])).toEqual([['create', reason]]);
  });

  it('to waive asks for the right to update the check', async () => {
    const { dependencies, asked } = around(everything);
    const { action } = anApprovalRequest().spec;
    const target = { ...action.target, kind: 'ComplianceCheck', name: 'nightly' };
    const waive = { spec: { action: { ...action, kind: 'Waive', target } } };
    await validateRequest(dependencies)(by(CAROL, waive), NEVER);
    expect(asked).toMatchObject([{ resource: 'compliancechecks', name: 'nightly' }]);
  });
});

describe('a deletion', () => {
  const deletion = (who: UserInfo, oldObject: object): AdmissionRequest =>
    by(who, {}, { operation: 'DELETE', oldObject: JSON.parse(JSON.stringify(oldObject)) });
  const NAMESPACES = user('system:serviceaccount:kube-system:namespace-controller');

  it.each<[string, string, UserInfo, object]>([
    ['of a request that is over', 'ApprovalRequest', CAROL, anApprovalRequest({ phase: 'Executed' })],
    ['of a request that was never opened', 'ApprovalRequest', CAROL, { metadata: {} }],
    ['of an open request, by the operator', 'ApprovalRequest', user(OPERATOR), anApprovalRequest()],
    ['of an open request, with its namespace', 'ApprovalRequest', NAMESPACES, anApprovalRequest()],
    ['of a decision, by the operator', 'ApprovalDecision', user(OPERATOR), decision(CAROL)],
    ['of a decision, with its namespace', 'ApprovalDecision', NAMESPACES, decision(CAROL)],
  ])('%s goes through', async (_reason, kind, who, object) => {
    const { dependencies } = around(everything);
    expect(await validateDeletion(kind, dependencies)(deletion(who, object), NEVER)).toEqual({});
  });

  const approved = anApprovalRequest({ phase: 'Approved' });
  const executing = anApprovalRequest({ phase: 'Executing' });

  it.each<[string, string, object, string, string]>([
    ['a pending request', 'ApprovalRequest', anApprovalRequest(), 'verb cancel', 'delete'],
    ['an approved request', 'ApprovalRequest', approved, 'verb cancel', 'delete'],
    ['a request that is being executed', 'ApprovalRequest', executing, 'verb cancel', 'delete'],
    ['a decision', 'ApprovalDecision', decision(CAROL), 'verb deny', 'deleteDecision'],
  ])('of %s does not, and is remembered with the request', async (_reason, kind, object, words, verb) => {
    const { dependencies, refused } = around(everything);
    const { denial } = await validateDeletion(kind, dependencies)(deletion(CAROL, object), NEVER);
    expect(denial?.message).toContain(words);
    const { uid: requestUid = '', name } = anApprovalRequest().metadata;
    expect(refused).toEqual([
      { requestUid, namespace: 'team-a', name, verb, reason: 'Kept', person: 'carol' },
    ]);
  });
});
