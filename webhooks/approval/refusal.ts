/** How a try is refused: a word for the ledger, a sentence for the person. */
import type { AdmissionAnswer } from '../admission/review.ts';

/** Every reason, as the ledger and its readers know it. */
export type RefusalReason =
  | 'Closed'
  | 'DigestMismatch'
  | 'Expired'
  | 'Kept'
  | 'NoPolicy'
  | 'NotAuthorised'
  | 'NotDerived'
  | 'NotFound'
  | 'NotStamped'
  | 'OtherRequest'
  | 'ReasonMissing'
  | 'SeparationOfDuties'
  | 'SystemAccount'
  | 'WrongName';

/** Why, and what to do about it. */
export type Refusal = readonly [reason: RefusalReason, message: string];

/** @returns the answer that refuses, with the reason in the audit log. */
export function refusing([reason, message]: Refusal): AdmissionAnswer {
  return {
    denial: { code: 403, reason: 'Forbidden', message },
    auditAnnotations: { 'refused-because': reason },
  };
}
