/**
 * The webhooks, once: what they are called, where they are served, and which requests the API server asks them about. The server's paths
 * and the chart's configurations both come from here.
 */
import {
  ANNOTATIONS,
  approvalDecisionResource,
  approvalPolicyResource,
  approvalRequestResource,
  GROUP,
  mcpServerResource,
  securityPolicyResource,
  STAMPED_RESOURCES,
  VERSION,
  type StampedResource,
} from '../api/index.ts';

/** A CEL expression that must be true for a request to be asked about. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** One webhook. */
export interface Webhook {
  /** Its name in the configuration, and in whatever the API server tells about it. */
  readonly name: string;
  readonly type: 'Mutating' | 'Validating';
  readonly path: string;
  /** Plural, with the subresource if it is one; always of our own group. */
  readonly resource: string;
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly matchConditions: readonly MatchCondition[];
  /** A refused attempt is remembered, but not that of a dry run. */
  readonly remembers?: boolean;
}

/**
 * Nobody needs us to let go of an object: finalizers are taken away, and namespaces emptied, while the operator is down. The
 * operator itself does nothing any more for an object that is being deleted.
 */
const NOT_DELETED: MatchCondition = {
  name: 'not-being-deleted',
  expression: "request.operation == 'CREATE' || !has(oldObject.metadata.deletionTimestamp)",
};

/** @returns CEL that is true when the two objects differ in what `of` reads from one of them. */
function differs(of: (object: string) => string): string {
  return `${of('object')} != ${of('oldObject')}`;
}

const specOf = (object: string): string => `${object}.?spec`;
const labelsOf = (object: string): string => `${object}.metadata.?labels`;
const annotationOf =
  (name: string) =>
  (object: string): string =>
    `${object}.metadata.?annotations[?'${name}']`;

const stampsOf = [annotationOf(ANNOTATIONS.createdBy), annotationOf(ANNOTATIONS.changedBy)];

/** The garbage collector, kubectl annotate and controllers that keep notes on an object are nobody's change of what runs. */
const SOMETHING_CHANGES: MatchCondition = {
  name: 'something-changes',
  expression: ["request.operation == 'CREATE'", ...[specOf, labelsOf, ...stampsOf].map(differs)].join(' || '),
};
/** As above, for kinds whose labels decide nothing. */
const SPEC_OR_STAMPS_CHANGE: MatchCondition = {
  name: 'spec-or-stamps-change',
  expression: ["request.operation == 'CREATE'", ...[specOf, ...stampsOf].map(differs)].join(' || '),
};
const SPEC_CHANGES: MatchCondition = {
  name: 'spec-changes',
  expression: `request.operation == 'CREATE' || ${differs(specOf)}`,
};

/** A webhook about one thing of a kind, and the kind. */
export interface KindWebhook extends Webhook {
  readonly kind: string;
}

/** Stamp who creates and changes an object. */
export const STAMPING: readonly KindWebhook[] = STAMPED_RESOURCES.map((resource) => ({
  ...aboutStamps(resource),
  name: `stamp.${resource.kind.toLowerCase()}.${GROUP}`,
  type: 'Mutating',
  path: `/mutate-${resource.kind.toLowerCase()}`,
}));

/** Refuse an object that is not stamped, or by somebody else; a server is judged together with that. */
export const STAMPED: readonly KindWebhook[] = STAMPED_RESOURCES.filter(
  ({ kind }) => kind !== mcpServerResource.kind,
).map((resource) => ({
  ...aboutStamps(resource),
  name: `stamps.${resource.kind.toLowerCase()}.${GROUP}`,
  type: 'Validating',
  path: `/validate-stamps-${resource.kind.toLowerCase()}`,
}));

/** Judges a server by every MCPSecurityPolicy. */
export const SERVER_POLICY: KindWebhook = {
  ...aboutStamps(mcpServerResource),
  name: `policy.mcpserver.${GROUP}`,
  type: 'Validating',
  path: '/validate-mcpserver',
};

/** Judges a change of a server's replicas through its scale subresource. */
export const SCALE_POLICY: Webhook = {
  name: `scale.mcpserver.${GROUP}`,
  type: 'Validating',
  path: '/validate-mcpserver-scale',
  resource: `${mcpServerResource.plural}/scale`,
  operations: ['UPDATE'],
  scope: 'Namespaced',
  matchConditions: [SPEC_CHANGES],
};

