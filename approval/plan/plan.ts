/** What would be done, exactly: made once when a request is opened, never changed, and bound by the digest. */
import type { Risk } from '../action.ts';

/** One operation of RFC 6902, of those that plans use. */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** An object that a proposal is about. `namespace` is absent for one of the cluster. */
export interface ProposalObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** What the executor does with an approved plan. */
export type PlanEffect =
  /** Applies the patch to the MCPServer. Every operation that changes something follows a `test` of what was there. */
  | { readonly kind: 'Patch'; readonly operations: readonly PatchOperation[] }
  /** The patch is exported and never applied: Git owns the target, or it is no MCPServer. `reason` says which. */
  | {
      readonly kind: 'Proposal';
      readonly operations: readonly PatchOperation[];
      /** What the operations change; the target of the request when absent. */
      readonly object?: ProposalObject;
      readonly reason: string;
    }
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

/** Why there is no plan. */
export type PlanRefusal =
  /** No change of the object alone can put it right; the message says who can. */
  | 'NotFixable'
  /** Nothing is wrong, or everything is as asked already. */
  | 'NothingToDo'
  /** The server is suspended: a change of it would change nothing. */
  | 'Suspended'
  /** What would have to be shown to people holds a secret. */
  | 'SecretInPlan'
  /** Too long for a person to read and for a status to hold. */
  | 'TooLarge'
  /** The parameters of the action name something that is not there. */
  | 'InvalidParameters';

/** A plan, or why there is none; `message` is for people and names the fix. */
export type Planned =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly reason: PlanRefusal; readonly message: string };

/** @returns a refusal. */
export function refusal(reason: PlanRefusal, message: string): Planned {
  return { kind: 'refused', reason, message };
}
