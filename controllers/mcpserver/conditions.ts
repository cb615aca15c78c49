/**
 * Conditions as the controller works with them: a verdict is what is concluded, a condition is how the status shows it.
 */
import {
  READY_REASONS,
  REASONS,
  type Condition,
  type ConditionStatus,
  type ConditionType,
  type MCPServer,
  type ReasonOf,
} from '../../api/index.ts';

/** A conclusion about one condition. */
export interface Verdict<Type extends ConditionType> {
  readonly status: ConditionStatus;
  readonly reason: ReasonOf[Type];
  readonly message: string;
}

type Dependent = Exclude<ConditionType, 'Ready'>;

/** A verdict whose status is the one that the table of reasons gives to its reason. */
export function verdict<Type extends Dependent>(
  type: Type,
  reason: ReasonOf[Type],
  message: string,
): Verdict<Type> {
  const table: Readonly<Record<string, { readonly status: ConditionStatus }>> = REASONS[type];
  return { status: table[reason]?.status ?? 'Unknown', reason, message };
}

/** The verdict on Ready in its own words. */
export function readyVerdict(reason: keyof typeof READY_REASONS, message: string): Verdict<'Ready'> {
  return { status: READY_REASONS[reason].status, reason, message };
}

/** The condition of `server` of that type, if it has one. */
export function conditionOf<Type extends ConditionType>(
  server: MCPServer,
  type: Type,
): Extract<Condition, { readonly type: Type }> | undefined {
  return server.status?.conditions?.find(
    (condition): condition is Extract<Condition, { readonly type: Type }> => condition.type === type,
  );
}
