/** From what was observed to one verdict a condition of the policy. Pure. */
import { POLICY_REASONS, type ConditionStatus, type PolicyReasonOf } from '../../api/index.ts';
import { excerpt } from '../../core/excerpt.ts';
import type { Observed } from './observed.ts';

type ConditionType = keyof PolicyReasonOf;

/** A conclusion about one condition. */
export interface PolicyConclusion<Type extends ConditionType> {
  readonly status: ConditionStatus;
  readonly reason: PolicyReasonOf[Type];
  readonly message: string;
}

export type PolicyDecision = { readonly [Type in ConditionType]: PolicyConclusion<Type> };

/** Every problem may be long; all of them together must fit a status that people read. */
const MAX_MESSAGE_LENGTH = 1_000;

export function decide(observed: Observed): PolicyDecision {
  return { Accepted: accepted(observed), Enforced: enforced(observed) };
}

function accepted({ evaluation }: Observed): PolicyConclusion<'Accepted'> {
  if (evaluation.kind === 'complete')
    return conclude('Accepted', 'Accepted', 'every rule and selector can be evaluated');
  const problems = evaluation.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return conclude('Accepted', 'InvalidRule', excerpt(problems, MAX_MESSAGE_LENGTH));
}

function enforced({ policy, evaluation, locks }: Observed): PolicyConclusion<'Enforced'> {
  const { enforcement } = policy.spec;
  if (evaluation.kind === 'impossible')
    return conclude('Enforced', 'InvalidRule', 'the policy cannot be evaluated: see the condition Accepted');
  if (enforcement !== 'Enforce')
    return conclude('Enforced', 'ReportOnly', `enforcement is ${enforcement}: nothing is refused`);
  if (!locks.webhook)
    return conclude(
      'Enforced',
      'WebhookMissing',
      'the webhook configuration is gone or not as this operator needs it: servers are written unchecked',
    );
  if (!locks.secondLock)
    return conclude(
      'Enforced',
      'SecondLockMissing',
      'the ValidatingAdmissionPolicies that hold without the webhook are gone or unbound',
    );
  return conclude('Enforced', 'Enforced', 'admission asks this policy before a server is written');
}

/** The status of a reason is the one in the table. */
function conclude<Type extends ConditionType>(
  type: Type,
  reason: PolicyReasonOf[Type],
  message: string,
): PolicyConclusion<Type> {
  const table: Readonly<Record<string, { readonly status: ConditionStatus }>> = POLICY_REASONS[type];
  return { status: table[reason]?.status ?? 'Unknown', reason, message };
}
