/**
 * Who may decide, for the ledger: roles that grant the verbs of decisions on ApprovalPolicies, and bindings of such roles. Of other roles nothing
 * is kept but their names, and of bindings whom they bind: a role can begin to grant at any time.
 */
import { grantedVerbs, type Binding, type Role } from '../../approval/index.ts';
import type { StatedChange } from '../../checks/engine/history.ts';
import { canonicalJson, digest } from '../../core/canonical-json.ts';
import type {
  Change,
  Informer,
  Informers,
  KubernetesObject,
  ResourceType,
} from '../../operator/runtime/index.ts';
import { ChangeRecorder, type ChangeRecorderOptions } from '../compliancecheck/index.ts';
import { describeBinding, describeGrants, grantsOf, statementOf, usersOf } from './roles-text.ts';

export type RoleObject = KubernetesObject & Role;
export type BindingObject = KubernetesObject & Binding;

/** Where they are read; with `watchNamespaces` the last two are those of the namespaces that are served. */
export interface ApprovalRoles {
  readonly clusterRoles: Roles;
  readonly roles: Roles;
  readonly clusterRoleBindings: Bindings;
  readonly roleBindings: Bindings;
}

type Roles = Pick<Informer<RoleObject>, 'addHandler' | 'store'>;
type Bindings = Pick<Informer<BindingObject>, 'addHandler' | 'store'>;

function kindOfRBAC<T extends KubernetesObject>(kind: string, namespaced: boolean): ResourceType<T> {
  const plural = `${kind.toLowerCase()}s`;
  return { group: 'rbac.authorization.k8s.io', version: 'v1', kind, plural, namespaced };
}

/** Asks for the informers, so call it before they are started. */
export function approvalRoles(informers: Informers): ApprovalRoles {
  const roles = { keep: keepRole };
  const bindings = { keep: keepBinding };
  return {
    clusterRoles: informers.for(kindOfRBAC<RoleObject>('ClusterRole', false), roles),
    roles: informers.for(kindOfRBAC<RoleObject>('Role', true), roles),
    clusterRoleBindings: informers.for(kindOfRBAC<BindingObject>('ClusterRoleBinding', false), bindings),
    roleBindings: informers.for(kindOfRBAC<BindingObject>('RoleBinding', true), bindings),
  };
}

/** @returns the role with the rules alone that grant a decision. */
export function keepRole(role: RoleObject): RoleObject {
  const rules = (role.rules ?? []).filter((rule) => grantedVerbs(rule).length > 0);
  return { ...withLittleMetadata(role), rules };
}

/** @returns the binding with whom it binds to what. */
export function keepBinding(binding: BindingObject): BindingObject {
  const { roleRef, subjects } = binding;
  return { ...withLittleMetadata(binding), roleRef, subjects: subjects ?? [] };
}

/** Whoever serves rules may have written anything into labels and annotations. */
function withLittleMetadata({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

export interface ApprovalRoleChangesOptions extends Omit<ChangeRecorderOptions, 'watch'> {
  readonly roles: ApprovalRoles;
}

/** @see module header. A change that leaves open who may decide is not one. */
export function recordApprovalRoles({ roles, ...parts }: ApprovalRoleChangesOptions): ChangeRecorder {
  const watch = (note: Note): (() => void) => {
    const tell = (object: KubernetesObject, told: Told): void =>
      note(record(object, told, parts.clock.now()));
    const { clusterRoles, roles: namespaced, clusterRoleBindings, roleBindings } = roles;
    const ends = [
      ...[clusterRoles, namespaced].map((each) => each.addHandler((change) => onRole(change, roles, tell))),
      ...[clusterRoleBindings, roleBindings].map((each) =>
        each.addHandler((change) => onBinding(change, roles, tell)),
      ),
    ];
    return () => {
      for (const end of ends) end();
    };
  };
  return new ChangeRecorder({ ...parts, watch });
}

type Note = (change: StatedChange) => void;

/** What is said of an object. */
interface Told {
  readonly isGone: boolean;
  readonly summary: string;
  /** What {@link StatedChange.state} is over; undefined where that cannot tell one from another. */
  readonly statement?: object | undefined;
  readonly persons: readonly string[];
}

type Tell = (object: KubernetesObject, told: Told) => void;

function onRole(change: Change<RoleObject>, roles: ApprovalRoles, tell: Tell): void {
  const { object, kind } = change;
  const isGone = kind === 'delete';
  const before = kind === 'add' ? [] : grantsOf(kind === 'update' ? change.previous : object);
  const now = isGone ? [] : grantsOf(object);
  if (canonicalJson(before) === canonicalJson(now)) return;
  tell(object, isGone ? GONE : { isGone, summary: describeGrants(now), statement: now, persons: [] });
  // Whom it was bound to before it granted anything.
  if (before.length === 0) for (const binding of bindingsOf(object, roles)) tell(binding, boundBy(binding));
}

function onBinding(change: Change<BindingObject>, roles: ApprovalRoles, tell: Tell): void {
  const { object, kind } = change;
  if (kind === 'update' && canonicalJson(change.previous.subjects) === canonicalJson(object.subjects)) return;
  const role = roleOf(object, roles);
  if (role === undefined || grantsOf(role).length === 0) return;
  tell(object, kind === 'delete' ? GONE : boundBy(object));
}

const GONE: Told = { isGone: true, summary: 'deleted', persons: [] };

function boundBy(binding: BindingObject): Told {
  const [summary, statement] = [describeBinding(binding), statementOf(binding)];
  return { isGone: false, summary, statement, persons: usersOf(binding) };
}

function roleOf({ metadata, roleRef }: BindingObject, roles: ApprovalRoles): RoleObject | undefined {
  const { namespace = '' } = metadata;
  return roleRef.kind === 'ClusterRole'
    ? roles.clusterRoles.store.get({ namespace: '', name: roleRef.name })
    : roles.roles.store.get({ namespace, name: roleRef.name });
}

function bindingsOf({ kind, metadata }: RoleObject, roles: ApprovalRoles): readonly BindingObject[] {
  const bindings = [...roles.clusterRoleBindings.store.list(), ...roles.roleBindings.store.list()];
  return bindings.filter(
    ({ roleRef, metadata: { namespace } }) =>
      roleRef.kind === kind &&
      roleRef.name === metadata.name &&
      (kind === 'ClusterRole' || namespace === metadata.namespace),
  );
}

/** These objects have no generation: their resource version tells when one is another, though a label may be all that changed. */
function record({ kind, metadata }: KubernetesObject, told: Told, now: Date): StatedChange {
  const { name, namespace = '', uid = '', resourceVersion = '' } = metadata;
  const { isGone, summary, statement, persons } = told;
  return {
    key: `rbac:${uid}:${isGone ? 'deleted' : resourceVersion}`,
    kind: 'ApprovalRoleChanged',
    object: { kind, namespace, name, uid },
    // Admission of ours is not asked about roles: the API server's audit log knows who.
    changedBy: '',
    summary,
    ...(persons.length > 0 && { persons }),
    ...(statement && { state: digest(statement) }),
    at: now.toISOString(),
  };
}
