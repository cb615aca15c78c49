/**
 * MCPSecurityPolicy on a real API server: what its schema lets through and what it refuses with which words, that our own validation judges
 * alike, its defaults, and how kubectl shows it.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  defaultMCPSecurityPolicy,
  securityPolicySchema,
  validateMCPSecurityPolicy,
} from '../../api/index.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { type AdmissionClient, admissionClient } from '../harness/admission.ts';
import { kubectl } from '../harness/kubectl.ts';
import { celMessages, disagreements, limitValues, oddValues } from '../harness/schema-agreement.ts';
import {
  FULL_POLICY_SPEC,
  SECURITY_POLICIES_PATH,
  securityPolicyManifest,
} from '../harness/security-policy.ts';

const kubeconfig = inject('kubeconfigPath');
/** Some hundreds of questions: seconds on an idle machine. */
const TIMEOUT_MS = 300_000;
const SPEC: JsonSchema = securityPolicySchema.properties?.['spec'] ?? {};

let api: AdmissionClient;
beforeAll(async () => {
  api = await admissionClient(kubeconfig);
});
afterAll(() => api.close());

const create = (spec: unknown, metadata?: object) =>
  api.create(SECURITY_POLICIES_PATH, securityPolicyManifest(spec, metadata));

interface Row {
  readonly reason: string;
  readonly spec: unknown;
}

const ACCEPTED: readonly Row[] = [
  { reason: 'the least', spec: {} },
  { reason: 'every field', spec: FULL_POLICY_SPEC },
  ...['Enforce', 'Warn', 'Audit'].map((enforcement) => ({ reason: enforcement, spec: { enforcement } })),
  { reason: 'serverSelector to warn', spec: { enforcement: 'Warn', serverSelector: {} } },
  { reason: 'serverSelector to report', spec: { enforcement: 'Audit', serverSelector: {} } },
  {
    reason: 'empty lists, which allow nothing',
    spec: {
      images: { allowed: [] },
      remotes: { hosts: [] },
      transports: [],
      runtimeClasses: [],
      serviceAccounts: [],
      volumes: [],
      network: { denyCIDRs: [] },
      labels: { required: [] },
    },
  },
  ...['restricted', 'baseline', 'privileged'].map((podSecurity) => ({
    reason: podSecurity,
    spec: { podSecurity },
  })),
  ...[0, 2, '2', '500m', '1.5', '2Gi', '10E'].map((amount) => ({
    reason: `at most ${amount}`,
    spec: { resources: { max: { memory: amount } } },
  })),
  { reason: 'no replicas', spec: { maxReplicas: 0 } },
  // What no schema can say: the operator judges these, at admission and in the condition Accepted.
  { reason: 'a pattern that is none', spec: { images: { allowed: ['ghcr.io//server:1'] } } },
];

