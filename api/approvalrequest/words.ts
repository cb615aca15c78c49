/** The closed sets of words that approval speaks in: in schemas, in the store, and in the pure core of `approval/`, which reads them from here. */

/** What an approval lets the operator do. */
export const ACTION_KINDS = ['Remediate', 'AcceptDefinitions', 'Quarantine', 'Waive'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** How much harm an action may do, the mildest first. */
export const RISKS = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof RISKS)[number];

/** Every phase of a request; the ways between them are those of `approval/phase.ts`. */
export const PHASES = [
  'Pending',
  'Approved',
  'Denied',
  'Expired',
  'Cancelled',
  'Superseded',
  'Executing',
  'Executed',
  'Failed',
  'RolledBack',
] as const;
export type Phase = (typeof PHASES)[number];

/** What somebody may say of a request. */
export const DECISION_VERBS = ['approve', 'deny', 'cancel', 'override'] as const;
export type DecisionVerb = (typeof DECISION_VERBS)[number];

/** What the executor does with an approved plan; see `approval/plan/plan.ts`. */
export const EFFECTS = ['Patch', 'Proposal', 'Baseline', 'Quarantine', 'Waiver'] as const;

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
