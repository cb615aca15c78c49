/** What roles and bindings grant, in a few words. No user is in them: users are persons, whose names can be erased. */
import { grantOfVerb, grantedVerbs, type Binding, type Role, type Subject } from '../../approval/index.ts';
import { excerpt } from '../../core/excerpt.ts';

/** What one rule grants. */
interface ApprovalGrant {
  readonly verbs: readonly string[];
  /** Names of ApprovalPolicies; empty for all. */
  readonly policies: readonly string[];
  /** Whether by a `*`, perhaps without meaning to. */
  readonly byWildcard: boolean;
}

/** Users that an entry of the ledger names. */
const MOST_USERS = 100;
const MAX_SUMMARY = 2_000;

/** @returns nothing for a role that grants no decision. */
export function grantsOf({ rules }: Role): readonly ApprovalGrant[] {
  return (rules ?? []).flatMap((rule) => {
    const verbs = grantedVerbs(rule);
    const byWildcard = verbs.some((verb) => grantOfVerb(rule, verb) === 'wildcard');
    return verbs.length === 0 ? [] : [{ verbs, policies: rule.resourceNames ?? [], byWildcard }];
  });
}

/** Such as `grants approve, deny on approvalpolicies prod`. */
export function describeGrants(grants: readonly ApprovalGrant[]): string {
  if (grants.length === 0) return 'grants no decision any more';
  const texts = grants.map(({ verbs, policies, byWildcard }) => {
    const where = policies.length === 0 ? 'every approvalpolicy' : `approvalpolicies ${policies.join(', ')}`;
    return `${verbs.join(', ')} on ${where}${byWildcard ? ' by a *' : ''}`;
  });
  return excerpt(`grants ${texts.join('; ')}`, MAX_SUMMARY);
}

interface PlacedBinding extends Binding {
  readonly metadata: { readonly namespace?: string };
}

/** Such as `binds ClusterRole/mcp-operator-approver to group leads, serviceaccount ci/bot, 2 users`. */
export function describeBinding({ metadata, roleRef, subjects }: PlacedBinding): string {
  const all = subjects ?? [];
  const users = all.filter(isUser).length;
  const others = all
    .filter((subject) => !isUser(subject))
    .map(({ kind, name, namespace = metadata.namespace ?? '' }) =>
      kind === 'ServiceAccount' ? `serviceaccount ${namespace}/${name}` : `${kind.toLowerCase()} ${name}`,
    );
  const whom = [...others, ...(users === 0 ? [] : [users === 1 ? '1 user' : `${users} users`])];
  const role = `${roleRef.kind}/${roleRef.name}`;
  return excerpt(`binds ${role} to ${whom.length === 0 ? 'nobody' : whom.join(', ')}`, MAX_SUMMARY);
}

/** @returns the names of the users, at most 100. */
export function usersOf({ subjects }: Binding): readonly string[] {
  return (subjects ?? [])
    .filter(isUser)
    .map(({ name }) => name)
    .slice(0, MOST_USERS);
}

/**
 * @returns what a binding says but the names of its users, which must not outlive them in a digest either; undefined when {@link usersOf} leaves
 * some out, so that others in their place are not noticed.
 */
export function statementOf({ roleRef, subjects }: Binding): object | undefined {
  const all = subjects ?? [];
  const users = all.filter(isUser).length;
  if (users > MOST_USERS) return undefined;
  return { roleRef, users, others: all.filter((subject) => !isUser(subject)) };
}

function isUser({ kind }: Subject): boolean {
  return kind === 'User';
}