/** Judges a policy: what cannot be evaluated does not come in. */
export const POLICY_RULES: Webhook = {
  name: `rules.mcpsecuritypolicy.${GROUP}`,
  type: 'Validating',
  path: '/validate-mcpsecuritypolicy',
  resource: securityPolicyResource.plural,
  operations: ['CREATE', 'UPDATE'],
  scope: 'Cluster',
  matchConditions: [NOT_DELETED, SPEC_CHANGES],
};

const onDecisions = {
  resource: approvalDecisionResource.plural,
  scope: 'Namespaced',
  matchConditions: [],
} as const;

/** Writes into a decision who makes it, when and by which call. */
export const DECISION_STAMP: Webhook = {
  ...onDecisions,
  name: `stamp.approvaldecision.${GROUP}`,
  type: 'Mutating',
  path: '/mutate-approvaldecision',
  operations: ['CREATE'],
};

/** Judges whether this person may decide so on this request. */
export const DECISION_RULES: Webhook = {
  ...onDecisions,
  name: `rules.approvaldecision.${GROUP}`,
  type: 'Validating',
  path: '/validate-approvaldecision',
  operations: ['CREATE'],
  remembers: true,
};

/** Judges whether this person may ask for this. */
export const REQUEST_RULES: Webhook = {
  name: `rules.approvalrequest.${GROUP}`,
  type: 'Validating',
  path: '/validate-approvalrequest',
  resource: approvalRequestResource.plural,
  operations: ['CREATE'],
  scope: 'Namespaced',
  matchConditions: [],
  remembers: true,
};

/** Judges a policy: what could never be met or understood does not come in. */
export const APPROVAL_POLICY_RULES: Webhook = {
  name: `rules.approvalpolicy.${GROUP}`,
  type: 'Validating',
  path: '/validate-approvalpolicy',
  resource: approvalPolicyResource.plural,
  operations: ['CREATE', 'UPDATE'],
  scope: 'Cluster',
  matchConditions: [NOT_DELETED, SPEC_CHANGES],
};

/** Whoever empties a namespace that is deleted, with and without ServiceAccounts for the controllers. It must never wait for us. */
export const NAMESPACE_CONTROLLERS: readonly string[] = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:kube-controller-manager',
];

/** Keep decisions, and requests that are open. */
export const KEEPING: readonly KindWebhook[] = [approvalDecisionResource, approvalRequestResource].map(
  ({ kind, plural }) => ({
    kind,
    name: `keep.${kind.toLowerCase()}.${GROUP}`,
    type: 'Validating',
    path: `/validate-deletion-${kind.toLowerCase()}`,
    resource: plural,
    operations: ['DELETE'],
    scope: 'Namespaced',
    matchConditions: [
      {
        name: 'not-emptying-a-namespace',
        expression: `!(request.userInfo.username in ${JSON.stringify(NAMESPACE_CONTROLLERS)})`,
      },
    ],
    remembers: true,
  }),
);

/** All of them, in the order in which a request meets them. */
export const WEBHOOKS: readonly Webhook[] = [
  ...STAMPING,
  ...STAMPED,
  SERVER_POLICY,
  SCALE_POLICY,
  POLICY_RULES,
  APPROVAL_POLICY_RULES,
  REQUEST_RULES,
  DECISION_STAMP,
  DECISION_RULES,
  ...KEEPING,
];

/** What every webhook of ours has in a configuration, but for where it is served. */
export function webhookSettings(webhook: Webhook): object {
  const { name, resource, operations, scope, matchConditions } = webhook;
  return {
    name,
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: webhook.remembers === true ? 'NoneOnDryRun' : 'None',
    timeoutSeconds: 5,
    // Asked again when a later webhook has changed the object: a stamp must tell who changed what is stored.
    ...(webhook.type === 'Mutating' && { reinvocationPolicy: 'IfNeeded' }),
    rules: [{ apiGroups: [GROUP], apiVersions: [VERSION], operations, resources: [resource], scope }],
    matchConditions,
  };
}

/** Every write that a stamp depends on; of a server also those that its labels decide. */
function aboutStamps({ kind, plural, namespaced }: StampedResource) {
  const changes = kind === mcpServerResource.kind ? SOMETHING_CHANGES : SPEC_OR_STAMPS_CHANGE;
  return {
    kind,
    resource: plural,
    operations: ['CREATE', 'UPDATE'],
    scope: namespaced ? 'Namespaced' : 'Cluster',
    matchConditions: [NOT_DELETED, changes],
  } as const;
}
