/**
 * The verdict on a server: what every MCPSecurityPolicy says about what would run, and what follows from it. A change is refused for
 * what it adds; what the stored server already had is said, and let through, so that a new policy breaks nobody's deployment.
 */
import type { MCPSecurityPolicy } from '../../api/index.ts';
import { addedViolations, type Subject, type Violation } from '../../checks/index.ts';
import type { AdmissionAnswer } from '../admission/review.ts';
import { auditAnnotations, policyDenial, policyWarnings } from './words.ts';

/** Judges a subject by one policy: `evaluatePolicy` of the rule engine. */
export type EvaluatePolicy = (policy: MCPSecurityPolicy, subject: Subject) => readonly Violation[];

/** What is to be judged. */
export interface Case {
  readonly after: Subject;
  /** Rendered only when there is something to compare with. Undefined for a server that is being created. */
  readonly before: (() => Subject) | undefined;
}

/** @returns the answer to a write that leaves the server as in `after`. */
export function judge(
  { after, before }: Case,
  policies: readonly MCPSecurityPolicy[],
  evaluate: EvaluatePolicy,
): AdmissionAnswer {
  const violationsOf = (
    subject: Subject,
    of: MCPSecurityPolicy['spec']['enforcement'],
  ): readonly Violation[] =>
    policies.filter(({ spec }) => spec.enforcement === of).flatMap((policy) => evaluate(policy, subject));
  const enforced = violationsOf(after, 'Enforce');
  const stored = enforced.length === 0 || before === undefined ? [] : violationsOf(before(), 'Enforce');
  const added = addedViolations(stored, enforced);
  const warned = violationsOf(after, 'Warn');
  const tolerated = enforced.filter((violation) => !added.includes(violation));
  const audited = [...enforced, ...warned, ...violationsOf(after, 'Audit')];
  return {
    ...(added.length > 0 && { denial: policyDenial(after.server.metadata, added) }),
    ...(audited.length > 0 && { auditAnnotations: auditAnnotations(audited) }),
    warnings: policyWarnings([...tolerated, ...warned]),
  };
}
