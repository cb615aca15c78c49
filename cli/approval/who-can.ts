/**
 * Who holds a verb on an ApprovalPolicy, read from the RBAC objects of the cluster. Pure. The API server may have other authorizers; what they
 * grant shows nowhere, so `kubectl auth can-i` has the last word about one person.
 */
import {
  grantOfVerb,
  type Binding,
  type DecisionVerb,
  type Grant,
  type PolicyRule,
  type Role,
  type Subject,
} from '../../approval/index.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';

export type RoleObject = KubernetesObject & Role;
export type BindingObject = KubernetesObject & Binding;

/** What of RBAC matters in a namespace. */
export interface RBAC {
  readonly clusterRoles: readonly RoleObject[];
  readonly clusterRoleBindings: readonly BindingObject[];
  /** Of the namespace. */
  readonly roles: readonly RoleObject[];
  /** Of the namespace. */
  readonly roleBindings: readonly BindingObject[];
}

/** What is asked. */
export interface WhoCanQuestion {
  readonly verb: DecisionVerb;
  /** Name of the ApprovalPolicy. */
  readonly policy: string;
}

/** Somebody who holds the verb, and by what. */
export interface Holder {
  /** As RBAC writes it: `User`, `Group` or `ServiceAccount`. */
  readonly kind: string;
  /** A ServiceAccount with its namespace before it. */
  readonly name: string;
  /** Such as `ClusterRole/mcp-operator-approver`. */
  readonly role: string;
  /** Such as `RoleBinding/approvers`. */
  readonly binding: string;
  /** Whether the role grants it by a `*`, perhaps without meaning to. */
  readonly byWildcard: boolean;
  /** Why admission refuses decisions of them all the same; empty where it does not. */
  readonly refused: string;
}

/** @returns every holder by kind and name, one line for each role and binding that grants it. */
export function whoCan(rbac: RBAC, question: WhoCanQuestion): readonly Holder[] {
  const grants = grantingRoles(rbac, question);
  const bindings = [...rbac.clusterRoleBindings, ...rbac.roleBindings];
  return bindings
    .flatMap((binding) => holdersOf(binding, grants))
    .toSorted((one, other) => sortKey(one).localeCompare(sortKey(other)));
}

function grantingRoles({ clusterRoles, roles }: RBAC, question: WhoCanQuestion): ReadonlyMap<string, Grant> {
  const granting = [...clusterRoles, ...roles].flatMap((role) => {
    const grant = grantOf(role.rules ?? [], question);
    return grant === undefined ? [] : [[`${role.kind}/${role.metadata.name}`, grant] as const];
  });
  return new Map(granting);
}

/** A rule that names everything outweighs those that say `*`. */
function grantOf(rules: readonly PolicyRule[], question: WhoCanQuestion): Grant | undefined {
  const grants = rules.flatMap((rule) => grantOfRule(rule, question) ?? []);
  return grants.includes('named') ? 'named' : grants[0];
}

function grantOfRule(rule: PolicyRule, { verb, policy }: WhoCanQuestion): Grant | undefined {
  const { resourceNames = [] } = rule;
  return resourceNames.length > 0 && !resourceNames.includes(policy) ? undefined : grantOfVerb(rule, verb);
}

function holdersOf(binding: BindingObject, grants: ReadonlyMap<string, Grant>): readonly Holder[] {
  const role = `${binding.roleRef.kind}/${binding.roleRef.name}`;
  const grant = grants.get(role);
  if (grant === undefined) return [];
  return (binding.subjects ?? []).map((subject) => ({
    kind: subject.kind,
    name: nameOf(subject, binding),
    role,
    binding: `${binding.kind}/${binding.metadata.name}`,
    byWildcard: grant === 'wildcard',
    refused: refusalOf(subject),
  }));
}

function nameOf({ kind, name, namespace }: Subject, { metadata }: BindingObject): string {
  return kind === 'ServiceAccount' ? `${namespace ?? metadata.namespace ?? ''}/${name}` : name;
}

/** As admission has it: see docs/approval.md. */
function refusalOf({ kind, name }: Subject): string {
  if (kind === 'ServiceAccount' || name.startsWith('system:serviceaccount'))
    return 'only if the policies list it, and never alone';
  if (name === 'system:authenticated' || name === 'system:unauthenticated') return '';
  return name.startsWith('system:') ? 'decisions of system accounts are refused' : '';
}

function sortKey({ kind, name, role, binding }: Holder): string {
  return [kind, name, role, binding].join('\n');
}
