/** Judging a ComplianceCheck or ClusterComplianceCheck without a cluster: its schema, with defaults filled in as the API server does. */
import { clusterComplianceCheckResource, complianceCheckResource } from '../group.ts';
import { withDefaults } from '../schema/defaults.ts';
import { identityErrors } from '../schema/identity.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { structural } from '../schema/structural.ts';
import { type FieldError, createValidator } from '../schema/validator.ts';
import { ClusterComplianceCheck, ComplianceCheck } from './compliance-check.ts';

/** The verdict; a valid check comes with its defaults. */
export type CheckValidation<Check> =
  | { readonly valid: true; readonly check: Check }
  | { readonly valid: false; readonly errors: readonly FieldError[] };

/** The structural schema of ComplianceCheck, as its CRD has it. */
export const complianceCheckSchema = structural(ComplianceCheck);
/** The structural schema of ClusterComplianceCheck, as its CRD has it. */
export const clusterComplianceCheckSchema = structural(ClusterComplianceCheck);

/** @returns the check with its defaults, or every error of its schema, each with field and fix. */
export const validateComplianceCheck = validator<ComplianceCheck>(
  complianceCheckSchema,
  complianceCheckResource,
);
/** @returns the check with its defaults, or every error of its schema, each with field and fix. */
export const validateClusterComplianceCheck = validator<ClusterComplianceCheck>(
  clusterComplianceCheckSchema,
  clusterComplianceCheckResource,
);

function validator<Check>(
  schema: JsonSchema,
  identity: { readonly group: string; readonly version: string; readonly kind: string },
): (value: unknown) => CheckValidation<Check> {
  const judgeSchema = createValidator(schema);
  return (value) => {
    const complete = withDefaults(schema, value);
    const errors = [...identityErrors(value, identity), ...judgeSchema(complete)];
    if (errors.length > 0) return { valid: false, errors };
    // A boundary: the schema has just said that it is one.
    return { valid: true, check: complete as Check };
  };
}
