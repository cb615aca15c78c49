/**
 * Human approval: what is asked, who decided, what follows. Pure data and functions; who talks to the API server or the database imports them
 * from here.
 */
export type { Action, ActionKind, ActionTarget, Risk } from './action.ts';
export { nextWake, transition } from './advance.ts';
export type { Observed, ObservedTarget } from './observed.ts';
export { type AskAgain, askAgain } from './ask-again.ts';
export {
  type Binding,
  type Grant,
  type PolicyRule,
  type Role,
  type Subject,
  grantOfVerb,
  grantedVerbs,
} from './authority.ts';
export type { Tally } from './count.ts';
export type { DecisionFact, Disregard, DisregardedDecision } from './decision.ts';
export { digestOf } from './digest.ts';
export { durationSeconds } from './duration.ts';
export type { Ending } from './endings.ts';
export {
  type ExecutionFacts,
  type ExecutionOutcome,
  type Permission,
  type Refusal,
  begin,
  finish,
  isReadyToBegin,
  mayBegin,
  mayGoOn,
} from './execute.ts';
export { type Freeze, freezeProblem } from './freeze.ts';
export { APPROVAL_TOPIC, phaseMessage } from './messages.ts';
export { decisionName, requestName } from './names.ts';
export { type Opening, type OpeningFacts, opening } from './open.ts';
export { type AuthenticatedUser, isServiceAccount, personOf } from './person.ts';
export { type ApprovalConditionType, PHASES, type Phase, TRANSITIONS, isFinal } from './phase.ts';
export {
  type GitOwner,
  type OwnershipFacts,
  type PatchEffect,
  type PatchOperation,
  PLANNED_CHECKS,
  type Plan,
  type PlanEffect,
  type PlanFacts,
  type PlanRefusal,
  type Planned,
  type ProposalObject,
  type RemediationFacts,
  type RequestedWaiver,
  type WaiverQuestion,
  applyOperations,
  exportJson6902,
  exportKustomize,
  gitOwner,
  inverseOperations,
  objectOf,
  planRemediation,
  pointerOf,
  valueAt,
} from './plan/index.ts';
export type { PolicySnapshot } from './policy-snapshot.ts';
export type { WaitingReason } from './reasons.ts';
export {
  type ApprovalCondition,
  type ApprovalRow,
  type CountedDecision,
  DECISION_VERBS,
  type DecisionVerb,
  type Derived,
  type NewApprovalRow,
  type Person,
  type PreImage,
} from './request.ts';
export { type PolicyQuestion, type PolicySource, policySnapshot } from './snapshot.ts';
export { statusOf } from './status-of.ts';
export {
  type AdmissionInterval,
  ApprovalConflictError,
  type ApprovalEvent,
  type ApprovalFence,
  type ApprovalLedgerEntry,
  type ApprovalMessage,
  type ApprovalReader,
  type ApprovalStore,
  type ExecutedAction,
  type RefusedAttempt,
  type RefusedEntries,
} from './store.ts';
export type { Transition } from './transition.ts';
