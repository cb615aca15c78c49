/**
 * The rule engine: pure functions from a server, what would run for it and its namespace to findings. Admission, the evaluation in the
 * background and `kilo-mcp lint` call the same functions, so that they cannot disagree.
 */
export { CHECK_RULES, evaluateChecks } from './catalogue.ts';
export { findingKey, type Finding, type Severity, type Violation } from './finding.ts';
export { subjectOf, type NamespaceFacts, type Subject } from './subject.ts';
export type { CheckRule, PolicyRule } from './rule.ts';
export {
  POLICY_RULES,
  addedViolations,
  evaluatePolicies,
  evaluatePolicy,
  policyProblems,
  policySelects,
} from './policy/index.ts';
