import { describe, expect, it } from 'vitest';
import { type MCPSecurityPolicyManifest, securityPolicySchema } from '../../api/index.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { SEVERITIES, type Violation } from '../finding.ts';
import { aPolicy, aSubject } from '../testing/subjects.ts';
import { addedViolations, evaluatePolicies, evaluatePolicy, policyProblems } from './evaluate.ts';
import { POLICY_RULES } from './rules/index.ts';

type Spec = MCPSecurityPolicyManifest['spec'];

const STRICT: Spec = {
  images: { allowed: ['ghcr.io/org/*'], requireDigest: true },
  maxReplicas: 1,
  labels: { required: ['owner'] },
};
const BROKEN: Spec = {
  images: { allowed: ['ghcr.io/org/*', 'ghcr.io/org/server:1'] },
  network: { denyCIDRs: ['10.0.0.1/8'] },
};
const subject = aSubject({ replicas: 2 });
const rulesOf = (violations: readonly Violation[]) =>
  violations.map(({ policy, rule }) => `${policy}: ${rule}`);

/** Fields of the spec that say whom a policy judges and what follows. */
const NO_RULES = ['namespaceSelector', 'serverSelector', 'enforcement'];

function fields({ properties = {} }: JsonSchema, path: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const own = path === '' ? name : `${path}.${name}`;
    return field.properties === undefined ? [own] : fields(field, own);
  });
}

describe('the rules of MCPSecurityPolicy', () => {
  it('are one for each field, in the order of the fields', () => {
    const { spec = {} } = securityPolicySchema.properties ?? {};
    const rules = fields(
      {
        properties: Object.fromEntries(
          Object.entries(spec.properties ?? {}).filter(([name]) => !NO_RULES.includes(name)),
        ),
      },
      '',
    );
    expect(POLICY_RULES.map(({ id }) => id)).toEqual(rules);
  });

  it.each(POLICY_RULES)('$id asks for nothing when it is not set', (rule) => {
    const hostile = aSubject({
      source: { image: { ref: 'redis' } },
      replicas: 99,
      resources: {},
      network: { egress: [{}] },
      volumes: [{ name: 'a', emptyDir: {} }],
    });
    expect(rule.evaluate(hostile, aPolicy({}).spec)).toEqual([]);
    expect(rule.title).toMatch(/^[a-z].*[^.]$/);
    expect(SEVERITIES).toContain(rule.severity);
  });
});

describe('evaluatePolicy', () => {
  it('finds everything at once, in the order of the rules', () => {
    expect(rulesOf(evaluatePolicy(aPolicy(STRICT), subject))).toEqual([
      'strict: images.allowed',
      'strict: images.requireDigest',
      'strict: maxReplicas',
      'strict: labels.required',
    ]);
  });

  it.each(['Enforce', 'Warn', 'Audit'] as const)('finds the same with %s', (enforcement) => {
    expect(evaluatePolicy(aPolicy({ ...STRICT, enforcement }), subject)).toEqual(
      evaluatePolicy(aPolicy(STRICT), subject),
    );
  });

  it('finds nothing in a server that the policy does not select', () => {
    const elsewhere = { namespaceSelector: { matchLabels: { environment: 'test' } } };
    expect(evaluatePolicy(aPolicy({ ...STRICT, ...elsewhere }), subject)).toEqual([]);
    expect(evaluatePolicy(aPolicy({ ...BROKEN, ...elsewhere }), subject)).toEqual([]);
  });

  it('refuses every server that a policy might judge which cannot be evaluated', () => {
    expect(evaluatePolicy(aPolicy(BROKEN, 'broken'), subject)).toEqual([
      {
        policy: 'broken',
        rule: 'policy',
        severity: 'critical',
        path: 'metadata.name',
        value: 'spec.images.allowed[1]',
        message:
          'The MCPSecurityPolicy broken cannot be evaluated, so that it refuses every server that it might judge: spec.images.allowed[1]: "ghcr.io/org/server:1" holds a tag: remove it.',
        fix: 'Ask the owner of the policy to correct its field spec.images.allowed[1].',
      },
    ]);
  });

  it.each<{ reason: string; spec: Spec }>([
    {
      reason: 'a selector that nobody understands',
      spec: { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
    },
    {
      reason: 'a contradiction',
      spec: {
        namespaceSelector: {
          matchLabels: { a: 'b' },
          matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }],
        },
      },
    },
    { reason: 'labels that tenants write', spec: { serverSelector: { matchLabels: { a: 'b' } } } },
  ])('refuses every server because of $reason', ({ spec }) => {
    expect(rulesOf(evaluatePolicy(aPolicy(spec), aSubject()))).toEqual(['strict: policy']);
  });

  it.each(['Warn', 'Audit'] as const)('refuses nothing because of a broken policy with %s', (enforcement) => {
    expect(evaluatePolicy(aPolicy({ ...BROKEN, enforcement }), subject)).toEqual([]);
  });
});

