/** Judging a ComplianceProfile without a cluster: for `kilo-mcp check --profile FILE`, and for tests. */
import { complianceProfileResource } from '../group.ts';
import { withDefaults } from '../schema/defaults.ts';
import { identityErrors } from '../schema/identity.ts';
import { structural } from '../schema/structural.ts';
import { type FieldError, createValidator } from '../schema/validator.ts';
import { ComplianceProfile } from './compliance-profile.ts';

/** The verdict; a valid profile comes with its defaults. */
export type ComplianceProfileValidation =
  | { readonly valid: true; readonly profile: ComplianceProfile }
  | { readonly valid: false; readonly errors: readonly FieldError[] };

/** The structural schema of ComplianceProfile, as its CRD has it. */
export const complianceProfileSchema = structural(ComplianceProfile);
const judgeSchema = createValidator(complianceProfileSchema);

/** @returns the profile, or every error of its schema, each with field and fix. CEL rules are judged by the API server. */
export function validateComplianceProfile(value: unknown): ComplianceProfileValidation {
  const complete = withDefaults(complianceProfileSchema, value);
  const errors = [...identityErrors(value, complianceProfileResource), ...judgeSchema(complete)];
  if (errors.length > 0) return { valid: false, errors };
  // A boundary: the schema has just said that it is one.
  return { valid: true, profile: complete as ComplianceProfile };
}
