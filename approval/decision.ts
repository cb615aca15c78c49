/** Decisions as facts: what admission stamped, and what was asked again when they are counted. */
import type { DecisionVerb } from '../api/index.ts';

/** One ApprovalDecision with everything that says whether it counts. */
export interface DecisionFact {
  /** Of the ApprovalDecision. */
  readonly name: string;
  readonly uid: string;
  readonly requestUid: string;
  readonly person: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly isServiceAccount: boolean;
  readonly verb: DecisionVerb;
  readonly digest: string;
  readonly reason: string;
  /** Of the API server: `metadata.creationTimestamp`. */
  readonly at: string;
  /** Whether the stamps are those of admission: `decidedBy` is there, and the name is the one that is derived of person and verb. */
  readonly isStamped: boolean;
  /** Whether admission was whole when it was made. */
  readonly isProtected: boolean;
  /** Whether the person holds the verb, now, on every policy of the snapshot; undefined while that could not be asked. */
  readonly isAuthorised: boolean | undefined;
}

/** Why a decision does not count. */
export type Disregard =
  | 'OtherRequest'
  | 'DigestMismatch'
  | 'NotStamped'
  | 'UnprotectedAdmission'
  | 'NotAuthorised'
  | 'SeparationOfDuties'
  | 'ServiceAccount'
  | 'ReasonMissing'
  | 'TooLate'
  | 'Repeated'
  /** The person denied as well: that takes the own approval back. */
  | 'TakenBack';

/** A decision that does not count, as the row and the status show it. */
export interface DisregardedDecision {
  /** Of the ApprovalDecision. */
  readonly name: string;
  readonly uid: string;
  readonly why: Disregard;
}
