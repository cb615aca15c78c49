/**
 * The webhooks, once: what they are called, where they are served, and which requests the API server asks them about. The server's paths
 * and the chart's configurations both come from here.
 */
import {
  ANNOTATIONS,
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
  readonly operations: readonly ('CREATE' | 'UPDATE')[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly matchConditions: readonly MatchCondition[];
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

/** A webhook about the stamps of a kind, and the kind. */
export interface StampWebhook extends Webhook {
  readonly kind: string;
}

/** Stamp who creates and changes an object. */
export const STAMPING: readonly StampWebhook[] = STAMPED_RESOURCES.map((resource) => ({
  ...aboutStamps(resource),
  name: `stamp.${resource.kind.toLowerCase()}.${GROUP}`,
  type: 'Mutating',
  path: `/mutate-${resource.kind.toLowerCase()}`,
}));

/** Refuse an object that is not stamped, or by somebody else; a server is judged together with that. */
export const STAMPED: readonly StampWebhook[] = STAMPED_RESOURCES.filter(
  ({ kind }) => kind !== mcpServerResource.kind,
).map((resource) => ({
  ...aboutStamps(resource),
  name: `stamps.${resource.kind.toLowerCase()}.${GROUP}`,
  type: 'Validating',
  path: `/validate-stamps-${resource.kind.toLowerCase()}`,
}));

/** Judges a server by every MCPSecurityPolicy. */
export const SERVER_POLICY: StampWebhook = {
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

/** All of them, in the order in which a request meets them. */
export const WEBHOOKS: readonly Webhook[] = [
  ...STAMPING,
  ...STAMPED,
  SERVER_POLICY,
  SCALE_POLICY,
  POLICY_RULES,
];

/** What every webhook of ours has in a configuration, but for where it is served. */
export function webhookSettings(webhook: Webhook): object {
  const { name, resource, operations, scope, matchConditions } = webhook;
  return {
    name,
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
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
