/** Decisions, gathered and checked: shared by the operator, which approves, and the executor, which counts again before it acts. */
export {
  createAuthority,
  type Authority,
  type AuthorityOptions,
  type AuthorityQuestion,
  type DecidedBy,
} from './authority.ts';
export { gatherDecisions, oldestOf, type DecisionSources, type GatheredDecisions } from './gather.ts';
export { APPROVAL_DECISION, APPROVAL_POLICY, APPROVAL_REQUEST } from './kinds.ts';
export { DECISION_PERMISSIONS } from './permissions.ts';
export { knownFromMs } from './protection.ts';
