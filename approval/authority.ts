/**
 * Which rules of RBAC grant the verbs that decide, on ApprovalPolicies. Pure. The API server may have other authorizers; what they grant shows
 * nowhere, so `kubectl auth can-i` has the last word about one person.
 */
import { approvalPolicyResource, DECISION_VERBS, type DecisionVerb } from '../api/index.ts';

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs?: readonly string[];
}

/** Somebody in a binding. */
export interface Subject {
  /** As RBAC writes it: `User`, `Group` or `ServiceAccount`. */
  readonly kind: string;
  readonly name: string;
  /** Of a ServiceAccount; that of the binding when absent. */
  readonly namespace?: string;
}

/** What a ClusterRole or a Role says. */
export interface Role {
  readonly rules?: readonly PolicyRule[] | null;
}

/** What a ClusterRoleBinding or a RoleBinding says. Its `roleRef` never changes. */
export interface Binding {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly Subject[] | null;
}

/** `wildcard`: by a `*`, perhaps without meaning to. */
export type Grant = 'named' | 'wildcard';

/** @returns how the rule grants the verb, on the policies that its `resourceNames` name or on all; undefined when it does not. */
export function grantOfVerb(rule: PolicyRule, verb: DecisionVerb): Grant | undefined {
  const { apiGroups = [], resources = [], verbs = [] } = rule;
  const wanted = [
    [apiGroups, approvalPolicyResource.group],
    [resources, approvalPolicyResource.plural],
    [verbs, verb],
  ] as const;
  if (!wanted.every(([list, word]) => list.includes(word) || list.includes('*'))) return undefined;
  return wanted.every(([list, word]) => list.includes(word)) ? 'named' : 'wildcard';
}

/** @returns the verbs that the rule grants, in the order of {@link DECISION_VERBS}. */
export function grantedVerbs(rule: PolicyRule): readonly DecisionVerb[] {
  return DECISION_VERBS.filter((verb) => grantOfVerb(rule, verb) !== undefined);
}
