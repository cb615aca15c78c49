/** What a step of a request is: the row as it becomes, and what leaves with it in the same transaction. */
import type { ApprovalCondition, ApprovalRow } from './request.ts';
import type { ApprovalEvent, ApprovalMessage } from './store.ts';

/** One step, to be written by compare-and-set on `row.version`. */
export interface Transition {
  readonly row: ApprovalRow;
  readonly events: readonly ApprovalEvent[];
  readonly messages: readonly ApprovalMessage[];
}

/** @returns the conditions with `added` at the end; one that is there stays as it is, for good. */
export function withConditions(
  conditions: readonly ApprovalCondition[],
  added: readonly ApprovalCondition[],
): readonly ApprovalCondition[] {
  const fresh = added.filter(({ type }) => !conditions.some((condition) => condition.type === type));
  return fresh.length === 0 ? conditions : [...conditions, ...fresh];
}
