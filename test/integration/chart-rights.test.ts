/**
 * The rights that the chart gives to the operator: those that the code declares, and no other.
 */
import { describe, expect, it } from 'vitest';
import { DECISION_VERBS as VERBS } from '../../approval/index.ts';
import { APPROVAL_PERMISSIONS } from '../../controllers/approval/index.ts';
import { COMPLIANCE_PERMISSIONS } from '../../controllers/compliancecheck/permissions.ts';
import { LOCK_PERMISSIONS } from '../../controllers/locks/index.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import { SECURITY_POLICY_PERMISSIONS } from '../../controllers/securitypolicy/permissions.ts';
import { EXECUTOR_PERMISSIONS } from '../../controllers/executor/index.ts';
import { EXECUTOR_PROCESS_PERMISSIONS } from '../../operator/executor-permissions.ts';
import { CHECKPOINT_PERMISSIONS } from '../../operator/ledger-checkpoints.ts';
import { RUNTIME_PERMISSIONS } from '../../operator/runtime/index.ts';
import {
  ISSUE_CERTIFICATE_PERMISSIONS,
  SERVE_CERTIFICATE_PERMISSIONS,
  WEBHOOK_PERMISSIONS,
} from '../../webhooks/index.ts';
import { find, render, type Manifest } from '../harness/helm.ts';

const EXECUTOR = 'mcp-operator-executor';
const DECISION_VERBS: readonly string[] = VERBS;
const EXTERNAL = { store: { mode: 'External', external: { host: 'db', secretName: 'db' } } };
const EMBEDDED = { replicas: 1, store: { mode: 'Embedded' } };