describe('policyProblems', () => {
  it('names every field that is wrong, with what would be right', () => {
    const { spec } = aPolicy({
      images: { allowed: ['ghcr.io/org/*', 'ghcr.io//server'] },
      remotes: { hosts: ['MCP.example.com'] },
      resources: { max: { memroy: '2Gi' } },
      network: { denyCIDRs: ['169.254.169.254'] },
      labels: { required: ['owner', 'my owner'] },
    });
    expect(policyProblems(spec)).toEqual([
      {
        path: 'spec.images.allowed[1]',
        message: '"ghcr.io//server" holds an empty segment: remove the surplus /',
      },
      {
        path: 'spec.remotes.hosts[0]',
        message: '"MCP.example.com" is not how a URL has that host: write mcp.example.com',
      },
      {
        path: 'spec.resources.max.memroy',
        message:
          'no container has a resource memroy: write cpu, memory, ephemeral-storage, hugepages-<size> or a name with a domain, such as example.com/gpu',
      },
      {
        path: 'spec.network.denyCIDRs[0]',
        message: '"169.254.169.254" is an address without prefix length: write 169.254.169.254/32',
      },
      {
        path: 'spec.labels.required[1]',
        message: expect.stringMatching(/^"my owner" is no key of a label: /),
      },
    ]);
  });

  it('are none of a policy with every rule', () => {
    expect(policyProblems(aPolicy(STRICT).spec)).toEqual([]);
    expect(policyProblems(aPolicy({}).spec)).toEqual([]);
  });
});

describe('evaluatePolicies', () => {
  it('judges by each policy alone, in the order of their names', () => {
    const policies = [
      aPolicy({ maxReplicas: 1 }, 'b'),
      aPolicy({ maxReplicas: 5 }, 'c'),
      aPolicy({ images: { allowed: [] } }, 'a'),
      aPolicy({ images: { allowed: ['**'] } }, 'd'),
    ];
    const violations = evaluatePolicies(policies, subject);
    expect(rulesOf(violations)).toEqual(['a: images.allowed', 'b: maxReplicas']);
    expect(evaluatePolicies(policies.toReversed(), subject)).toEqual(violations);
  });

  it('finds nothing without policies', () => {
    expect(evaluatePolicies([], subject)).toEqual([]);
  });
});

describe('addedViolations', () => {
  const policies = [aPolicy({ maxReplicas: 1, images: { requireDigest: true } })];
  const before = evaluatePolicies(policies, subject);

  it.each([
    { reason: 'the same', after: subject, added: [] },
    { reason: 'less', after: aSubject({ replicas: 1 }), added: [] },
    { reason: 'another value', after: aSubject({ replicas: 3 }), added: ['strict: maxReplicas'] },
    {
      reason: 'another place',
      after: aSubject({
        replicas: 2,
        podTemplate: { spec: { containers: [{ name: 'other', image: 'other' }] } },
      }),
      added: ['strict: images.requireDigest'],
    },
  ])('of $reason are $added', ({ after, added }) => {
    expect(rulesOf(addedViolations(before, evaluatePolicies(policies, after)))).toEqual(added);
  });

  it('are all of them for a server that is new', () => {
    expect(addedViolations([], before)).toEqual(before);
  });

  it('do not depend on words', () => {
    const reworded = before.map((violation) => ({ ...violation, message: 'Reworded.', fix: 'Reworded.' }));
    expect(addedViolations(reworded, before)).toEqual([]);
  });

  it('tell policies apart', () => {
    const other = before.map((violation) => ({ ...violation, policy: 'other' }));
    expect(addedViolations(other, before)).toEqual(before);
  });

  it('always hold that of a policy which could not judge the update', () => {
    const violations = evaluatePolicies([aPolicy(BROKEN)], subject);
    expect(addedViolations(violations, violations)).toEqual(violations);
    expect(violations).toHaveLength(1);
  });
});
