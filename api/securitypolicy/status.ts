/**
 * `status` of an MCPSecurityPolicy: how many servers it reaches and how many break it. Which ones and why stands in events, metrics and on
 * the servers themselves, so that the status stays small.
 */
import { type TArray, type TUnsafe, Type } from 'typebox';
import { type ConditionShape, conditionSchema } from '../conditions.ts';
import { type Static, listMap } from '../schema/build.ts';
import type { PolicyConditionType, PolicyReasonOf } from './reasons.ts';

/** A condition of a policy. */
export type PolicyCondition = {
  [Type in PolicyConditionType]: ConditionShape<Type, PolicyReasonOf[Type]>;
}[PolicyConditionType];

const Conditions: TArray<TUnsafe<PolicyCondition>> = listMap(
  conditionSchema<PolicyCondition>({
    description: 'One thing that is true of the policy, or not.',
    type: 'Accepted or Enforced.',
  }),
  ['type'],
  {
    description:
      'What holds: Accepted (every rule and selector can be evaluated), Enforced (admission asks this policy before a server is written).',
    maxItems: 8,
  },
);

const count = (description: string) =>
  Type.Optional(Type.Integer({ description, format: 'int32', minimum: 0 }));

export const MCPSecurityPolicyStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({
        description: 'Generation of the spec that this status was concluded from.',
        format: 'int64',
        minimum: 0,
      }),
    ),
    conditions: Type.Optional(Conditions),
    matchedServers: count('Servers that the policy judges.'),
    violatingServers: count('Servers among them that break one of its rules.'),
    violations: count('Broken rules, over all servers.'),
    lastEvaluated: Type.Optional(
      Type.String({
        description:
          'When the figures above last changed, or were confirmed by the slow evaluation of everything.',
        format: 'date-time',
      }),
    ),
  },
  { description: 'What the operator found. Written by it alone.' },
);
/** Observed state. */
export type MCPSecurityPolicyStatus = Static<typeof MCPSecurityPolicyStatus>;
