/**
 * What comes next for a request in Executing, from nothing but the row and the target: so it is the same after a crash between any two steps as
 * without one. Pure.
 */
import type { ApprovalRow, ExecutionOutcome } from '../../approval/index.ts';
import type { Image } from './target.ts';

/** The next step. */
export type NextStep =
  | { readonly kind: 'apply' }
  | { readonly kind: 'verify' }
  | { readonly kind: 'rollBack' }
  | { readonly kind: 'finish'; readonly outcome: ExecutionOutcome };

/** @param image the target, compared with the row's pre-image; anything for an effect that changes no object. */
export function nextStep(row: ApprovalRow, image: Image): NextStep {
  if (row.derived.plan.effect.kind !== 'Patch') return finish('Executed', 'Recorded', 'the ledger has it');
  return row.rollback === undefined ? forwards(image) : backwards(row.rollback, image);
}

function forwards(image: Image): NextStep {
  if (image === 'pre') return { kind: 'apply' };
  if (image === 'post') return { kind: 'verify' };
  if (image === 'gone') return finish('Failed', 'TargetGone', 'the target was deleted');
  return finish(
    'Failed',
    'TargetUnrecognised',
    'the target is neither as it was nor as it was to become: nothing more was done to it',
  );
}

function backwards({ reason, message }: NonNullable<ApprovalRow['rollback']>, image: Image): NextStep {
  if (image === 'pre') return finish('RolledBack', reason, message);
  if (image === 'post') return { kind: 'rollBack' };
  return finish(
    'Failed',
    'RollbackFailed',
    `${message}; the target was changed meanwhile, so that its former values, in status.preImage, could not be put back`,
  );
}

function finish(phase: ExecutionOutcome['phase'], reason: string, message: string): NextStep {
  return { kind: 'finish', outcome: { phase, reason, message } };
}
