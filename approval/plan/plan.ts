/** What would be done, exactly: made once when a request is opened, never changed, and bound by the digest. */
import type { Risk } from '../action.ts';

/** One operation of RFC 6902, of those that plans use. */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** What the executor does with an approved plan. */
export type PlanEffect =
  /** Applies the patch to the MCPServer. Every operation that changes something follows a `test` of what was there. */
  | { readonly kind: 'Patch'; readonly operations: readonly PatchOperation[] }
  /** The patch is exported and never applied: Git owns the target, or it is no MCPServer. `reason` says which. */
  | { readonly kind: 'Proposal'; readonly operations: readonly PatchOperation[]; readonly reason: string }
  /** A record in the ledger, which becomes `status.baseline` of the MCPServer. */
  | { readonly kind: 'Baseline'; readonly hash: string }
  /** A record in the ledger, which begins or ends `status.quarantine` of the MCPServer. */
  | { readonly kind: 'Quarantine'; readonly operation: 'Begin' | 'End' }
  /** A record in the ledger, which makes the waiver with this hash (canonical JSON of the waiver without `approvalRef`) count. */
  | { readonly kind: 'Waiver'; readonly check: string; readonly waiverHash: string };

/** @see module header */
export interface Plan {
  readonly effect: PlanEffect;
  readonly risk: Risk;
  /** One line for people. */
  readonly summary: string;
  /** For people, unified-diff-like lines of YAML, at most 16 KiB, no secret in it. Empty where nothing of the target changes. */
  readonly diff: string;
  /** Ids of the checks that must pass afterwards; if they do not, the pre-image goes back. */
  readonly verifyChecks: readonly string[];
}
