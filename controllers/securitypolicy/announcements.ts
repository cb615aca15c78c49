/** Which Events a change of a policy's status deserves. Pure. */
import type { MCPSecurityPolicy, MCPSecurityPolicyStatus } from '../../api/index.ts';
import type { EventDetails } from '../../operator/runtime/index.ts';

/**
 * A Warning when the policy turns out to make no sense, or to make none in another way. Missing locks are no matter of one policy: who
 * watches them tells of them.
 */
export function announcements(
  policy: MCPSecurityPolicy,
  next: MCPSecurityPolicyStatus,
): readonly EventDetails[] {
  const accepted = acceptedOf(next);
  if (accepted?.status !== 'False' || accepted.message === acceptedOf(policy.status)?.message) return [];
  return [{ type: 'Warning', reason: accepted.reason, action: 'Evaluate', note: accepted.message }];
}

function acceptedOf(status: MCPSecurityPolicyStatus | undefined) {
  return status?.conditions?.find(({ type }) => type === 'Accepted');
}
