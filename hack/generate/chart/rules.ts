/**
 * The operator's RBAC rules, from what the code itself says it needs (`permissions.ts` of each room that talks to the API
 * server) into three files of the chart: what it may do everywhere, in the namespaces it serves, and in its own.
 */
import { stringify } from 'yaml';
import type { Permission } from '../../../operator/runtime/index.ts';

type Scope = 'cluster' | 'namespaced' | 'own-namespace';

/** Where each resource lives. A resource that is missing here stops the generator, so that nobody grants by accident. */
const SCOPES: Readonly<Record<string, Scope>> = {
  namespaces: 'cluster',
  nodes: 'cluster',
  'mcpsecuritypolicies.mcp.kilocode.ai': 'cluster',
  'complianceprofiles.mcp.kilocode.ai': 'cluster',
  'clustercompliancechecks.mcp.kilocode.ai': 'cluster',
  'approvalpolicies.mcp.kilocode.ai': 'cluster',
  // A question, which changes nothing.
  'subjectaccessreviews.authorization.k8s.io': 'cluster',
  'servicecidrs.networking.k8s.io': 'cluster',
  // Only the one named kubernetes: the API server's own.
  'endpointslices.discovery.k8s.io': 'cluster',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': 'cluster',
  'validatingwebhookconfigurations.admissionregistration.k8s.io': 'cluster',
  // Only those of the installation.
  'validatingadmissionpolicies.admissionregistration.k8s.io': 'cluster',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': 'cluster',
  // Only to know who may decide on approvals: what else they grant is not kept.
  'clusterroles.rbac.authorization.k8s.io': 'cluster',
  'clusterrolebindings.rbac.authorization.k8s.io': 'cluster',
  'roles.rbac.authorization.k8s.io': 'namespaced',
  'rolebindings.rbac.authorization.k8s.io': 'namespaced',
  'leases.coordination.k8s.io': 'own-namespace',
  // Never anywhere else.
  secrets: 'own-namespace',
  configmaps: 'namespaced',
  pods: 'namespaced',
  serviceaccounts: 'namespaced',
  services: 'namespaced',
  'deployments.apps': 'namespaced',
  'events.events.k8s.io': 'namespaced',
  'mcpservers.mcp.kilocode.ai': 'namespaced',
  'compliancechecks.mcp.kilocode.ai': 'namespaced',
  'approvalrequests.mcp.kilocode.ai': 'namespaced',
  'approvaldecisions.mcp.kilocode.ai': 'namespaced',
  'reports.openreports.io': 'namespaced',
  'policyreports.wgpolicyk8s.io': 'namespaced',
  'vulnerabilityreports.aquasecurity.github.io': 'namespaced',
  'networkpolicies.networking.k8s.io': 'namespaced',
  'poddisruptionbudgets.policy': 'namespaced',
};

/** In the order in which a reader wants them. */
const SCOPE_TITLES: readonly { readonly scope: Scope; readonly title: string }[] = [
  { scope: 'cluster', title: 'Everywhere, whichever namespaces it serves' },
  { scope: 'namespaced', title: 'In every namespace it serves' },
  { scope: 'own-namespace', title: 'In its own namespace' },
];

/**
 * @returns one YAML list of rules a scope.
 * @throws Error when a rule holds a wildcard, mixes scopes, names a resource whose scope is not known, or reaches every Secret.
 */
export function ruleFiles(permissions: readonly Permission[]): Readonly<Record<Scope, string>> {
  const of = (scope: Scope): string => inScope(permissions, scope).map(ruleYaml).join('');
  return { cluster: of('cluster'), namespaced: of('namespaced'), 'own-namespace': of('own-namespace') };
}

/** @returns the same rules as Markdown, for the page about rights. */
export function rulesPage(permissions: readonly Permission[]): string {
  const section = ({ scope, title }: (typeof SCOPE_TITLES)[number]): string =>
    [
      `### ${title}`,
      '',
      '| Resources | Verbs | Why |',
      '| --- | --- | --- |',
      ...inScope(permissions, scope).map(row),
      '',
    ].join('\n');
  return SCOPE_TITLES.map(section).join('\n');
}

function inScope(permissions: readonly Permission[], scope: Scope): readonly Permission[] {
  return permissions.filter((permission) => scopeOf(permission) === scope);
}

function scopeOf(permission: Permission): Scope {
  const { apiGroups, resources, verbs, isOwnNamespace } = permission;
  if ([...apiGroups, ...resources, ...verbs].some((word) => word.includes('*')))
    throw new Error(`a rule on ${resources.join(', ')} holds a wildcard: name what is needed`);
  if (resources.includes('secrets') && !isBoundToNames(permission))
    throw new Error('a rule on secrets reaches all of them: say which in resourceNames');
  const scopes = new Set(
    apiGroups.flatMap((group) => resources.map((resource) => resourceScope(group, resource))),
  );
  const [scope, ...others] = scopes;
  if (scope === undefined || others.length > 0)
    throw new Error(`a rule on ${resources.join(', ')} mixes scopes: write one rule for each`);
  return isOwnNamespace ? 'own-namespace' : scope;
}

/** The API server knows no name yet when it is asked about a creation. */
function isBoundToNames({ resourceNames = [], verbs }: Permission): boolean {
  return resourceNames.length > 0 || verbs.every((verb) => verb === 'create');
}

function resourceScope(group: string, resource: string): Scope {
  const name = resource.split('/')[0] ?? resource;
  const qualified = group === '' ? name : `${name}.${group}`;
  const scope = SCOPES[qualified];
  if (scope === undefined)
    throw new Error(`no scope is known for ${qualified}: add it to SCOPES and say why in permissions.ts`);
  return scope;
}

function ruleYaml({ why, isOwnNamespace: _scope, ...rule }: Permission): string {
  return `# ${why}\n${stringify([rule])}`;
}

function row({ apiGroups, resources, resourceNames, verbs, why }: Permission): string {
  const groups = apiGroups.map((group) => (group === '' ? '' : ` (\`${group}\`)`)).join('');
  const names = resourceNames === undefined ? '' : ` named ${code(resourceNames)}`;
  return `| ${code(resources)}${groups}${names} | ${verbs.join(', ')} | ${why} |`;
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
