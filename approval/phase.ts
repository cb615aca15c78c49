/**
 * The phases of a request and the ways between them: the one table that the state machine obeys, the documentation draws and the property tests
 * check. See docs/approval.md.
 */

/** Every phase. */
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

/** Where a request may go next. A phase without a way on is final. */
export const TRANSITIONS: Readonly<Record<Phase, readonly Phase[]>> = {
  Pending: ['Approved', 'Denied', 'Expired', 'Cancelled', 'Superseded'],
  // Denied: a denial before Executing withdraws an approval. Expired: nobody executed it in time.
  Approved: ['Executing', 'Denied', 'Expired', 'Cancelled', 'Superseded'],
  Executing: ['Executed', 'Failed', 'RolledBack'],
  Denied: [],
  Expired: [],
  Cancelled: [],
  Superseded: [],
  Executed: [],
  Failed: [],
  RolledBack: [],
};

/** Whether nothing happens to a request any more. */
export function isFinal(phase: Phase): boolean {
  return TRANSITIONS[phase].length === 0;
}

/** What is said for good of a request: a condition is added once, with status True, and never removed or flipped. */
export const APPROVAL_CONDITIONS = [
  'Approved',
  'Denied',
  'Expired',
  'Cancelled',
  'Superseded',
  'Overridden',
  'Executed',
  'Failed',
  'RolledBack',
] as const;
export type ApprovalConditionType = (typeof APPROVAL_CONDITIONS)[number];
