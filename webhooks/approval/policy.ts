/** Admission of ApprovalPolicies: what could not be understood, or would never let anything be executed, does not come in. */
import { Cron } from 'croner';
import { GROUP, approvalPolicyResource, type ApprovalPolicySpec, type FieldError } from '../../api/index.ts';
import { durationSeconds, freezeProblem } from '../../approval/index.ts';
import { requirementProblems, requirementsOf } from '../../checks/policy/selector.ts';
import {
  isJsonObject,
  MalformedReviewError,
  type AdmissionHandler,
  type Denial,
} from '../admission/review.ts';

/** Judges a policy by itself. */
export const validateApprovalPolicy: AdmissionHandler = async ({ name, object: { spec } }) => {
  if (!isJsonObject(spec)) throw new MalformedReviewError('an ApprovalPolicy must have a spec');
  // A boundary: the API server has judged it by the schema.
  const problems = approvalPolicyProblems(spec as ApprovalPolicySpec);
  return problems.length === 0 ? {} : { denial: denial(name, problems) };
};

/** @returns everything that is wrong beyond what the schema tells, each with field and fix. */
export function approvalPolicyProblems(spec: ApprovalPolicySpec): readonly FieldError[] {
  return [
    ...requirementsOf(spec.namespaceSelector, 'spec.namespaceSelector').flatMap(requirementProblems),
    ...(spec.freeze ?? []).flatMap((freeze, index) => freezeProblems(freeze, `spec.freeze[${index}]`)),
  ];
}

type Freeze = NonNullable<ApprovalPolicySpec['freeze']>[number];

function freezeProblems(freeze: Freeze, path: string): readonly FieldError[] {
  const problem = freezeProblem(freeze);
  if (problem !== undefined) return [{ path: `${path}.schedule`, message: problem }];
  if (thaws(freeze, path)) return [];
  const message = `this freeze never ends, so that nothing is ever executed: each time lasts until the next begins, or ${freeze.schedule} never comes`;
  return [{ path: `${path}.duration`, message }];
}

/** How many beginnings are looked at: a weekday, an hour of each day and a day of the month all repeat within. */
const BEGINNINGS = 64;

/** Whether some time lies between the end of one freeze and the next; of a single one, that it comes at all. */
function thaws({ schedule, timeZone, duration }: Freeze, path: string): boolean {
  const durationMs = durationSeconds(duration, `${path}.duration`) * 1_000;
  const runs = new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true }).nextRuns(BEGINNINGS);
  const starts = runs.map((run) => run.getTime());
  return (
    starts.length === 1 || starts.some((start, index) => start - (starts[index - 1] ?? start) > durationMs)
  );
}

function denial(name: string, problems: readonly FieldError[]): Denial {
  const lines = problems.map(({ path, message }) => `\n- ${path}: ${message}`).join('');
  return {
    code: 422,
    reason: 'Invalid',
    message: `ApprovalPolicy ${name} cannot be kept to:${lines}`,
    details: {
      group: GROUP,
      kind: approvalPolicyResource.kind,
      name,
      causes: problems.map(({ path, message }) => ({ reason: 'FieldValueInvalid', field: path, message })),
    },
  };
}
