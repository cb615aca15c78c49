/** How executions end, in words. Pure. */
import type { ApprovalRow, ExecutionOutcome, GitOwner } from '../../approval/index.ts';
import type { PatchAnswer } from './cluster.ts';

/** What the API server would not take. */
export function refusal(answer: Extract<PatchAnswer, { readonly kind: 'refused' }>): ExecutionOutcome {
  return failed(answer.isForbidden ? 'NotPermitted' : 'PatchRefused', answer.message);
}

/** A change would be changed back. */
export function ownedByGit({ tool, mark }: GitOwner): ExecutionOutcome {
  return failed('OwnedByGit', `${tool} applies the target (${mark}), and would change it back`);
}

/** @see forbiddenPointers */
export function notAllowed(pointer: string): string {
  return `the executor does not change ${pointer}`;
}

/** @param reason of `APPROVAL_REASONS`. */
export function failed(reason: string, message: string): ExecutionOutcome {
  return { phase: 'Failed', reason, message };
}

/** As messages name a request. */
export function nameOf({ namespace, name }: ApprovalRow): string {
  return `${namespace}/${name}`;
}
