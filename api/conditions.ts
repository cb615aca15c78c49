/**
 * Conditions as Kubernetes has them (metav1.Condition), with types and reasons from the closed unions of each kind's table.
 */
import { type TArray, type TUnsafe, Type } from 'typebox';
import { listMap } from './schema/build.ts';
import type { CompliantReason, ConditionType, ReasonOf } from './reasons.ts';

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** A condition of one type. `message` holds no time, no counter and nothing a server said. */
export interface ConditionShape<Type extends string, Reason extends string> {
  readonly type: Type;
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
  /** The generation of the spec that this was concluded from. */
  readonly observedGeneration: number;
  /** RFC 3339, seconds; changes only when `status` does. */
  readonly lastTransitionTime: string;
}

/** A condition of an MCPServer. */
export type ConditionOf<Type extends ConditionType> = ConditionShape<Type, ReasonOf[Type]>;

/** Any condition of an MCPServer that its own controller writes: knowing `type` narrows `reason`. */
export type Condition = { [Type in ConditionType]: ConditionOf<Type> }[ConditionType];

/** The condition of an MCPServer that is written by whoever checks compliance, on the servers that some check covers. */
export type CompliantCondition = ConditionShape<'Compliant', CompliantReason>;

/**
 * The schema of one condition. Patterns and lengths are those of metav1.Condition. It does not close the reasons, as a status
 * outlives a downgrade.
 * @param descriptions of the condition, and of its `type`.
 */
export function conditionSchema<T extends ConditionShape<string, string>>(descriptions: {
  readonly description: string;
  readonly type: string;
}): TUnsafe<T> {
  return Type.Unsafe<T>(
    Type.Object(
      {
        type: Type.String({
          description: descriptions.type,
          maxLength: 316,
          pattern:
            '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
        }),
        status: Type.Unsafe<ConditionStatus>({
          type: 'string',
          enum: ['True', 'False', 'Unknown'],
          description: 'True, False or Unknown.',
        }),
        reason: Type.String({
          description: 'One word for the cause; docs/reasons.md lists each with its remedy.',
          minLength: 1,
          maxLength: 1024,
          pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
        }),
        message: Type.String({ description: 'One sentence for people.', maxLength: 32_768 }),
        observedGeneration: Type.Integer({
          description: 'Generation of the spec that this condition was concluded from.',
          format: 'int64',
          minimum: 0,
        }),
        lastTransitionTime: Type.String({ description: 'When status last changed.', format: 'date-time' }),
      },
      { description: descriptions.description },
    ),
  );
}

const ServerCondition = conditionSchema<Condition | CompliantCondition>({
  description: 'One thing that is true of the server, or not.',
  type: 'Accepted, ResourcesReady, Available, Verified, Compliant or Ready.',
});

/** The list of conditions of an MCPServer, merged by type. */
export const Conditions: TArray<TUnsafe<Condition | CompliantCondition>> = listMap(
  ServerCondition,
  ['type'],
  {
    description:
      'What holds: Accepted (the spec can be worked with), ResourcesReady (every child is applied), Available (enough pods are ready), Verified (the server answered in MCP), Compliant (every compliance check that covers it is content; absent when none does), and Ready, which sums up all but Compliant.',
    maxItems: 16,
  },
);
