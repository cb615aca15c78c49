import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../approval/index.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import { run } from './testing/fake-cluster.ts';
import { whoCan, type BindingObject, type Holder, type RBAC, type RoleObject } from './who-can.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const rule = (change: Partial<PolicyRule> = {}): PolicyRule => ({
  apiGroups: ['mcp.kilocode.ai'],
  resources: ['approvalpolicies'],
  verbs: ['approve', 'deny'],
  ...change,
});
const role = (name: string, rules: readonly PolicyRule[] | null, kind = 'ClusterRole'): RoleObject => ({
  apiVersion,
  kind,
  metadata: { name },
  rules,
});
const binding = (
  name: string,
  roleRef: string,
  subject: object,
  kind = 'ClusterRoleBinding',
): BindingObject => {
  const [roleKind = '', roleName = ''] = roleRef.split('/');
  const metadata = { name, ...(kind === 'RoleBinding' && { namespace: 'team-a' }) };
  const who = { kind: 'User', name: 'carol', ...subject };
  return { apiVersion, kind, metadata, roleRef: { kind: roleKind, name: roleName }, subjects: [who] };
};
const NOTHING: RBAC = { clusterRoles: [], clusterRoleBindings: [], roles: [], roleBindings: [] };

function holders(rules: readonly PolicyRule[] | null, subject: object = {}): readonly Holder[] {
  const rbac = {
    ...NOTHING,
    clusterRoles: [role('approver', rules)],
    clusterRoleBindings: [binding('all', 'ClusterRole/approver', subject)],
  };
  return whoCan(rbac, { verb: 'approve', policy: 'prod' });
}

describe('whoCan', () => {
  it.each<[string, readonly PolicyRule[], boolean]>([
    ['the verb on every policy', [rule()], false],
    ['the verb on this policy', [rule({ resourceNames: ['dev', 'prod'] })], false],
    ['every verb', [rule({ verbs: ['*'] })], true],
    ['every resource', [rule({ resources: ['*'] })], true],
    ['every group', [rule({ apiGroups: ['*'] })], true],
    ['everything', [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], true],
    ['the verb by name, and everything besides', [rule({ verbs: ['*'] }), rule()], false],
  ])('names who holds %s, and says whether by a wildcard', (_reason, rules, byWildcard) => {
    expect(holders(rules)).toEqual([
      {
        kind: 'User',
        name: 'carol',
        role: 'ClusterRole/approver',
        binding: 'ClusterRoleBinding/all',
        byWildcard,
        refused: '',
      },
    ]);
  });

  it.each<[string, readonly PolicyRule[] | null]>([
    ['another verb', [rule({ verbs: ['deny', 'override'] })]],
    ['another policy', [rule({ resourceNames: ['dev'] })]],
    ['another group', [rule({ apiGroups: [''] })]],
    ['another resource', [rule({ resources: ['approvalpolicies/status'] })]],
    ['a part of it in each of two rules', [rule({ verbs: ['get'] }), rule({ resources: ['pods'] })]],
    ['a URL', [{ verbs: ['*'] }]],
    ['nothing', null],
  ])('does not name who holds %s', (_reason, rules) => {
    expect(holders(rules)).toEqual([]);
  });

  it('reads Roles and ClusterRoles of the same name apart, and both kinds of bindings', () => {
    const rbac: RBAC = {
      clusterRoles: [role('same', [rule()])],
      roles: [role('same', [rule({ verbs: ['deny'] })], 'Role')],
      clusterRoleBindings: [],
      roleBindings: [
        binding('of-role', 'Role/same', { name: 'dora' }, 'RoleBinding'),
        binding('of-cluster-role', 'ClusterRole/same', { kind: 'Group', name: 'leads' }, 'RoleBinding'),
        { ...binding('of-nobody', 'ClusterRole/same', {}, 'RoleBinding'), subjects: null },
      ],
    };
    expect(whoCan(rbac, { verb: 'approve', policy: 'prod' }).map(({ name }) => name)).toEqual(['leads']);
    expect(whoCan(rbac, { verb: 'deny', policy: 'prod' }).map(({ name }) => name)).toEqual(['leads', 'dora']);
  });

  it.each([
    [
      'a ServiceAccount',
      { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' },
      'ci/bot',
      'only if the policies list it',
    ],
    ['a system account', { name: 'system:kube-scheduler' }, 'system:kube-scheduler', 'are refused'],
    ['everybody', { kind: 'Group', name: 'system:authenticated' }, 'system:authenticated', ''],
  ])('says what admission thinks of %s', (_reason, subject, name, refused) => {
    expect(holders([rule()], subject)).toMatchObject([
      { name, refused: expect.stringContaining(refused) as string },
    ]);
    expect(holders([rule()], subject)[0]?.refused === '').toBe(refused === '');
  });
});

describe('who-can', () => {
  const policy: KubernetesObject = { apiVersion: 'x', kind: 'ApprovalPolicy', metadata: { name: 'prod' } };
  const objects = [
    policy,
    role('cluster-admin', [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]),
    role('approver', [rule()]),
    binding('admins', 'ClusterRole/cluster-admin', { kind: 'Group', name: 'admins' }),
    binding('approvers', 'ClusterRole/approver', {}, 'RoleBinding'),
    { ...binding('elsewhere', 'ClusterRole/approver', { name: 'eve' }, 'RoleBinding') },
  ].map((object) =>
    object.metadata.name === 'elsewhere'
      ? { ...object, metadata: { name: 'elsewhere', namespace: 'team-b' } }
      : object,
  );

  it('lists them, and warns of wildcards', async () => {
    const { code, results, notes } = await run(['who-can', 'approve', 'prod'], { objects });
    expect(code).toBe(0);
    expect(results).toMatch(/User +carol +ClusterRole\/approver +RoleBinding\/approvers/);
    expect(results).toMatch(/Group +admins .* by a wildcard/);
    expect(results).not.toContain('eve');
    expect(notes).toContain(
      'warning: these roles hold approve by a *, perhaps without anybody having meant it: ClusterRole/cluster-admin',
    );
  });

  it('does not warn where nobody holds it by a wildcard, and prints JSON', async () => {
    const few = objects.filter(({ metadata }) => metadata.name !== 'admins');
    const { results, notes } = await run(['who-can', 'approve', 'prod', '-o', 'json'], { objects: few });
    expect(JSON.parse(results)).toMatchObject([{ name: 'carol', byWildcard: false }]);
    expect(notes).not.toContain('warning');
  });

  it.each([
    ['a policy that is not there', ['who-can', 'approve', 'dev'], 1, 'there is no ApprovalPolicy dev'],
    ['a verb that is none', ['who-can', 'bless', 'prod'], 2, 'approve, deny, cancel, override'],
  ])('refuses %s', async (_reason, argv, code, text) => {
    const ended = await run(argv, { objects });
    expect(ended).toMatchObject({ code, results: '' });
    expect(ended.notes).toContain(text);
  });
});
