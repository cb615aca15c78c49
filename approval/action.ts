/** What can be asked for, and how risky it is. The words are those of the schemas. */
import { type ActionKind, RISKS, type Risk } from '../api/index.ts';

export type { ActionKind, Risk } from '../api/index.ts';

/** What the action is done to. */
export interface ActionTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Of the spec that was looked at; a newer one supersedes the request (but not a Quarantine, which binds the uid alone). */
  readonly generation: number;
}

/**
 * The action of a request, as `spec.action` has it. Parameters by kind: Remediate `check`; AcceptDefinitions `hash` (`status.definitions.hash` of
 * the MCPServer); Quarantine `operation` (`Begin` or `End`; Begin when absent); Waive `check` (the target is a ComplianceCheck that holds the waiver).
 */
export interface Action {
  readonly kind: ActionKind;
  readonly target: ActionTarget;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Whether `one` is at least as risky as `other`. */
export function isAtLeast(one: Risk, other: Risk): boolean {
  return RISKS.indexOf(one) >= RISKS.indexOf(other);
}
