/** Which Events a change of a policy's status deserves. Pure. */
import type { MCPSecurityPolicy, MCPSecurityPolicyStatus, PolicyCondition } from '../../api/index.ts';
import type { EventDetails } from '../../operator/runtime/index.ts';

/** One Warning for each thing that begins to be wrong; a policy that only reports was asked to. */
export function announcements(
  policy: MCPSecurityPolicy,
  next: MCPSecurityPolicyStatus,
): readonly EventDetails[] {
  const before = new Map(policy.status?.conditions?.map(({ type, reason }) => [type, reason]));
  return (next.conditions ?? [])
    .filter((condition) => isWrong(condition) && before.get(condition.type) !== condition.reason)
    .map(({ reason, message }) => ({ type: 'Warning', reason, action: 'Evaluate', note: message }));
}

function isWrong({ type, status, reason }: PolicyCondition): boolean {
  // What is wrong with the policy itself is told by Accepted, once.
  return status === 'False' && reason !== 'ReportOnly' && !(type === 'Enforced' && reason === 'InvalidRule');
}
