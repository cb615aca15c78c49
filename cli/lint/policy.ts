/** A policy that stands in a file: complete, to be asked, and what keeps it from being evaluated. */
import {
  type MCPSecurityPolicy,
  type MCPSecurityPolicyManifest,
  defaultMCPSecurityPolicy,
} from '../../api/index.ts';
import { policyProblems } from '../../checks/index.ts';
import type { LintFinding } from './finding.ts';
import { type JudgedObject, formFinding } from './object.ts';

/** @returns a well-formed policy with its defaults. */
export function policyOf({ value }: JudgedObject): MCPSecurityPolicy {
  // A boundary: the schema has said that it is one.
  return defaultMCPSecurityPolicy(value as object as MCPSecurityPolicyManifest);
}

/** @returns what admission would refuse a well-formed policy for. */
export function policyFindings(policy: JudgedObject): readonly LintFinding[] {
  return policyProblems(policyOf(policy).spec).map((error) => formFinding('policy', error, policy));
}
