import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../operator/runtime/index.ts';
import { SECOND_LOCK, WEBHOOK_COVERAGE, type Coverage, type LockPart } from './coverage.ts';
import { bindingProblem, policyProblem, webhookProblem } from './inspect.ts';
import type {
  ResourceRule,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
} from './kinds.ts';

const NARROW = { matchLabels: { team: 'a' } };
const byName = (...values: string[]) => ({
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In' as const, values }],
});
const metadata = { name: 'mcp-operator' };

/** The rule that a chart would have for it; the API server adds the scope. */
function ruleOf({ group, version, resource, operations }: Coverage): ResourceRule {
  return { apiGroups: [group], apiVersions: [version], operations, resources: [resource], scope: '*' };
}

describe('webhookProblem', () => {
  const service = { namespace: 'mcp-system', name: 'mcp-operator-webhook' };
  const whole: ValidatingWebhook = {
    name: 'policy.example.com',
    failurePolicy: 'Fail',
    rules: WEBHOOK_COVERAGE.map(ruleOf),
    namespaceSelector: {},
    objectSelector: {},
    clientConfig: { caBundle: 'Y2E=', service },
  };
  const problemWith = (namespaces: readonly string[], ...webhooks: ValidatingWebhook[]) =>
    webhookProblem(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata,
        webhooks,
      },
      { namespaces, service },
    );

  it.each<[string, readonly ValidatingWebhook[]]>([
    ['one webhook for everything', [whole]],
    ['a webhook a resource', WEBHOOK_COVERAGE.map((coverage) => ({ ...whole, rules: [ruleOf(coverage)] }))],
    [
      'wildcards',
      [
        {
          ...whole,
          rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }],
        },
      ],
    ],
    ['a lame webhook beside', [{ ...whole, name: 'old.example.com', failurePolicy: 'Ignore' }, whole]],
  ])('is satisfied with %s', (_reason, webhooks) => {
    expect(problemWith([], ...webhooks)).toBeUndefined();
  });

  it.each<[string, Partial<ValidatingWebhook>, string]>([
    ['lets pass what it cannot ask', { failurePolicy: 'Ignore' }, 'has failurePolicy Ignore, not Fail'],
    ['has no certificate to trust', { clientConfig: { service } }, 'has no caBundle'],
    [
      'leads to somebody else',
      { clientConfig: { caBundle: 'Y2E=', service: { ...service, name: 'other' } } },
      'does not lead to the Service mcp-system/mcp-operator-webhook',
    ],
    ['leads to a URL', { clientConfig: { caBundle: 'Y2E=' } }, 'does not lead to the Service'],
    ['leaves out objects', { objectSelector: NARROW }, 'has an objectSelector'],
    ['leaves out namespaces', { namespaceSelector: NARROW }, 'has a namespaceSelector'],
    ['names namespaces', { namespaceSelector: byName('team-a') }, 'has a namespaceSelector'],
    [
      'has no rules',
      { rules: [] },
      'no webhook is asked about CREATE and UPDATE of mcpservers.mcp.kilocode.ai',
    ],
    [
      'is not asked about updates',
      { rules: WEBHOOK_COVERAGE.map((coverage) => ruleOf({ ...coverage, operations: ['CREATE'] })) },
      'no webhook is asked about CREATE and UPDATE of mcpservers',
    ],
    [
      'is not asked about the scale',
      { rules: WEBHOOK_COVERAGE.filter(({ resource }) => !resource.includes('/')).map(ruleOf) },
      'no webhook is asked about UPDATE of mcpservers/scale',
    ],
    [
      'has resources of another scope',
      { rules: WEBHOOK_COVERAGE.map((coverage) => ({ ...ruleOf(coverage), scope: 'Namespaced' })) },
      'no webhook is asked about CREATE and UPDATE of mcpsecuritypolicies',
    ],
  ])('says that a webhook %s', (_reason, change, problem) => {
    expect(problemWith([], { ...whole, ...change })).toContain(problem);
  });

  it.each<[string, readonly string[], LabelSelector, boolean]>([
    ['exactly these', ['a', 'b'], byName('a', 'b'), true],
    ['more', ['a'], byName('a', 'b'), true],
    ['fewer', ['a', 'b'], byName('a'), false],
    ['some by another label', ['a'], NARROW, false],
    ['all', ['a'], {}, true],
  ])(
    'lets a namespaceSelector select the namespaces that are served: %s',
    (_reason, namespaces, namespaceSelector, isWhole) => {
      expect(problemWith(namespaces, { ...whole, namespaceSelector }) === undefined).toBe(isWhole);
    },
  );

  it('says that there is none', () => {
    expect(webhookProblem(undefined, { namespaces: [], service })).toBe('it does not exist');
    expect(problemWith([])).toContain('no webhook is asked about');
  });
});

