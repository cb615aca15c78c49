/**
 * A request as the store keeps it: the row is the authority, `status` of the ApprovalRequest its projection. Plain data; times are ISO 8601 in UTC.
 */
import type { DecisionVerb } from '../api/index.ts';
import type { Action } from './action.ts';
import type { DisregardedDecision } from './decision.ts';
import type { ApprovalConditionType, Phase } from './phase.ts';
import type { PatchOperation, Plan } from './plan/plan.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';
import type { WaitingReason } from './reasons.ts';

/** Somebody, as admission saw them. */
export interface Person {
  /** The configured key of `extra`, else the username. Persons are compared by this alone; never empty. */
  readonly person: string;
  readonly username: string;
  readonly uid: string;
}

/** A condition of a request: always True, never removed. */
export interface ApprovalCondition {
  readonly type: ApprovalConditionType;
  /** CamelCase, of the closed set in `reasons.ts`. */
  readonly reason: string;
  readonly message: string;
  readonly at: string;
}

/** A decision that was counted, as the row and the status show it. */
export interface CountedDecision {
  /** Of the ApprovalDecision. */
  readonly name: string;
  readonly uid: string;
  readonly person: string;
  readonly verb: DecisionVerb;
  readonly at: string;
  readonly reason: string;
}

export { DECISION_VERBS, type DecisionVerb } from '../api/index.ts';

/** Everything that is derived when a request is opened. It does not change, but for a policy that comes later. */
export interface Derived {
  readonly plan: Plan;
  /** Who asked: of the `created-by` stamp; the operator itself for what a ComplianceCheck asks. */
  readonly requestedBy: Person;
  /** Everybody who changed the target's spec since its last approved generation, without the executor. */
  readonly initiators: readonly Person[];
  /** A ServiceAccount, or more than `changed-by` can hold, is among the initiators: one approval more is needed. */
  readonly unknownInitiators: boolean;
  /** `sha256:` and 64 hex digits: see `digest.ts`. */
  readonly digest: string;
  /** Undefined while no ApprovalPolicy matches: Pending with reason NoPolicy, and nothing executes. */
  readonly policy: PolicySnapshot | undefined;
  /** When a Pending request expires; undefined without a policy. */
  readonly expiresAt: string | undefined;
}

/** What the executor saw before it changed anything: enough to put it back. */
export interface PreImage {
  readonly resourceVersion: string;
  readonly generation: number;
  /** The values at the pointers of the patch, before; absent ones are left out. */
  readonly values: Readonly<Record<string, unknown>>;
  /** `sha256:` over the canonical JSON of the whole spec, before. */
  readonly specHash: string;
  /** The same of the spec as the API server would store it afterwards: it fills in defaults. */
  readonly expectedSpecHash: string;
  /** Takes the patch back. */
  readonly inverse: readonly PatchOperation[];
  /** Whether the server was Ready: then it must be so again. */
  readonly wasReady: boolean;
}

/** @see module header */
export interface ApprovalRow {
  /** uid of the ApprovalRequest. */
  readonly requestUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly action: Action;
  readonly derived: Derived;
  /** 1, and one more for each request with the same digest after one that expired, failed or was rolled back. */
  readonly attempt: number;
  readonly phase: Phase;
  /** Counts the writes of the row, from 1: what compare-and-set compares. */
  readonly version: number;
  /** Why a Pending request waits, or an Approved one is not executed yet; empty when nothing keeps it. */
  readonly waiting: WaitingReason | '';
  readonly conditions: readonly ApprovalCondition[];
  readonly decisions: readonly CountedDecision[];
  /** Decisions that do not count, at most 64. */
  readonly disregarded: readonly DisregardedDecision[];
  readonly approvals: { readonly have: number; readonly need: number; readonly missing: readonly string[] };
  /** Set with Approved. */
  readonly executeBefore?: string;
  readonly executedAt?: string;
  /** Set with Executing. */
  readonly preImage?: PreImage;
  /** Set, while Executing, before the pre-image is put back, and says why: an interrupted executor must not apply the patch again. */
  readonly rollback?: { readonly reason: 'VerificationFailed' | 'NotSettled'; readonly message: string };
  /** The row's last entry in the ledger. Grows with every write: rows that changed since are found by it. */
  readonly ledgerSeq: number;
}

/** A row before the store has it. */
export type NewApprovalRow = Omit<ApprovalRow, 'version' | 'ledgerSeq'>;
