/**
 * The phases of a request and the ways between them: the one table that the state machine obeys, the documentation draws and the property tests
 * check. See docs/approval.md.
 */
import type { Phase } from '../api/index.ts';

export { PHASES, type Phase } from '../api/index.ts';
export type { ApprovalConditionType } from '../api/index.ts';

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
