/** What the controller asks of the rules, as admission and lint do: the functions of `checks/`, or stand-ins in a test. Pure. */
import type { FieldError, MCPSecurityPolicy, MCPSecurityPolicySpec } from '../../api/index.ts';
import type { Subject, Violation } from '../../checks/index.ts';

export interface PolicyEngine {
  /** Why a policy cannot be evaluated; empty when it can. */
  policyProblems(spec: MCPSecurityPolicySpec): readonly FieldError[];
  /** Whether the policy judges the server. Asked only of policies without problems, as the next. */
  policySelects(policy: MCPSecurityPolicy, subject: Subject): boolean;
  /** What the server breaks; empty when the policy does not select it. */
  evaluatePolicy(policy: MCPSecurityPolicy, subject: Subject): readonly Violation[];
}
