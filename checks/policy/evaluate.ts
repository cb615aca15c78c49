/**
 * Judges a server by policies. Each policy is judged alone: none can open what another one closes.
 */
import type { FieldError, MCPSecurityPolicy, MCPSecurityPolicySpec } from '../../api/index.ts';
import { type Violation, findingKey } from '../finding.ts';
import type { Subject } from '../subject.ts';
import { oncePer } from '../once.ts';
import { POLICY_RULES, ruleProblems } from './rules/index.ts';
import { policySelects, selectorProblems } from './selection.ts';

/** As the rule of a violation: the policy itself is what is wrong. */
const POLICY_ITSELF = 'policy';

/**
 * What keeps a policy from being evaluated, beyond what the schema of its kind can say. The labels of namespaces are taken for what the
 * platform team says: where tenants may write those of their own namespace, a namespaceSelector protects nothing.
 * @returns each with the path of the field, which begins with `spec.`, what is wrong and what would be right; empty when all is well.
 */
export const policyProblems: (spec: MCPSecurityPolicySpec) => readonly FieldError[] = oncePer(
  (spec: MCPSecurityPolicySpec) => [...selectorProblems(spec), ...ruleProblems(spec)],
);

/**
 * @returns what the server does that the policy forbids, in the order of the rules; nothing when the policy does not select it. A policy
 * that cannot be evaluated forbids every server that it might select, if it is enforced.
 */
export function evaluatePolicy(policy: MCPSecurityPolicy, subject: Subject): readonly Violation[] {
  const { metadata, spec } = policy;
  if (!policySelects(policy, subject)) return [];
  const [problem] = policyProblems(spec);
  if (problem !== undefined)
    return spec.enforcement === 'Enforce' ? [cannotJudge(metadata.name, problem)] : [];
  return POLICY_RULES.flatMap((rule) => rule.evaluate(subject, spec)).map((finding) => ({
    ...finding,
    policy: metadata.name,
  }));
}

/** @returns the violations of all policies, in the order of the policies' names. */
export function evaluatePolicies(
  policies: readonly MCPSecurityPolicy[],
  subject: Subject,
): readonly Violation[] {
  const byName = policies.toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  return byName.flatMap((policy) => evaluatePolicy(policy, subject));
}

/**
 * @returns the violations in `after` that are not in `before`: what an update is answerable for. A policy that cannot be evaluated could
 * not judge the update either, so that its violation is always one of them.
 */
export function addedViolations(
  before: readonly Violation[],
  after: readonly Violation[],
): readonly Violation[] {
  const known = new Set(before.filter(({ rule }) => rule !== POLICY_ITSELF).map(findingKey));
  return after.filter((violation) => !known.has(findingKey(violation)));
}

function cannotJudge(policy: string, { path, message }: FieldError): Violation {
  return {
    policy,
    rule: POLICY_ITSELF,
    severity: 'critical',
    path: 'metadata.name',
    value: path,
    message: `The MCPSecurityPolicy ${policy} cannot be evaluated, so that it refuses every server that it might judge: ${path}: ${message}.`,
    fix: `Ask the owner of the policy to correct its field ${path}.`,
  };
}