/** The cause that refuses it: the field, then what is wrong. */
const REFUSED: readonly (Row & { readonly cause: RegExp })[] = [
  { reason: 'no spec', spec: undefined, cause: /^spec: Required value$/ },
  {
    reason: 'an enforcement of another word',
    spec: { enforcement: 'enforce' },
    cause: /^spec\.enforcement: Unsupported value: "enforce": supported values: "Enforce", "Warn", "Audit"$/,
  },
  ...[{}, { enforcement: 'Enforce' }].map((enforcement) => ({
    reason: `serverSelector with ${JSON.stringify(enforcement)}`,
    spec: { ...enforcement, serverSelector: { matchLabels: { tier: 'internal' } } },
    cause:
      /^spec\.serverSelector: Invalid value: serverSelector cannot be used with enforcement Enforce, because whoever writes an MCPServer writes its labels: use namespaceSelector, or enforcement Warn or Audit$/,
  })),
  {
    reason: 'an expression without operator',
    spec: { namespaceSelector: { matchExpressions: [{ key: 'a' }] } },
    cause: /^spec\.namespaceSelector\.matchExpressions\[0\]\.operator: Required value$/,
  },
  {
    reason: 'an empty pattern',
    spec: { images: { allowed: [''] } },
    cause: /^spec\.images\.allowed\[0\]: .*at least 1 char/,
  },
  {
    reason: 'a long pattern',
    spec: { images: { allowed: ['a'.repeat(513)] } },
    cause: /^spec\.images\.allowed\[0\]: Too long/,
  },
  {
    reason: 'a pattern twice',
    spec: { images: { allowed: ['a', 'a'] } },
    cause: /^spec\.images\.allowed\[1\]: Duplicate value: "a"$/,
  },
  {
    reason: 'too many patterns',
    spec: { images: { allowed: Array.from({ length: 257 }, (_, index) => `a${index}`) } },
    cause: /^spec\.images\.allowed: Too many: 257: must have at most 256 items$/,
  },
  {
    reason: 'a word for a switch',
    spec: { images: { requireDigest: 'yes' } },
    cause: /^spec\.images\.requireDigest: .*must be of type boolean/,
  },
  {
    reason: 'another transport',
    spec: { transports: ['Stdio'] },
    cause: /^spec\.transports\[0\]: Unsupported value: "Stdio"/,
  },
  {
    reason: 'another standard',
    spec: { podSecurity: 'strict' },
    cause: /^spec\.podSecurity: Unsupported value: "strict"/,
  },
  {
    reason: 'a kind of volume that servers cannot have',
    spec: { volumes: ['hostPath'] },
    cause: /^spec\.volumes\[0\]: Unsupported value: "hostPath"/,
  },
  {
    reason: 'an amount that is none',
    spec: { resources: { max: { cpu: 'two' } } },
    cause: /^spec\.resources\.max\.cpu: .*should match/,
  },
  {
    reason: 'an amount below 0',
    spec: { resources: { max: { cpu: '-1' } } },
    cause: /^spec\.resources\.max\.cpu: .*should match/,
  },
  {
    reason: 'fewer than no replicas',
    spec: { maxReplicas: -1 },
    cause: /^spec\.maxReplicas: .*greater than or equal to 0/,
  },
  {
    reason: 'more replicas than there can be',
    spec: { maxReplicas: 2_147_483_648 },
    cause: /^spec\.maxReplicas: .*less than or equal to 2147483647/,
  },
  {
    reason: 'a long range',
    spec: { network: { denyCIDRs: ['1'.repeat(65)] } },
    cause: /^spec\.network\.denyCIDRs\[0\]: Too long/,
  },
  {
    reason: 'a long label',
    spec: { labels: { required: ['a'.repeat(318)] } },
    cause: /^spec\.labels\.required\[0\]: Too long/,
  },
];

describe('the schema of MCPSecurityPolicy', () => {
  it.each(ACCEPTED)('accepts $reason', async ({ spec }) => {
    expect(await create(spec)).toEqual({ accepted: true, object: expect.anything() });
  });

  it.each(REFUSED)('refuses $reason', async ({ spec, cause }) => {
    const verdict = await create(spec);
    if (verdict.accepted) throw new Error('was accepted');
    expect(verdict.causes).toEqual(expect.arrayContaining([expect.stringMatching(cause)]));
    // Our own validation leaves CEL to others.
    const isRefusedByCEL = celMessages(securityPolicySchema).some((message) =>
      cause.source.includes(message),
    );
    expect(validateMCPSecurityPolicy(securityPolicyManifest(spec)).valid).toBe(isRefusedByCEL);
  });

  it('has no CEL rule that nothing above is refused by', () => {
    const sources = REFUSED.map(({ cause }) => cause.source);
    const unseen = celMessages(securityPolicySchema).filter(
      (message) => !sources.some((source) => source.includes(message)),
    );
    expect(celMessages(securityPolicySchema)).toHaveLength(1);
    expect(unseen).toEqual([]);
  });

  it('has no field for what it does not know', async () => {
    const verdict = await create({ routes: {} });
    if (verdict.accepted) throw new Error('was accepted');
    expect(verdict.message).toContain('unknown field "spec.routes"');
  });
});

describe('defaults', () => {
  it.each<Row>([
    { reason: 'the least', spec: {} },
    { reason: 'null for absent', spec: { namespaceSelector: null, enforcement: null, maxReplicas: null } },
    { reason: 'rules of a group', spec: { images: {}, network: { denyCIDRs: [] } } },
    { reason: 'everything', spec: FULL_POLICY_SPEC },
  ])('are the same here and there: $reason', async ({ spec }) => {
    const verdict = await create(spec);
    const validation = validateMCPSecurityPolicy(securityPolicyManifest(spec));
    if (!verdict.accepted || !validation.valid) throw new Error('was refused');
    expect(verdict.object['spec']).toEqual(validation.policy.spec);
  });

  it('enforce, in all namespaces', () => {
    const { spec } = defaultMCPSecurityPolicy({ metadata: { name: 'sample' }, spec: {} });
    expect(spec).toEqual({ namespaceSelector: {}, enforcement: 'Enforce' });
  });
});

