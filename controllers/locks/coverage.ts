/**
 * What the locks must be asked about. The chart's policies are generated from the same lists, so that the two cannot differ.
 */
import {
  GROUP,
  LABELS,
  STAMPED_RESOURCES,
  VERSION,
  approvalDecisionResource,
  approvalRequestResource,
  mcpServerResource,
} from '../../api/index.ts';
import { MANAGED_BY } from '../../render/index.ts';
import type { ResourceRule } from './kinds.ts';

/** Requests that somebody must be asked about. */
export interface Coverage {
  readonly group: string;
  readonly version: string;
  /** Plural, with the subresource if it is one. */
  readonly resource: string;
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
}

/** One ValidatingAdmissionPolicy of the second lock, and its binding, which has the same name. */
export interface LockPart {
  /** End of the name. */
  readonly name: 'servers' | 'children' | 'stamps' | 'approvals';
  readonly coverage: readonly Coverage[];
  /** Whether it is evaluated for each MCPSecurityPolicy. */
  readonly asksPolicies: boolean;
  /** Labels of the objects that it is about, where it is not about all. */
  readonly labels: Readonly<Record<string, string>>;
}

const SERVERS = { group: GROUP, version: VERSION, resource: mcpServerResource.plural };
const SCALE = { ...SERVERS, resource: `${mcpServerResource.plural}/scale` };

/** Whatever tells who wrote it. */
const STAMPED: readonly Coverage[] = STAMPED_RESOURCES.map(({ plural }) => ({
  ...SERVERS,
  resource: plural,
  operations: ['CREATE', 'UPDATE'],
}));

const DECISIONS = { ...SERVERS, resource: approvalDecisionResource.plural };
const REQUESTS = { ...SERVERS, resource: approvalRequestResource.plural };

/** What the validating webhooks must be asked about. Policies and requests, for their rules, are among what is stamped. */
export const WEBHOOK_COVERAGE: readonly Coverage[] = [
  ...STAMPED,
  { ...SCALE, operations: ['UPDATE'] },
  { ...DECISIONS, operations: ['CREATE'] },
  { ...DECISIONS, operations: ['DELETE'] },
  { ...REQUESTS, operations: ['DELETE'] },
];

/** The policies of the second lock. */
export const SECOND_LOCK: readonly LockPart[] = [
  {
    name: 'servers',
    coverage: [
      { ...SERVERS, operations: ['CREATE', 'UPDATE'] },
      { ...SCALE, operations: ['UPDATE'] },
    ],
    asksPolicies: true,
    labels: {},
  },
  {
    name: 'children',
    coverage: [
      { group: 'apps', version: 'v1', resource: 'deployments', operations: ['CREATE', 'UPDATE'] },
      // Of a Pod that is there, only ephemeral containers can bring what is refused.
      { group: '', version: 'v1', resource: 'pods', operations: ['CREATE'] },
      { group: '', version: 'v1', resource: 'pods/ephemeralcontainers', operations: ['UPDATE'] },
    ],
    asksPolicies: false,
    labels: { [LABELS.managedBy]: MANAGED_BY },
  },
  { name: 'stamps', coverage: STAMPED, asksPolicies: false, labels: {} },
  {
    name: 'approvals',
    coverage: [
      { ...REQUESTS, operations: ['CREATE', 'UPDATE', 'DELETE'] },
      { ...REQUESTS, resource: `${REQUESTS.resource}/status`, operations: ['UPDATE'] },
      { ...DECISIONS, operations: ['CREATE', 'UPDATE', 'DELETE'] },
    ],
    asksPolicies: false,
    labels: {},
  },
];

/** Whether whoever is asked by `rule` is asked about all of it. */
export function covers(rule: ResourceRule, { group, version, resource, operations }: Coverage): boolean {
  const { apiGroups = [], apiVersions = [], resources = [], scope = '*' } = rule;
  return (
    includes(apiGroups, group) &&
    includes(apiVersions, version) &&
    operations.every((operation) => includes(rule.operations ?? [], operation)) &&
    wildcardsOf(resource).some((name) => resources.includes(name)) &&
    (scope === '*' || scope === scopeOf(resource))
  );
}

function includes(words: readonly string[], word: string): boolean {
  return words.includes('*') || words.includes(word);
}

/** Every way to name a resource in a rule: `*` is all resources, and no subresource. */
function wildcardsOf(resource: string): readonly string[] {
  const [name = '', subresource] = resource.split('/');
  if (subresource === undefined) return [name, '*', '*/*'];
  return [resource, `${name}/*`, `*/${subresource}`, '*/*'];
}

function scopeOf(resource: string): string {
  const [plural] = resource.split('/');
  const known = STAMPED_RESOURCES.find((each) => each.plural === plural);
  return known?.namespaced === false ? 'Cluster' : 'Namespaced';
}