describe('the rights of the operator', () => {
  const always = [
    ...MCPSERVER_PERMISSIONS,
    ...SECURITY_POLICY_PERMISSIONS,
    ...COMPLIANCE_PERMISSIONS,
    ...CHECKPOINT_PERMISSIONS,
    ...WEBHOOK_PERMISSIONS,
    ...LOCK_PERMISSIONS,
    ...APPROVAL_PERMISSIONS,
    ...RUNTIME_PERMISSIONS,
  ];
  const serving = [...always, ...SERVE_CERTIFICATE_PERMISSIONS];
  const issuing = [...serving, ...ISSUE_CERTIFICATE_PERMISSIONS];

  it.each<[string, object, readonly Rule[]]>([
    ['everywhere', {}, issuing],
    ['in some namespaces', { watchNamespaces: ['team-a', 'team-b'] }, issuing],
    ['with cert-manager', { webhook: { certificates: 'CertManager' } }, serving],
    ['without webhooks', { webhook: { enabled: false } }, always],
    ['beside a database', EXTERNAL, issuing],
    ['with an embedded database', EMBEDDED, [...issuing, ...EXECUTOR_PERMISSIONS]],
  ])('are exactly those that the code declares: %s', async (_reason, values, declared) => {
    const granted = rolesOfOperator(await render(values)).flatMap(({ rules }) => rules.flatMap(rightsOf));
    expect([...new Set(granted)].toSorted()).toEqual([...new Set(declared.flatMap(rightsOf))].toSorted());
  });

  it.each<[string, object]>([
    ['everywhere', {}],
    ['in some namespaces', { watchNamespaces: ['team-a'] }],
    ['in some namespaces, its own among them', { watchNamespaces: ['mcp-system'] }],
    ['with cert-manager', { webhook: { certificates: 'CertManager' } }],
  ])('are never a wildcard, and never over rights: %s', async (_reason, values) => {
    const rights = rolesOfOperator(await render(values)).flatMap(({ rules }) => rules.flatMap(rightsOf));
    expect(rights.length).toBeGreaterThan(0);
    expect(
      rights.filter((right) =>
        // Who may approve is for the ledger to know, so rights are read.
        /\*|^(?!(list|watch) ).*rbac\.authorization|^(escalate|bind|impersonate) |pods\/(exec|attach)/.test(
          right,
        ),
      ),
    ).toEqual([]);
  });

  const READ = { resourceNames: ['mcp-operator-webhook-certificates'], verbs: ['list', 'watch'] };
  const RENEW = { resourceNames: ['mcp-operator-webhook-certificates'], verbs: ['update'] };
  it.each<[string, object, readonly object[]]>([
    ['everywhere', {}, [READ, RENEW, { verbs: ['create'] }]],
    ['in some namespaces', { watchNamespaces: ['team-a'] }, [READ, RENEW, { verbs: ['create'] }]],
    ['with cert-manager', { webhook: { certificates: 'CertManager' } }, [READ]],
    ['without webhooks', { webhook: { enabled: false } }, []],
  ])(
    'over Secrets reach the one of its webhooks, in its own namespace: %s',
    async (_reason, values, expected) => {
      const roles = rolesOfOperator(await render(values)).filter(({ rules }) =>
        rules.some(({ resources }) => resources.includes('secrets')),
      );
      expect(roles.map(({ namespace }) => namespace)).toEqual(expected.map(() => 'mcp-system').slice(0, 1));
      const rules = roles
        .flatMap((role) => role.rules)
        .filter(({ resources }) => resources.includes('secrets'));
      expect(rules).toEqual(expected.map((rule) => ({ apiGroups: [''], resources: ['secrets'], ...rule })));
    },
  );

  it('over webhook configurations reach those of its own release, under whatever name', async () => {
    const manifests = await render({ fullnameOverride: 'guard' });
    const rules = rolesOfOperator(manifests)
      .flatMap((role) => role.rules)
      .filter(({ apiGroups }) => apiGroups.includes('admissionregistration.k8s.io'));
    expect(rules.map(({ resourceNames, verbs }) => ({ resourceNames, verbs }))).toEqual([
      { resourceNames: ['guard'], verbs: ['list', 'watch', 'patch'] },
      { resourceNames: ['guard'], verbs: ['list', 'watch'] },
      {
        resourceNames: ['servers', 'children', 'stamps', 'approvals'].map(
          (part) => `guard-second-lock-${part}`,
        ),
        verbs: ['list', 'watch'],
      },
    ]);
    for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'])
      find(manifests, kind, 'guard');
    expect(JSON.stringify(manifests)).not.toContain('<fullname>');
  });

  it('with namespaces to watch, hold cluster-wide only over what has no namespace, and only to read but for policies and its own webhooks', async () => {
    const roles = rolesOfOperator(await render({ watchNamespaces: ['team-a', 'team-b'] }));
    const clusterWide = roles
      .filter(({ namespace }) => namespace === undefined)
      .flatMap(({ rules }) => rules.flatMap(rightsOf));
    expect([...new Set(clusterWide.map((right) => right.split(' ')[1] ?? ''))].toSorted()).toEqual([
      'approvalpolicies.mcp.kilocode.ai',
      'clustercompliancechecks.mcp.kilocode.ai',
      'clustercompliancechecks/status.mcp.kilocode.ai',
      'clusterrolebindings.rbac.authorization.k8s.io',
      'clusterroles.rbac.authorization.k8s.io',
      'complianceprofiles.mcp.kilocode.ai',
      'endpointslices.discovery.k8s.io',
      'mcpsecuritypolicies.mcp.kilocode.ai',
      'mcpsecuritypolicies/status.mcp.kilocode.ai',
      'mutatingwebhookconfigurations.admissionregistration.k8s.io',
      'namespaces',
      'nodes',
      'servicecidrs.networking.k8s.io',
      'subjectaccessreviews.authorization.k8s.io',
      'validatingadmissionpolicies.admissionregistration.k8s.io',
      'validatingadmissionpolicybindings.admissionregistration.k8s.io',
      'validatingwebhookconfigurations.admissionregistration.k8s.io',
    ]);
    const writes = clusterWide.filter((right) => !/^(get|list|watch) /.test(right));
    expect([...new Set(writes)].toSorted()).toEqual([
      'create mcpsecuritypolicies.mcp.kilocode.ai',
      // A question.
      'create subjectaccessreviews.authorization.k8s.io',
      'patch clustercompliancechecks/status.mcp.kilocode.ai',
      'patch mcpsecuritypolicies/status.mcp.kilocode.ai',
      'patch mutatingwebhookconfigurations.admissionregistration.k8s.io',
      'patch validatingwebhookconfigurations.admissionregistration.k8s.io',
    ]);
    expect(roles.map(({ namespace }) => namespace ?? '').toSorted()).toEqual([
      '',
      '',
      'mcp-system',
      'mcp-system',
      'team-a',
      'team-b',
    ]);
  });

  it.each([
    'mcp-operator-secret-reader',
    'mcp-operator-policy-admin',
    ...['requester', 'approver', 'breakglass', 'auditor'].map((role) => `mcp-operator-${role}`),
  ])('do not hold the role %s: the chart binds it to nobody', async (role) => {
    const manifests = await render();
    find(manifests, 'ClusterRole', role);
    expect(rolesOfOperator(manifests).map(({ name }) => name)).not.toContain(role);
  });
});