describe('validateMCPSecurityPolicy judges as the API server does', () => {
  const JUDGES = {
    path: SECURITY_POLICIES_PATH,
    schema: securityPolicySchema,
    isValid: (manifest: unknown) => validateMCPSecurityPolicy(manifest).valid,
  };

  it(
    'every odd value in every field',
    async () => {
      const rows = oddValues(FULL_POLICY_SPEC, securityPolicyManifest);
      expect(rows.length).toBeGreaterThan(100);
      expect(await disagreements({ api, ...JUDGES }, rows)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('every limit', async () => {
    const rows = limitValues(SPEC, securityPolicyManifest);
    expect(rows.length).toBeGreaterThan(50);
    expect(await disagreements({ api, ...JUDGES }, rows)).toEqual([]);
  });
});

describe('kubectl', () => {
  // It judges nobody, and so stands in the way of no other test of this cluster.
  const name = `kubectl-${randomBytes(4).toString('hex')}`;
  const spec = { enforcement: 'Audit', namespaceSelector: { matchLabels: { [name]: 'true' } } };
  const STATUS = {
    observedGeneration: 1,
    conditions: [condition('Accepted', 'True', 'Accepted'), condition('Enforced', 'False', 'ReportOnly')],
    matchedServers: 7,
    violatingServers: 2,
    violations: 3,
    lastEvaluated: '2026-01-01T00:00:00Z',
  };

  function condition(type: string, status: string, reason: string): object {
    return {
      type,
      status,
      reason,
      message: 'why',
      observedGeneration: 1,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
  }

  beforeAll(async () => {
    await kubectl(kubeconfig, ['create', '-f', '-'], JSON.stringify(securityPolicyManifest(spec, { name })));
    const patch = JSON.stringify({ status: STATUS });
    await kubectl(kubeconfig, [
      'patch',
      'mcpsp',
      name,
      '--subresource=status',
      '--type=merge',
      '--patch',
      patch,
    ]);
  });
  afterAll(() => kubectl(kubeconfig, ['delete', 'mcpsp', name]));

  it('keeps every field of a status', async () => {
    const object: unknown = JSON.parse(await kubectl(kubeconfig, ['get', 'mcpsp', name, '--output=json']));
    expect(object).toMatchObject({ spec, status: STATUS });
  });

  it('get prints the columns', async () => {
    const [header, row] = (await kubectl(kubeconfig, ['get', 'mcpsecuritypolicies', name]))
      .trim()
      .split('\n');
    expect(header?.split(/\s+/)).toEqual([
      'NAME',
      'ENFORCEMENT',
      'ACCEPTED',
      'ENFORCED',
      'SERVERS',
      'VIOLATIONS',
      'AGE',
    ]);
    expect(row?.split(/\s+/)).toEqual([name, 'Audit', 'True', 'False', '7', '3', expect.anything()]);
  });

  it('get --output=wide says when it was evaluated', async () => {
    const [header] = (await kubectl(kubeconfig, ['get', 'mcpsp', name, '--output=wide'])).split('\n');
    expect(header?.trim().split(/\s+/).at(-1)).toBe('EVALUATED');
  });

  it('get lists it in the category, and in no namespace', async () => {
    expect(await kubectl(kubeconfig, ['get', 'kilomcp', '--output=name'])).toContain(
      `mcpsecuritypolicy.mcp.kilocode.ai/${name}\n`,
    );
  });

  it('wait works', async () => {
    await kubectl(kubeconfig, ['wait', '--for=condition=Accepted', '--timeout=5s', `mcpsp/${name}`]);
  });

  it('explain names every field of the spec', async () => {
    const text = await kubectl(kubeconfig, ['explain', 'mcpsecuritypolicy.spec', '--recursive']);
    for (const field of fieldNames(SPEC)) expect(text).toMatch(new RegExp(`^ +${field}\\t<`, 'm'));
  });

  it.each(['enforcement', 'images.allowed', 'network.denyCIDRs', 'resources.max'])(
    'explain says what %s is for',
    async (field) => {
      const words = await kubectl(kubeconfig, ['explain', `mcpsecuritypolicy.spec.${field}`]);
      const described = field
        .split('.')
        .reduce<JsonSchema | undefined>((schema, step) => schema?.properties?.[step], SPEC);
      expect(words.replaceAll(/\s+/g, ' ')).toContain(described?.description ?? 'a description');
    },
  );
});

function fieldNames(schema: JsonSchema): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [name, ...fieldNames(child)]);
}
