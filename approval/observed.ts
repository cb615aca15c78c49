/** What a request is judged by, beside its row. */
import type { DecisionFact } from './decision.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';

/** What is seen of a request's surroundings. */
export interface Observed {
  /** Whether the ApprovalRequest exists. */
  readonly request: 'live' | 'deleted';
  /** Every ApprovalDecision that names the request. */
  readonly decisions: readonly DecisionFact[];
  /** The target; `unknown` when it could not be read. */
  readonly target: ObservedTarget;
  /** For a row without a policy: what matches now. */
  readonly policy?: PolicySnapshot | undefined;
  /** Whether no newer request is open for the same target, kind and check. */
  readonly isNewest: boolean;
}

/** The target as it is now. */
export type ObservedTarget = { readonly uid: string; readonly generation: number } | 'gone' | 'unknown';
