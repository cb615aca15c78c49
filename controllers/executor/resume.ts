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

/** What began in time may end a little later; an executor that was away for longer has nothing to make up for. */
const GRACE_MS = 60_000;

/** @param image the target, compared with the row's pre-image; anything for an effect that changes no object. */
export function nextStep(row: ApprovalRow, image: Image, now: Date): NextStep {
  if (row.derived.plan.effect.kind !== 'Patch')
    return tooLate(row, now) ?? finish('Executed', 'Recorded', 'the ledger has it');
  return row.rollback === undefined ? forwards(row, image, now) : backwards(row.rollback, image);
}

/** While nothing is done yet, a request still expires: nobody could have denied it in the meantime. */
function tooLate({ executeBefore }: ApprovalRow, now: Date): NextStep | undefined {
  if (executeBefore === undefined || now.getTime() < Date.parse(executeBefore) + GRACE_MS) return undefined;
  return finish(
    'Failed',
    'TooLate',
    `the executor was interrupted before it did anything, and came back after ${executeBefore}: nothing was done`,
  );
}

function forwards(row: ApprovalRow, image: Image, now: Date): NextStep {
  if (image === 'pre') return tooLate(row, now) ?? { kind: 'apply' };
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
