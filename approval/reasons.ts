/** Why a request is in its phase, and why it waits: the closed sets that conditions, `status.waiting` and events speak in. */

/** Reasons of the conditions of a request. */
export const APPROVAL_REASONS = {
  Approved: ['QuorumMet', 'Automatic', 'Overridden'],
  Denied: ['Denied', 'WithdrawnByDenial'],
  Expired: ['NotDecided', 'NotExecuted'],
  Cancelled: ['CancelledByPerson', 'RequestDeleted'],
  Superseded: ['TargetChanged', 'TargetGone', 'NewerRequest'],
  Overridden: ['Overridden'],
  Executed: ['Verified', 'Recorded'],
  Failed: [
    'TargetChanged',
    'TargetGone',
    'PatchRefused',
    'RollbackFailed',
    'TargetUnrecognised',
    'NotPermitted',
  ],
  RolledBack: ['VerificationFailed', 'NotSettled'],
} as const;

/** Why a Pending request is not approved, or an Approved one not executed. */
export const WAITING_REASONS = [
  /** No ApprovalPolicy matches: create or widen one. */
  'NoPolicy',
  /** More approvals are needed, or one of a required group. */
  'QuorumNotMet',
  /** Whether somebody who denied or cancelled may do so could not be asked. */
  'AuthorityUnknown',
  /** The target could not be read. */
  'TargetUnknown',
  /** Executions wait for the end of a freeze. */
  'Freeze',
  /** The patch is for whoever owns the target; nothing is executed here. */
  'Proposal',
] as const;
export type WaitingReason = (typeof WAITING_REASONS)[number];
