/**
 * The rights that the chart gives to the operator: those that the code declares, and no other.
 */
import { describe, expect, it } from 'vitest';
import { LOCK_PERMISSIONS } from '../../controllers/locks/index.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import { RUNTIME_PERMISSIONS } from '../../operator/runtime/index.ts';
import { find, render, type Manifest } from '../harness/helm.ts';

describe('the rights of the operator', () => {
  const declared = [...MCPSERVER_PERMISSIONS, ...LOCK_PERMISSIONS, ...RUNTIME_PERMISSIONS].flatMap(rightsOf);

  it.each<[string, object]>([
    ['everywhere', {}],
    ['in some namespaces', { watchNamespaces: ['team-a', 'team-b'] }],
  ])('are exactly those that the code declares: %s', async (_reason, values) => {
    const granted = rolesOfOperator(await render(values)).flatMap(({ rules }) => rules.flatMap(rightsOf));
    expect([...new Set(granted)].toSorted()).toEqual([...new Set(declared)].toSorted());
  });

  it('are never a wildcard, never over Secrets, never over rights', async () => {
    const values = [{}, { watchNamespaces: ['team-a'] }];
    const rendered = await Promise.all(values.map((value) => render(value)));
    const rights = rendered.flatMap(rolesOfOperator).flatMap(({ rules }) => rules.flatMap(rightsOf));
    expect(rights.length).toBeGreaterThan(0);
    expect(
      rights.filter((right) =>
        /\*|secrets|rbac\.authorization|^(escalate|bind|impersonate) |pods\/(exec|attach)/.test(right),
      ),
    ).toEqual([]);
  });

  it('with namespaces to watch, hold cluster-wide only over the addresses of the cluster and the locks of admission', async () => {
    const roles = rolesOfOperator(await render({ watchNamespaces: ['team-a', 'team-b'] }));
    const clusterWide = roles
      .filter(({ namespace }) => namespace === undefined)
      .flatMap(({ rules }) => rules.flatMap(rightsOf));
    expect([...new Set(clusterWide.map((right) => right.split(' ')[1] ?? ''))].toSorted()).toEqual([
      'endpointslices.discovery.k8s.io',
      'nodes',
      'servicecidrs.networking.k8s.io',
      'validatingadmissionpolicies.admissionregistration.k8s.io',
      'validatingadmissionpolicybindings.admissionregistration.k8s.io',
      'validatingwebhookconfigurations.admissionregistration.k8s.io',
    ]);
    expect(roles.map(({ namespace }) => namespace ?? '').toSorted()).toEqual([
      '',
      'mcp-system',
      'team-a',
      'team-b',
    ]);
  });

  it('do not hold the role that reads Secrets: the chart binds it to nobody', async () => {
    const manifests = await render();
    find(manifests, 'ClusterRole', 'mcp-operator-secret-reader');
    expect(rolesOfOperator(manifests).map(({ name }) => name)).not.toContain('mcp-operator-secret-reader');
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
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

/** Every role that a rendered binding gives to anybody: the operator is the only subject that the chart knows. */
function rolesOfOperator(manifests: readonly Manifest[]): Role[] {
  const bindings = manifests.filter(({ kind }) => kind === 'ClusterRoleBinding' || kind === 'RoleBinding');
  return bindings.map(({ metadata: { namespace }, ...binding }) => {
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