describe.each(SECOND_LOCK)('the second lock over $name', (part: LockPart) => {
  const selector =
    Object.keys(part.labels).length > 0 ? { objectSelector: { matchLabels: part.labels } } : {};
  const matchConstraints = { ...selector, resourceRules: part.coverage.map(ruleOf) };
  const policySpec: NonNullable<ValidatingAdmissionPolicy['spec']> = {
    failurePolicy: 'Fail',
    paramKind: { apiVersion: 'mcp.kilocode.ai/v1alpha1', kind: 'MCPSecurityPolicy' },
    matchConstraints,
    validations: [{}],
  };
  const bindingSpec: NonNullable<ValidatingAdmissionPolicyBinding['spec']> = {
    policyName: 'mcp-operator',
    validationActions: ['Deny'],
    paramRef: { selector: {}, parameterNotFoundAction: 'Allow' },
  };
  const object = (kind: string) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata });
  const ofPolicy = (change: Partial<typeof policySpec>) =>
    policyProblem({ ...object('ValidatingAdmissionPolicy'), spec: { ...policySpec, ...change } }, part);
  const ofBinding = (change: Partial<typeof bindingSpec>) =>
    bindingProblem(
      { ...object('ValidatingAdmissionPolicyBinding'), spec: { ...bindingSpec, ...change } },
      'mcp-operator',
      part,
    );

  it('is whole as the chart makes it', () => {
    expect(ofPolicy({})).toBeUndefined();
    expect(ofBinding({})).toBeUndefined();
    expect(ofBinding({ matchResources: matchConstraints })).toBeUndefined();
  });

  it.each<[string, Partial<typeof policySpec>, string]>([
    ['lets pass what it cannot judge', { failurePolicy: 'Ignore' }, 'its failurePolicy is Ignore, not Fail'],
    ['asks nothing', { validations: [] }, 'it has no validations'],
    [
      'matches nothing',
      { matchConstraints: { ...matchConstraints, resourceRules: [] } },
      'it does not match',
    ],
    [
      'matches creations alone',
      {
        matchConstraints: {
          ...matchConstraints,
          resourceRules: part.coverage.map((coverage) => ({ ...ruleOf(coverage), operations: ['CREATE'] })),
        },
      },
      'it does not match',
    ],
    [
      'leaves out namespaces',
      { matchConstraints: { ...matchConstraints, namespaceSelector: NARROW } },
      'it has a namespaceSelector',
    ],
    [
      'leaves out objects',
      { matchConstraints: { ...matchConstraints, objectSelector: NARROW } },
      'its objectSelector is another one',
    ],
    [
      'has exceptions',
      { matchConstraints: { ...matchConstraints, excludeResourceRules: [{}] } },
      'it has excludeResourceRules',
    ],
  ])('notices a policy that %s', (_reason, change, problem) => {
    expect(ofPolicy(change)).toContain(problem);
  });

  it.each<[string, Partial<typeof bindingSpec>, string]>([
    ['warns', { validationActions: ['Warn', 'Audit'] }, 'its validationActions do not contain Deny'],
    ['is of another policy', { policyName: 'other' }, 'it binds the policy other, not mcp-operator'],
    [
      'leaves out namespaces',
      { matchResources: { namespaceSelector: NARROW } },
      'it has a namespaceSelector',
    ],
    [
      'leaves out resources',
      { matchResources: { resourceRules: part.coverage.slice(1).map(ruleOf) } },
      'it does not match',
    ],
  ])('notices a binding that %s', (_reason, change, problem) => {
    expect(ofBinding(change)).toContain(problem);
  });

  it('notices what is gone', () => {
    expect(policyProblem(undefined, part)).toBe('it does not exist');
    expect(bindingProblem(undefined, 'mcp-operator', part)).toBe('it does not exist');
  });

  it.each<[string, NonNullable<(typeof bindingSpec)['paramRef']>]>([
    ['one policy', { name: 'default' }],
    ['some policies', { selector: NARROW }],
    ['none', {}],
  ])('notices parameters that are %s, where it asks policies', (_reason, paramRef) => {
    const problem = ofBinding({ paramRef });
    expect(problem !== undefined).toBe(part.asksPolicies);
  });

  it('notices parameters of another kind, where it asks policies', () => {
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    expect(ofPolicy({ paramKind }) !== undefined).toBe(part.asksPolicies);
  });
});
