/** What admission records of who writes an object: which kinds, and how its annotations are read. */
import {
  ANNOTATIONS,
  approvalPolicyResource,
  approvalRequestResource,
  clusterComplianceCheckResource,
  complianceCheckResource,
  complianceProfileResource,
  mcpServerResource,
  securityPolicyResource,
} from './group.ts';

/** A kind of ours, as a client finds it. */
export interface StampedResource {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The kinds whose creators and changers are recorded, a line each: the webhooks and the second lock follow from it. */
export const STAMPED_RESOURCES: readonly StampedResource[] = [
  mcpServerResource,
  securityPolicyResource,
  complianceProfileResource,
  complianceCheckResource,
  clusterComplianceCheckResource,
  approvalPolicyResource,
  approvalRequestResource,
];

/** Who made a request: a user or a ServiceAccount. */
export interface Person {
  readonly username: string;
  /** Often empty: of the usual authenticators only ServiceAccounts have one. */
  readonly uid: string;
  /** What persons are told apart by, where that is not the username: the value of the configured key of `extra`. */
  readonly person?: string;
}

/** @returns the persons that a `changed-by` annotation names, the last one last; what is no person is left out. */
export function readPersons(text: string | undefined): readonly Person[] {
  const list = parsed(text ?? '[]');
  if (!Array.isArray(list)) return [];
  return list
    .filter(isPerson)
    .map(({ username, uid, person }) => ({ username, uid, ...(person !== undefined && { person }) }));
}

/** @returns the name of who changed the spec last, as admission stamped it; empty where it did not. */
export function lastChangedBy(annotations: Readonly<Record<string, string>> | undefined): string {
  return readPersons(annotations?.[ANNOTATIONS.changedBy]).at(-1)?.username ?? '';
}

function isPerson(value: unknown): value is Person {
  if (typeof value !== 'object' || value === null) return false;
  const { username, uid, person = '' } = value as Partial<Record<keyof Person, unknown>>;
  return [username, uid, person].every((text) => typeof text === 'string');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever wrote the annotation before there was a webhook may have written anything.
    return undefined;
  }
}
