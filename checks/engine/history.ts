/**
 * What is asked of the store that keeps compliance history. The reconciler writes through {@link RunHistory}, the command line and the
 * reports read through {@link RunReader}; `stores/` implements both. Each method is one transaction.
 */
import type { Digest } from '../../core/canonical-json.ts';
import type { EvidenceRecord, FindingRecord, RunRecord, ServerReference, ServerResult } from './record.ts';

/** Refuses what a deposed leader writes: the store remembers the highest epoch and rejects lower ones. */
export interface Fence {
  /** Of the leader's Lease: grows with each change of leader. */
  readonly epoch: number;
  /**
   * The Lease's uid; absent without election. A Lease that the store has not seen takes over and counts from anew; one that was replaced
   * never writes again.
   */
  readonly lease?: string;
}

/** The store rejected a write because a newer leader wrote before. Not to be tried again. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** The store cannot be used now: try again later. The message has no credentials in it. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/**
 * Whether the store is the matter, and not what was asked of it. Refusals of rights and of newer schemas (StoreRefusedError of `stores/`) last
 * until an administrator acts; that is no reason to drop what was found.
 */
export function isStoresOwn(error: unknown): boolean {
  return (
    error instanceof StoreUnavailableError || (error instanceof Error && error.name === 'StoreRefusedError')
  );
}

/** Writing runs. Every method rejects with {@link FencedError}, {@link StoreUnavailableError} or a bug. */
export interface RunHistory {
  /**
   * Idempotent by id: a run that exists is left as it is. Appends to the ledger. Rejects with a ConflictError while another run of the owner is
   * open.
   */
  beginRun(run: RunRecord, servers: readonly ServerReference[], fence: Fence): Promise<void>;
  /** The run of this owner that has not finished, with the servers that are done: what a new leader goes on with. */
  openRun(ownerUid: string): Promise<
    | {
        readonly run: RunRecord;
        readonly servers: readonly ServerReference[];
        readonly done: readonly string[];
      }
    | undefined
  >;
  /** The findings of this server in the last finished run of this owner that recorded it. */
  previousFindings(ownerUid: string, serverUid: string): Promise<readonly FindingRecord[]>;
  /**
   * Findings, evidence and one ledger row together. Idempotent by (run, server): a server that is recorded stays as it is. Evidence that no
   * finding refers to is left out. Rejects with a TerminalError when the run is finished, or began without this server.
   */
  recordServer(runId: string, result: RecordedServer, fence: Fence): Promise<void>;
  /** What was recorded of the run so far, findings sorted by check and era, without evidence: see {@link RunReader.evidence}. */
  results(runId: string): Promise<readonly ServerResult[]>;
  /** Idempotent. Appends to the ledger. */
  finishRun(
    runId: string,
    end: Required<Pick<RunRecord, 'finishedAt' | 'result'>> & Pick<RunRecord, 'score' | 'coverage'>,
    fence: Fence,
  ): Promise<void>;
  /** The last finished run of the owner. */
  lastRun(ownerUid: string): Promise<RunRecord | undefined>;
  /** A change of a profile, a waiver, a policy or who may approve, for the ledger; at most once a `key`, see also {@link StatedChange}. */
  recordChange(change: StatedChange, fence: Fence): Promise<void>;
  /**
   * Deletes runs of the owner that began before `before` (ISO 8601), open ones too, with findings and evidence that nobody else refers to; in
   * bounded steps, each run with a row in the ledger. @returns how many runs went.
   */
  deleteRuns(ownerUid: string, before: string, fence: Fence): Promise<number>;
}

/** A change that auditors ask about. */
export interface ChangeRecord {
  /** Identifies the change: object uid and generation, or a hash of what is now. */
  readonly key: string;
  readonly kind:
    | 'ProfileChanged'
    | 'WaiverChanged'
    | 'PolicyChanged'
    | 'CheckChanged'
    | 'ServerChanged'
    | 'ApprovalRoleChanged';
  readonly object: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  /** Who, as admission stamped it; empty when unknown. */
  readonly changedBy: string;
  /** Without persons: it is there for ever. */
  readonly summary: string;
  /** Whom the change is about, such as the users in a binding; each can be erased. Absent for nobody. */
  readonly persons?: readonly string[];
  readonly at: string;
}

/** A change of an object whose key changes more often than what is told of it. */
export interface StatedChange extends ChangeRecord {
  /**
   * Over what is told but the persons, who may have to be erased. The change is left out where the newest of the same kind and object has the
   * same state and the same persons. Absent: the key alone decides.
   */
  readonly state?: Digest;
}

/** A server's share of a run, as it is recorded. */
export interface RecordedServer extends ServerResult {
  /** That the spec of the server is what it is: recorded in the same transaction, once for each generation. */
  readonly change?: ChangeRecord;
}

/** @returns the key of the change that brought an MCPServer to a generation. */
export function serverChangeKey(uid: string, generation: number): string {
  return `server:${uid}:${generation}`;
}

/** @returns uid and generation of such a key; undefined for another one. */
export function parseServerChangeKey(
  key: string,
): { readonly uid: string; readonly generation: number } | undefined {
  const [, uid, generation] = /^server:(.+):(\d+)$/.exec(key) ?? [];
  return uid === undefined ? undefined : { uid, generation: Number(generation) };
}

/** Reading for reports. */
export interface RunReader {
  /** Newest first. @param period ISO 8601, half open: `[from, to)`. */
  runs(period: { readonly from: string; readonly to: string }, limit: number): Promise<readonly RunRecord[]>;
  run(id: string): Promise<RunRecord | undefined>;
  /** As {@link RunHistory.results}. */
  results(runId: string): Promise<readonly ServerResult[]>;
  evidence(digest: string): Promise<EvidenceRecord | undefined>;
  changes(period: { readonly from: string; readonly to: string }): Promise<readonly ChangeRecord[]>;
  /** The ledger's head and the checkpoints in the period: what a reader compares with a copy outside. */
  ledgerProof(period: { readonly from: string; readonly to: string }): Promise<LedgerProof>;
}

export interface LedgerProof {
  readonly chain: string;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly first?: { readonly seq: number; readonly hash: string };
  readonly last?: { readonly seq: number; readonly hash: string };
  /** Whether walking the rows of the period gave the stored hashes. */
  readonly intact: boolean;
}