describe('the rights of the executor', () => {
  it.each<[string, object]>([
    ['everywhere', EXTERNAL],
    ['in some namespaces', { ...EXTERNAL, watchNamespaces: ['team-a', 'team-b'] }],
  ])('are exactly those that its code declares: %s', async (_reason, values) => {
    const roles = rolesOf(await render(values), EXECUTOR);
    const granted = roles.flatMap(({ rules }) => rules.flatMap(rightsOf));
    expect([...new Set(granted)].toSorted()).toEqual(
      [...new Set(EXECUTOR_PROCESS_PERMISSIONS.flatMap(rightsOf))].toSorted(),
    );
  });

  it('are one write on a kind of users, and no other', async () => {
    const roles = rolesOf(await render(EXTERNAL), EXECUTOR);
    const writes = roles
      .flatMap(({ rules }) => rules.flatMap(rightsOf))
      .filter((right) => !/^(get|list|watch) /.test(right));
    expect(writes.toSorted()).toEqual([
      'create leases.coordination.k8s.io',
      // A question.
      'create subjectaccessreviews.authorization.k8s.io',
      'patch mcpservers.mcp.kilocode.ai',
      'update leases.coordination.k8s.io',
    ]);
  });

  it("reach one Lease and one ConfigMap of its own namespace: never the operator's Lease", async () => {
    const roles = rolesOf(await render({ ...EXTERNAL, watchNamespaces: ['team-a'] }), EXECUTOR);
    const own = roles.filter(({ namespace }) => namespace === 'mcp-system').flatMap(({ rules }) => rules);
    expect(own.map(({ resources, resourceNames, verbs }) => [resources, resourceNames, verbs])).toEqual([
      [['leases'], ['mcp-executor'], ['get', 'update']],
      [['leases'], undefined, ['create']],
      [['configmaps'], ['mcp-operator-ledger'], ['get']],
    ]);
    const inTeam = roles.filter(({ namespace }) => namespace === 'team-a');
    expect(inTeam.flatMap(({ rules }) => rules.flatMap(rightsOf))).toContain(
      'patch mcpservers.mcp.kilocode.ai',
    );
    const everywhere = roles.filter(({ namespace }) => namespace === undefined);
    expect(everywhere.flatMap(({ rules }) => rules.flatMap(rightsOf)).toSorted()).toEqual([
      'create subjectaccessreviews.authorization.k8s.io',
      'get namespaces',
    ]);
  });

  it('are nowhere without a store', async () => {
    const manifests = await render();
    expect(JSON.stringify(manifests.filter(({ kind }) => /Role/.test(kind)))).not.toContain(EXECUTOR);
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly rules: readonly Rule[];
}

/** `verb resource.group`, one for each combination. */
function rightsOf({ apiGroups, resources, verbs }: Rule): string[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`),
    ),
  );
}

/** Every role that a rendered binding gives to the operator. */
function rolesOfOperator(manifests: readonly Manifest[]): Role[] {
  return rolesOf(manifests, 'mcp-operator', 'guard');
}

/** Every role that a rendered binding gives to a ServiceAccount of one of these names. */
function rolesOf(manifests: readonly Manifest[], ...accounts: readonly string[]): Role[] {
  const bindings = manifests.filter(({ kind }) => kind === 'ClusterRoleBinding' || kind === 'RoleBinding');
  const theirs = bindings.filter((binding) =>
    (binding['subjects'] as { name: string }[]).some(({ name }) => accounts.includes(name)),
  );
  return theirs.map(({ metadata: { namespace }, ...binding }) => {
    const { kind, name } = binding['roleRef'] as { kind: string; name: string };
    const role = manifests.find(
      (object) =>
        object.kind === kind &&
        object.metadata.name === name &&
        object.metadata.namespace === (kind === 'Role' ? namespace : undefined),
    );
    return { name, namespace, rules: (role?.['rules'] ?? []) as Rule[] };
  });
}

/** Whom bindings may name at all. */
const KNOWN = ['mcp-operator', 'guard', EXECUTOR];

describe('bindings', () => {
  it.each([{}, EXTERNAL, EMBEDDED])('name nobody but the operator and the executor: %j', async (values) => {
    const bindings = (await render(values)).filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind));
    const names = bindings.flatMap((binding) =>
      (binding['subjects'] as { kind: string; name: string }[]).map(({ kind, name }) => `${kind} ${name}`),
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !KNOWN.some((known) => name === `ServiceAccount ${known}`))).toEqual([]);
  });
});

describe('the roles for people', () => {
  it('let nobody change or delete what was decided or is open, write a status, or impersonate', async () => {
    const roles = await render({}, '--show-only=templates/rbac-users.yaml');
    const rights = roles.flatMap((role) => (role['rules'] as readonly Rule[]).flatMap(rightsOf));
    const verbsOn = (resource: string): readonly string[] =>
      [...new Set(rights.filter((right) => right.endsWith(` ${resource}.mcp.kilocode.ai`)))]
        .map((right) => right.slice(0, right.indexOf(' ')))
        .toSorted();
    for (const resource of ['approvalrequests', 'approvaldecisions'])
      expect(verbsOn(resource), resource).toEqual(['create', 'get', 'list', 'watch']);
    for (const resource of ['approvalrequests/status', 'mcpservers/status'])
      expect(verbsOn(resource), resource).toEqual(['get', 'list', 'watch']);
    expect(verbsOn('approvalpolicies').filter((verb) => DECISION_VERBS.includes(verb))).toEqual([
      'approve',
      'deny',
      'override',
    ]);
    expect(rights.filter((right) => /^impersonate |\*/.test(right))).toEqual([]);
  });
});
