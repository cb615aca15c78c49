/**
 * What users write, as against what the API server returns, and the verdict on it without a cluster.
 */
import { securityPolicyResource } from '../group.ts';
import { withDefaults } from '../schema/defaults.ts';
import { identityErrors } from '../schema/identity.ts';
import { structural } from '../schema/structural.ts';
import { type FieldError, createValidator } from '../schema/validator.ts';
import { MCPSecurityPolicy } from './security-policy.ts';
import type { MCPSecurityPolicySpec } from './spec.ts';

/** An MCPSecurityPolicy as it stands in a file. */
export interface MCPSecurityPolicyManifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Partial<MCPSecurityPolicy['metadata']> & { readonly name: string };
  readonly spec: Partial<MCPSecurityPolicySpec>;
}

/** The verdict; a valid policy comes with its defaults. */
export type MCPSecurityPolicyValidation =
  | { readonly valid: true; readonly policy: MCPSecurityPolicy }
  | { readonly valid: false; readonly errors: readonly FieldError[] };

/** The structural schema of MCPSecurityPolicy, as its CRD has it. */
export const securityPolicySchema = structural(MCPSecurityPolicy);
const judgeSchema = createValidator(securityPolicySchema);

/** Fills in what the API server would. It judges nothing: see {@link validateMCPSecurityPolicy}. */
export function defaultMCPSecurityPolicy(manifest: MCPSecurityPolicyManifest): MCPSecurityPolicy {
  const { group, version, kind } = securityPolicyResource;
  const complete = { ...manifest, apiVersion: `${group}/${version}`, kind };
  // A boundary: the schema's defaults are exactly what the manifest's type allows to be missing.
  return withDefaults(securityPolicySchema, complete) as MCPSecurityPolicy;
}

/** @returns the policy with its defaults, or every error of its schema, each with field and fix. CEL rules are judged elsewhere. */
export function validateMCPSecurityPolicy(value: unknown): MCPSecurityPolicyValidation {
  const errors = [
    ...identityErrors(value, securityPolicyResource),
    ...judgeSchema(withDefaults(securityPolicySchema, value)),
  ];
  if (errors.length > 0) return { valid: false, errors };
  // A boundary: the schema has just said that it is one.
  return { valid: true, policy: defaultMCPSecurityPolicy(value as MCPSecurityPolicyManifest) };
}
