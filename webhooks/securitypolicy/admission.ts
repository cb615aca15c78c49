/**
 * Admission of MCPSecurityPolicies: a rule or selector that cannot be evaluated is refused with its place, before it can fail closed on
 * everybody's servers.
 */
import {
  GROUP,
  securityPolicyResource,
  type FieldError,
  type MCPSecurityPolicySpec,
} from '../../api/index.ts';
import {
  isJsonObject,
  MalformedReviewError,
  type AdmissionHandler,
  type Denial,
} from '../admission/review.ts';

/** `policyProblems` of the rule engine. */
export type FindProblems = (spec: MCPSecurityPolicySpec) => readonly FieldError[];

/** Judges a policy by itself. */
export function validatePolicy(problemsOf: FindProblems): AdmissionHandler {
  return async ({ name, object }) => {
    const { spec } = object;
    if (!isJsonObject(spec)) throw new MalformedReviewError('an MCPSecurityPolicy must have a spec');
    // A boundary: the API server has judged it by the schema.
    const problems = problemsOf(spec as MCPSecurityPolicySpec);
    return problems.length === 0 ? {} : { denial: denial(name, problems) };
  };
}

const MAX_SHOWN = 32;

function denial(name: string, problems: readonly FieldError[]): Denial {
  const shown = problems.slice(0, MAX_SHOWN);
  const rest = problems.length - shown.length;
  const more = rest > 0 ? `\n- and ${rest} more` : '';
  const lines = shown.map(({ path, message }) => `\n- ${path}: ${message}`).join('');
  return {
    code: 422,
    reason: 'Invalid',
    message: `MCPSecurityPolicy ${name} cannot be evaluated:${lines}${more}`,
    details: {
      group: GROUP,
      kind: securityPolicyResource.kind,
      name,
      causes: shown.map(({ path, message }) => ({ reason: 'FieldValueInvalid', field: path, message })),
    },
  };
}
