/** Requests and decisions for tests, as the API server has them. */
import type { ApprovalDecisionSpec, ApprovalRequest } from '../../../api/index.ts';
import { decisionName } from '../../../approval/index.ts';
import type { UserInfo } from '../../admission/review.ts';
import { decidedBy } from '../identity.ts';

export const NOW = new Date('2026-11-26T12:00:00.000Z');
export const DIGEST = `sha256:${'1'.repeat(64)}`;
const REQUEST_UID = 'uid-of-request';
export const CAROL: UserInfo = {
  username: 'carol',
  uid: '',
  groups: ['system:authenticated', 'leads'],
  extra: {},
};
export const BOT: UserInfo = { username: 'system:serviceaccount:ci:bot', uid: 'b', groups: [], extra: {} };

type Status = NonNullable<ApprovalRequest['status']>;
type Derived = NonNullable<Status['derived']>;
type Policy = NonNullable<Derived['policy']>;

const person = (username: string) => ({ person: username, username, uid: '' });

/** One policy, `prod`, of which everything can be changed. */
export function aPolicySnapshot(change: Partial<Policy> = {}): Policy {
  return {
    policies: [{ name: 'prod', uid: 'p', generation: 1 }],
    hash: `sha256:${'2'.repeat(64)}`,
    auto: false,
    quorum: { approvals: 2, denials: 1 },
    required: [],
    separationOfDuties: true,
    allowServiceAccounts: [],
    requireReason: { approve: false, deny: true, override: true },
    ttl: { approval: 86_400, execution: 3_600 },
    freeze: [],
    ...change,
  };
}

/** Pending, asked for by alice, of a server that bob changed. */
export function anApprovalRequest(
  status: Partial<Status> = {},
  derived: Partial<Derived> = {},
): ApprovalRequest {
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { name: 'remediate-github', namespace: 'team-a', uid: REQUEST_UID },
    spec: {
      action: {
        kind: 'Remediate',
        target: {
          apiVersion: 'mcp.kilocode.ai/v1alpha1',
          kind: 'MCPServer',
          name: 'github',
          uid: 's',
          generation: 3,
        },
        parameters: { check: 'MCP-W06' },
      },
    },
    status: {
      phase: 'Pending',
      derived: {
        effect: 'Patch',
        summary: 's',
        diff: 'd',
        risk: 'low',
        requestedBy: person('alice'),
        initiators: [person('bob')],
        unknownInitiators: false,
        digest: DIGEST,
        policy: aPolicySnapshot(),
        expiresAt: '2026-11-27T00:00:00Z',
        verifyChecks: [],
        ...derived,
      },
      ...status,
    },
  };
}

/** What `user` sends, once it is stamped: an approval unless `change` says otherwise. */
export function aDecisionSpec(
  user: UserInfo = CAROL,
  change: Partial<ApprovalDecisionSpec> = {},
): ApprovalDecisionSpec {
  return {
    requestRef: { name: 'remediate-github', uid: REQUEST_UID },
    verb: 'approve',
    digest: DIGEST,
    reason: 'reviewed',
    decidedBy: decidedBy(user),
    decidedAt: NOW.toISOString(),
    admissionUID: 'uid-of-admission',
    ...change,
  };
}

/** The name that the decision must have. */
export function nameOf({ verb, requestRef }: ApprovalDecisionSpec, person: string): string {
  return decisionName(requestRef.uid, person, verb);
}
