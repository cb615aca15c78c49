/**
 * Whether a lock is whole, from its objects: each function returns what is wrong, in words for an administrator, or undefined. Pure.
 *
 * What an expression says is not judged: whoever may edit policies could write anything. This finds what was deleted, unbound, narrowed or
 * made to let pass what it cannot judge.
 */
import { GROUP, VERSION, securityPolicyResource } from '../../api/index.ts';
import type { LabelSelector } from '../../operator/runtime/index.ts';
import { WEBHOOK_COVERAGE, covers, type Coverage, type LockPart } from './coverage.ts';
import type {
  MatchResources,
  ResourceRule,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from './kinds.ts';

/** What a webhook configuration is compared with. */
export interface WebhookExpectation {
  /** Namespaces that the operator serves; empty for all. */
  readonly namespaces: readonly string[];
  /** The Service before the operator's webhook server. */
  readonly service: { readonly namespace: string; readonly name: string };
}

const GONE = 'it does not exist';

/** @returns why servers or policies can be written unasked. */
export function webhookProblem(
  configuration: ValidatingWebhookConfiguration | undefined,
  expected: WebhookExpectation,
): string | undefined {
  if (configuration === undefined) return GONE;
  const { webhooks = [] } = configuration;
  return firstOf(WEBHOOK_COVERAGE, (coverage) => {
    const asked = webhooks.filter(({ rules = [] }) => rules.some((rule) => covers(rule, coverage)));
    if (asked.length === 0) return `no webhook is asked about ${nameOf(coverage)}`;
    const problems = asked.map((webhook) => problemOf(webhook, expected));
    return problems.includes(undefined) ? undefined : problems[0];
  });
}

function problemOf(
  { name, failurePolicy, clientConfig = {}, namespaceSelector, objectSelector }: ValidatingWebhook,
  { namespaces, service }: WebhookExpectation,
): string | undefined {
  if (failurePolicy !== 'Fail') return `webhook ${name} has failurePolicy ${failurePolicy}, not Fail`;
  if (!isEmpty(objectSelector)) return `webhook ${name} has an objectSelector`;
  if (!isEmpty(namespaceSelector) && !selectsAll(namespaceSelector, namespaces))
    return `webhook ${name} has a namespaceSelector that leaves out namespaces which the operator serves`;
  if (clientConfig.service?.namespace !== service.namespace || clientConfig.service.name !== service.name)
    return `webhook ${name} does not lead to the Service ${service.namespace}/${service.name}`;
  if ((clientConfig.caBundle ?? '') === '') return `webhook ${name} has no caBundle`;
  return undefined;
}

/** @returns why requests pass that the policy of this part should have judged. */
export function policyProblem(
  policy: ValidatingAdmissionPolicy | undefined,
  part: LockPart,
): string | undefined {
  if (policy === undefined) return GONE;
  const { failurePolicy, paramKind, matchConstraints = {}, validations = [] } = policy.spec ?? {};
  if (failurePolicy !== 'Fail') return `its failurePolicy is ${failurePolicy}, not Fail`;
  if (validations.length === 0) return 'it has no validations';
  if (part.asksPolicies && !isSecurityPolicy(paramKind)) return 'its paramKind is not MCPSecurityPolicy';
  return narrowing(matchConstraints, part.labels) ?? uncovered(matchConstraints.resourceRules ?? [], part);
}

function isSecurityPolicy(paramKind: { apiVersion?: string; kind?: string } = {}): boolean {
  return paramKind.apiVersion === `${GROUP}/${VERSION}` && paramKind.kind === securityPolicyResource.kind;
}

/** @returns why the policy of this part is not applied to everything that it is about. */
export function bindingProblem(
  binding: ValidatingAdmissionPolicyBinding | undefined,
  policyName: string,
  part: LockPart,
): string | undefined {
  if (binding === undefined) return GONE;
  const { matchResources = {}, ...spec } = binding.spec ?? {};
  const { resourceRules = [] } = matchResources;
  return (
    effectProblem(spec, policyName) ??
    (part.asksPolicies ? paramProblem(spec) : undefined) ??
    narrowing(matchResources, part.labels) ??
    (resourceRules.length > 0 ? uncovered(resourceRules, part) : undefined)
  );
}

type BindingSpec = NonNullable<ValidatingAdmissionPolicyBinding['spec']>;

function effectProblem(
  { policyName, validationActions = [] }: BindingSpec,
  expected: string,
): string | undefined {
  if (policyName !== expected) return `it binds the policy ${policyName}, not ${expected}`;
  return validationActions.includes('Deny') ? undefined : 'its validationActions do not contain Deny';
}

function paramProblem({ paramRef }: BindingSpec): string | undefined {
  const selectsAllPolicies = paramRef?.selector !== undefined && isEmpty(paramRef.selector);
  return selectsAllPolicies ? undefined : 'its paramRef does not select every MCPSecurityPolicy';
}

/** @returns what keeps some of the objects from being matched. */
function narrowing(
  { namespaceSelector, objectSelector, excludeResourceRules = [] }: MatchResources,
  labels: LockPart['labels'],
): string | undefined {
  if (!isEmpty(namespaceSelector)) return 'it has a namespaceSelector';
  if (!isEmpty(objectSelector) && !selectsOnly(objectSelector, labels))
    return 'its objectSelector is another one';
  if (excludeResourceRules.length > 0) return 'it has excludeResourceRules';
  return undefined;
}

function uncovered(rules: readonly ResourceRule[], { coverage }: LockPart): string | undefined {
  return firstOf(coverage, (wanted) =>
    rules.some((rule) => covers(rule, wanted)) ? undefined : `it does not match ${nameOf(wanted)}`,
  );
}

/** An absent selector selects everything, and so does an empty one. */
function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Whether the selector asks for these labels and nothing else. */
function selectsOnly(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector = {},
  labels: Readonly<Record<string, string>>,
): boolean {
  const wanted = Object.entries(labels);
  return (
    matchExpressions.length === 0 &&
    Object.keys(matchLabels).length === wanted.length &&
    wanted.every(([key, value]) => matchLabels[key] === value)
  );
}

const NAME_OF_NAMESPACE = 'kubernetes.io/metadata.name';

/** Whether the selector, by names alone, selects at least these namespaces; no list can hold all. */
function selectsAll(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector = {},
  namespaces: readonly string[],
): boolean {
  return (
    namespaces.length > 0 &&
    Object.keys(matchLabels).length === 0 &&
    matchExpressions.every(
      ({ key, operator, values = [] }) =>
        key === NAME_OF_NAMESPACE &&
        operator === 'In' &&
        namespaces.every((namespace) => values.includes(namespace)),
    )
  );
}

function nameOf({ group, resource, operations }: Coverage): string {
  return `${operations.join(' and ')} of ${resource}${group === '' ? '' : `.${group}`}`;
}

function firstOf<Item>(
  items: readonly Item[],
  problemIn: (item: Item) => string | undefined,
): string | undefined {
  return items.map(problemIn).find((problem) => problem !== undefined);
}
