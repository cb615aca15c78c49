/**
 * What approvals ask of the store. Each write is one transaction: the row (by compare-and-set), its entry in the ledger, and the messages that
 * leave with it. Every method rejects with StoreUnavailableError, FencedError (checks/engine/history.ts) or a bug, and with what it names.
 */
import type { Fence } from '../checks/engine/history.ts';
import type { ActionKind } from './action.ts';
import type { Phase } from './phase.ts';
import type { ApprovalRow, NewApprovalRow } from './request.ts';

/** Who writes: the operator and the executor have a Lease each, and are fenced apart. */
export interface ApprovalFence extends Fence {
  readonly writer: 'operator' | 'executor';
}

/** Somebody else changed the row first: read it again. */
export class ApprovalConflictError extends Error {
  override readonly name = 'ApprovalConflictError';
}

/** A message that leaves with a transition; its key in the outbox is request uid and phase. */
export interface ApprovalMessage {
  readonly topic: string;
  readonly key: string;
  readonly payload: unknown;
  readonly expiresAt: string;
}

/** What happened, for the ledger, beside the row itself. */
export interface ApprovalEvent {
  /** Such as Opened, Approved, DecisionCounted, DecisionDisregarded, Executing, RolledBack. */
  readonly event: string;
  /** Who caused it: erasable text beside the ledger, bound by a salted hash. Empty for the clock. */
  readonly person: string;
  /** What a person wrote as reason: erasable like `person`. Absent when nobody wrote one. */
  readonly reason?: string;
  /** JSON, redacted: patch, hashes, decision names, outcomes of checks. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A try that admission refused: it changed nothing, and is remembered. */
export interface RefusedAttempt {
  /** As whoever tried named it: not always the uid of a request that there is. */
  readonly requestUid: string;
  readonly namespace: string;
  /** Of the request, also when a decision on it was to be deleted. */
  readonly name: string;
  readonly person: string;
  /** `create`, `approve`, `deny`, `cancel`, `override`, `delete`, or `deleteDecision`. */
  readonly verb: string;
  /** CamelCase. */
  readonly reason: string;
}

/** A time in which admission was whole, in the same form all the while. ISO 8601. */
export interface AdmissionInterval {
  /** Hash over uids and specs (without certificates) of webhook configurations and policies. */
  readonly fingerprint: string;
  readonly from: string;
  readonly to: string;
}

/** An action that was executed, as those who obey it read it. */
export interface ExecutedAction {
  readonly requestUid: string;
  readonly namespace: string;
  readonly requestName: string;
  readonly kind: ActionKind;
  readonly targetUid: string;
  readonly effect: ApprovalRow['derived']['plan']['effect'];
  readonly executedAt: string;
  readonly ledgerSeq: number;
}

/** An entry of one request, as `kilo-mcp ledger show` prints it. */
export interface ApprovalLedgerEntry {
  readonly seq: number;
  readonly at: string;
  /** Hexadecimal. */
  readonly hash: string;
  readonly kind: string;
  /** As {@link ApprovalEvent.event}. */
  readonly event: string;
  readonly phase: Phase | undefined;
  /** The erased text reads `erased`. */
  readonly person: string;
  /** What the person wrote; `erased` too. */
  readonly reason?: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What was refused about the requests of one name, as `kilo-mcp ledger show` prints it. */
export interface RefusedEntries {
  /** The newest 100 in the order of the ledger; `details` tells verb, reason and the uid that was named. */
  readonly entries: readonly ApprovalLedgerEntry[];
  /** Whether the ledger holds older ones too. */
  readonly hasOlder: boolean;
}

export interface ApprovalReader {
  request(requestUid: string): Promise<ApprovalRow | undefined>;
  /** The newest of that name: a request may be deleted and made again. */
  requestNamed(namespace: string, name: string): Promise<ApprovalRow | undefined>;
  /** In the order of the ledger. */
  entriesOf(requestUid: string): Promise<readonly ApprovalLedgerEntry[]>;
  /** By name, since a try can name any uid; requests that were made again under a name share them. */
  refusalsOf(namespace: string, name: string): Promise<RefusedEntries>;
  /** All that are not final, by creation. */
  openRequests(): Promise<readonly ApprovalRow[]>;
  /** Rows whose `ledgerSeq` is above it, in that order, at most `limit`: how each process learns what the other one wrote. */
  requestsChangedSince(ledgerSeq: number, limit: number): Promise<readonly ApprovalRow[]>;
  /** Every request with this digest or for the same target, kind and check, the newest first, at most 50. */
  requestsFor(target: {
    readonly targetUid: string;
    readonly kind: ActionKind;
    readonly check: string;
  }): Promise<readonly ApprovalRow[]>;
  /** The last executed AcceptDefinitions and Quarantine of a target, and its executed Waives. */
  executedActions(targetUid: string): Promise<readonly ExecutedAction[]>;
  /** Those that touch the time, oldest first. */
  admissionIntervals(from: string): Promise<readonly AdmissionInterval[]>;
}

export interface ApprovalStore extends ApprovalReader {
  /** Idempotent by request uid: returns the row as it is. */
  openRequest(
    row: NewApprovalRow,
    event: ApprovalEvent,
    messages: readonly ApprovalMessage[],
    fence: ApprovalFence,
  ): Promise<ApprovalRow>;
  /**
   * Writes `row`, whose `version` is the one that was read. @returns it as it is now. @throws ApprovalConflictError when the stored version is another.
   */
  advanceRequest(
    row: ApprovalRow,
    events: readonly ApprovalEvent[],
    messages: readonly ApprovalMessage[],
    fence: ApprovalFence,
  ): Promise<ApprovalRow>;
  /** Of any replica, without a fence: the caller limits how many. */
  recordRefusal(attempt: RefusedAttempt): Promise<void>;
  /** Prolongs the last interval when the fingerprint is the same and nobody said that it was broken in between; else begins another one. */
  recordAdmission(
    observation: { readonly fingerprint: string; readonly at: string; readonly isContinuous: boolean },
    fence: ApprovalFence,
  ): Promise<void>;
}
