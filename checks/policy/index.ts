/**
 * MCPSecurityPolicy, judged: which servers a policy selects, what it finds, and what is wrong with a policy itself.
 */
export { addedViolations, evaluatePolicies, evaluatePolicy, policyProblems } from './evaluate.ts';
export { POLICY_RULES } from './rules/index.ts';
export { policySelects } from './selection.ts';
