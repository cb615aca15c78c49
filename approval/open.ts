/** How a request begins: a row in Pending, its event and its message. */
import type { Action } from './action.ts';
import { digestOf } from './digest.ts';
import { phaseMessage } from './messages.ts';
import type { Plan } from './plan/plan.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';
import { quorumNeeded } from './quorum.ts';
import type { ApprovalRow, Derived, NewApprovalRow, Person } from './request.ts';
import type { ApprovalEvent, ApprovalMessage } from './store.ts';

/** Everything that is known of a request when it is opened. */
export interface OpeningFacts {
  /** Of the ApprovalRequest, whose `metadata` these are. */
  readonly requestUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly action: Action;
  readonly plan: Plan;
  readonly requestedBy: Person;
  readonly initiators: readonly Person[];
  readonly unknownInitiators: boolean;
  readonly policy: PolicySnapshot | undefined;
  /** Of {@link askAgain}; 1 for the first. */
  readonly attempt: number;
}

/** A row that the store does not have yet, and what it is opened with. */
export interface Opening {
  readonly row: NewApprovalRow;
  readonly event: ApprovalEvent;
  readonly messages: readonly ApprovalMessage[];
}

/** @returns the row of a request at `now`, which is when the time for decisions begins. */
export function openRequest(facts: OpeningFacts, now: Date): NewApprovalRow {
  const { requestUid, namespace, name, createdAt, action, attempt, policy } = facts;
  const { plan, requestedBy, initiators, unknownInitiators } = facts;
  const derived = {
    plan,
    requestedBy,
    initiators,
    unknownInitiators,
    digest: digestOf(action, plan.effect),
    policy,
    expiresAt: policy && expiryOf(policy, now),
  };
  return {
    requestUid,
    namespace,
    name,
    createdAt,
    action,
    derived,
    attempt,
    phase: 'Pending',
    waiting: waitingAtFirst(policy),
    conditions: [],
    decisions: [],
    disregarded: [],
    approvals: noApprovals(derived),
  };
}

/** @returns {@link openRequest} with what the store writes beside it. */
export function opening(facts: OpeningFacts, now: Date): Opening {
  const row = openRequest(facts, now);
  return { row, event: openedEvent(row), messages: [phaseMessage(row, now)] };
}

/** @returns when a request whose time for decisions begins at `now` expires. */
export function expiryOf({ ttl }: PolicySnapshot, now: Date): string {
  return new Date(now.getTime() + ttl.approval * 1000).toISOString();
}

/** @returns what a request waits for before anybody decided. */
export function waitingAtFirst(policy: PolicySnapshot | undefined): ApprovalRow['waiting'] {
  if (policy === undefined) return 'NoPolicy';
  return policy.auto ? '' : 'QuorumNotMet';
}

/** @returns the tally of a request on which nobody decided. */
export function noApprovals(derived: Derived): ApprovalRow['approvals'] {
  const { policy } = derived;
  const required = policy?.auto === false ? policy.required : [];
  return { have: 0, need: quorumNeeded(derived), missing: required.map(({ group }) => group) };
}

function openedEvent({ action, derived, attempt }: NewApprovalRow): ApprovalEvent {
  const { plan, digest, policy, initiators, unknownInitiators } = derived;
  return {
    event: 'Opened',
    person: derived.requestedBy.person,
    details: {
      action,
      attempt,
      digest,
      effect: plan.effect,
      risk: plan.risk,
      summary: plan.summary,
      initiators: initiators.length,
      unknownInitiators,
      ...policyDetails(policy),
    },
  };
}

/** @returns how an event names the policies that bind a request. */
export function policyDetails(policy: PolicySnapshot | undefined): Readonly<Record<string, unknown>> {
  return policy === undefined ? { policies: [] } : { policies: policy.policies, policyHash: policy.hash };
}
