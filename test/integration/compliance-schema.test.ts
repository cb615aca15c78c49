/**
 * The kinds of compliance on a real API server: what their schemas and rules let through and what they refuse with which words, that our own
 * validation judges alike, their defaults, and how kubectl shows them.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  clusterComplianceCheckSchema,
  complianceCheckSchema,
  complianceProfileSchema,
  validateClusterComplianceCheck,
  validateComplianceCheck,
  validateComplianceProfile,
} from '../../api/index.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { type AdmissionClient, admissionClient } from '../harness/admission.ts';
import {
  CLUSTER_CHECKS_PATH,
  FULL_CHECK_SPEC,
  FULL_CLUSTER_CHECK_SPEC,
  FULL_PROFILE_SPEC,
  PROFILES_PATH,
  WAIVER,
  checkManifest,
  checksPath,
  clusterCheckManifest,
  profileManifest,
} from '../harness/compliance.ts';
import { kubectl } from '../harness/kubectl.ts';
import { celMessages, disagreements, limitValues, oddValues } from '../harness/schema-agreement.ts';

const kubeconfig = inject('kubeconfigPath');
/** Some hundreds of questions: seconds on an idle machine. */
const TIMEOUT_MS = 300_000;

let api: AdmissionClient;
beforeAll(async () => {
  api = await admissionClient(kubeconfig);
});
afterAll(() => api.close());

const PROFILE = {
  kind: 'ComplianceProfile',
  path: PROFILES_PATH,
  schema: complianceProfileSchema,
  manifest: profileManifest,
  isValid: (manifest: unknown) => validateComplianceProfile(manifest).valid,
  full: FULL_PROFILE_SPEC,
};
const CHECK = {
  kind: 'ComplianceCheck',
  path: checksPath('default'),
  schema: complianceCheckSchema,
  manifest: checkManifest,
  isValid: (manifest: unknown) => validateComplianceCheck(manifest).valid,
  full: FULL_CHECK_SPEC,
};
const CLUSTER_CHECK = {
  kind: 'ClusterComplianceCheck',
  path: CLUSTER_CHECKS_PATH,
  schema: clusterComplianceCheckSchema,
  manifest: clusterCheckManifest,
  isValid: (manifest: unknown) => validateClusterComplianceCheck(manifest).valid,
  full: FULL_CLUSTER_CHECK_SPEC,
};
type Kind = typeof PROFILE | typeof CHECK | typeof CLUSTER_CHECK;
const KINDS: readonly Kind[] = [PROFILE, CHECK, CLUSTER_CHECK];

const profileRef = { name: 'mcp-baseline-v1' };
const check = (fields: object) => ({ profileRef, ...fields });
const waiver = (fields: object) => check({ waivers: [{ ...WAIVER, ...fields }] });
const profile = (id: string) => ({ checks: [{ id }] });

interface Row {
  readonly reason: string;
  readonly kinds: readonly Kind[];
  readonly spec: unknown;
}
const BOTH = [CHECK, CLUSTER_CHECK];

const ACCEPTED: readonly Row[] = [
  { reason: 'the least of a profile', kinds: [PROFILE], spec: profile('MCP-P01') },
  { reason: 'the least of a check', kinds: BOTH, spec: check({}) },
  ...KINDS.map((kind) => ({ reason: 'every field', kinds: [kind], spec: kind.full })),
  ...['critical', 'high', 'medium', 'low', 'info'].map((severity) => ({
    reason: severity,
    kinds: [PROFILE],
    spec: { checks: [{ id: 'MCP-W01', severity }] },
  })),
  ...['* * * * *', '0 */6 * * *', '30 4 1,15 * MON-FRI', '0 0 L * *'].map((schedule) => ({
    reason: schedule,
    kinds: BOTH,
    spec: check({ schedule }),
  })),
  ...['UTC', 'Etc/GMT+3', 'America/Argentina/Buenos_Aires'].map((timeZone) => ({
    reason: timeZone,
    kinds: BOTH,
    spec: check({ timeZone }),
  })),
  ...[0, 100].map((percent) => ({
    reason: `${percent} %`,
    kinds: BOTH,
    spec: check({ thresholds: { score: percent, coverage: percent } }),
  })),
  ...['1d', '9999d'].map((keepRuns) => ({
    reason: keepRuns,
    kinds: BOTH,
    spec: check({ history: { keepRuns } }),
  })),
  { reason: 'a waiver', kinds: BOTH, spec: waiver({}) },
  { reason: 'no waivers', kinds: BOTH, spec: check({ waivers: [] }) },
];

/** The cause that refuses it: the field, then what is wrong. */
const REFUSED: readonly (Row & { readonly cause: RegExp })[] = [
  ...KINDS.map((kind) => ({
    reason: 'no spec',
    kinds: [kind],
    spec: undefined,
    cause: /^spec: Required value$/,
  })),
  {
    reason: 'no checks',
    kinds: [PROFILE],
    spec: { checks: [] },
    cause: /^spec\.checks: Invalid value: (?:.*: )?checks must name at least one check$/,
  },
  {
    reason: 'a check twice',
    kinds: [PROFILE],
    spec: { checks: [{ id: 'MCP-P01' }, { id: 'MCP-P01' }] },
    cause: /^spec\.checks\[1\]: Duplicate value/,
  },
  ...['P01', 'mcp-p01', 'MCP-P1', 'MCP-P001', 'MCP-S08 '].map((id) => ({
    reason: `check ${id}`,
    kinds: [PROFILE],
    spec: profile(id),
    cause:
      /^spec\.checks\[0\]\.id: Invalid value: (?:.*: )?the id of a check is MCP-, a capital letter and two digits, such as MCP-S08: see docs\/checks.md$/,
  })),
  {
    reason: 'a control of no check',
    kinds: [PROFILE],
    spec: { ...profile('MCP-P01'), controls: [{ framework: 'a', control: 'b', checks: ['x'] }] },
    cause: /^spec\.controls\[0\]\.checks\[0\]: Invalid value: (?:.*: )?the id of a check is/,
  },
  {
    reason: 'a switch for a parameter',
    kinds: [PROFILE],
    spec: { checks: [{ id: 'MCP-P01', parameters: { a: true } }] },
    cause: /^spec\.checks\[0\]\.parameters\.a: Invalid value: .*must be of type integer,string/,
  },
  {
    reason: 'no profile',
    kinds: BOTH,
    spec: {},
    cause: /^spec\.profileRef: Required value$/,
  },
  ...['every hour', '@hourly', '* * * *', '* * * * * *', '0  0 * * *', '0 0 * * * '].map((schedule) => ({
    reason: `schedule ${schedule}`,
    kinds: BOTH,
    spec: check({ schedule: schedule.padEnd(9) }),
    cause:
      /^spec\.schedule: Invalid value: (?:.*: )?schedule must be five fields of cron with one space between them: minute, hour, day of month, month, day of week, such as '0 \*\/6 \* \* \*'$/,
  })),
  {
    reason: 'a long schedule',
    kinds: BOTH,
    spec: check({ schedule: `${'1,'.repeat(60)}1 * * * *` }),
    cause: /^spec\.schedule: Too long/,
  },
  ...['+01:00', 'Europe/', 'Europe Berlin'].map((timeZone) => ({
    reason: `time zone ${timeZone}`,
    kinds: BOTH,
    spec: check({ timeZone }),
    cause:
      /^spec\.timeZone: Invalid value: (?:.*: )?timeZone must be an IANA name, such as Europe\/Berlin or Etc\/UTC$/,
  })),
  {
    reason: 'a score beyond',
    kinds: BOTH,
    spec: check({ thresholds: { score: 101 } }),
    cause: /^spec\.thresholds\.score: .*less than or equal to 100/,
  },
  {
    reason: 'a coverage below',
    kinds: BOTH,
    spec: check({ thresholds: { coverage: -1 } }),
    cause: /^spec\.thresholds\.coverage: .*greater than or equal to 0/,
  },
  ...['0d', '30', '1y', '5h'].map((keepRuns) => ({
    reason: `history of ${keepRuns}`,
    kinds: BOTH,
    spec: check({ history: { keepRuns } }),
    cause:
      /^spec\.history\.keepRuns: Invalid value: (?:.*: )?history.keepRuns must be whole days, from 1d to 9999d: 400d$/,
  })),
  ...(['check', 'reason', 'owner', 'expiresAt'] as const).map((field) => ({
    reason: `a waiver without ${field}`,
    kinds: BOTH,
    spec: waiver({ [field]: undefined }),
    cause: new RegExp(String.raw`^spec\.waivers\[0\]\.${field}: Required value$`),
  })),
  {
    reason: 'a waiver of no check',
    kinds: BOTH,
    spec: waiver({ check: 'all' }),
    cause:
      /^spec\.waivers\[0\]\.check: Invalid value: (?:.*: )?the id of a check is MCP-, a capital letter and two digits/,
  },
  {
    reason: 'a waiver with an empty reason',
    kinds: BOTH,
    spec: waiver({ reason: ' \t\n' }),
    cause:
      /^spec\.waivers\[0\]\.reason: Invalid value: (?:.*: )?reason must say why the failure is accepted$/,
  },
  {
    reason: 'a waiver of nobody',
    kinds: BOTH,
    spec: waiver({ owner: '  ' }),
    cause:
      /^spec\.waivers\[0\]\.owner: Invalid value: (?:.*: )?owner must name the person or team that answers for the waiver$/,
  },
  {
    reason: 'a waiver until some day',
    kinds: BOTH,
    spec: waiver({ expiresAt: '2027-06-30 00:00:00' }),
    cause:
      /^spec\.waivers\[0\]\.expiresAt: Invalid value: (?:.*: )?expiresAt must be a time in RFC 3339, such as 2027-06-30T00:00:00Z$/,
  },
  {
    reason: 'another mode',
    kinds: BOTH,
    spec: check({ mode: 'Repair' }),
    cause: /^spec\.mode: Unsupported value/,
  },
];

const each = <R extends Row>(rows: readonly R[]) =>
  rows.flatMap(({ kinds, ...row }) => kinds.map((kind) => ({ ...row, of: kind, kind: kind.kind })));

describe('the schemas', () => {
  it.each(each(ACCEPTED))('$kind accepts $reason', async ({ of, spec }) => {
    expect(await api.create(of.path, of.manifest(spec))).toEqual({
      accepted: true,
      object: expect.anything(),
    });
  });

  it.each(each(REFUSED))('$kind refuses $reason', async ({ of, spec, cause }) => {
    const verdict = await api.create(of.path, of.manifest(spec));
    if (verdict.accepted) throw new Error('was accepted');
    expect(verdict.causes).toEqual(expect.arrayContaining([expect.stringMatching(cause)]));
  });

  it.each(KINDS)('$kind has no rule that nothing here is refused by, but that against changes', (of) => {
    const causes = each(REFUSED)
      .filter((row) => row.of === of)
      .map(({ cause }) => cause.source.replaceAll('\\', ''));
    const unseen = celMessages(of.schema).filter(
      (message) =>
        !causes.some((cause) => cause.includes(message.slice(0, 40))) &&
        !message.includes('cannot be changed'),
    );
    expect(unseen).toEqual([]);
  });

  it.each([
    {
      of: CHECK,
      kind: 'ComplianceCheck',
      spec: waiver({ namespaceSelector: {} }),
      field: 'spec.waivers[0].namespaceSelector',
    },
    {
      of: CHECK,
      kind: 'ComplianceCheck',
      spec: check({ namespaceSelector: {} }),
      field: 'spec.namespaceSelector',
    },
    {
      of: CLUSTER_CHECK,
      kind: 'ClusterComplianceCheck',
      spec: waiver({ approvalRef: { name: 'waive-nightly' } }),
      field: 'spec.waivers[0].approvalRef',
    },
  ])('$kind has no field $field', async ({ of, spec, field }) => {
    const verdict = await api.create(of.path, of.manifest(spec));
    if (verdict.accepted) throw new Error('was accepted');
    expect(verdict.message).toContain(`unknown field "${field}"`);
  });
});

describe('our own validation', () => {
  it.each(KINDS)(
    'judges $kind as the API server does',
    async ({ path, schema, isValid, full, manifest }) => {
      const spec: JsonSchema = schema.properties?.['spec'] ?? {};
      const rows = [...oddValues(full, manifest), ...limitValues(spec, (part) => manifest(part))];
      expect(rows.length).toBeGreaterThan(40);
      expect(await disagreements({ api, path, schema, isValid }, rows)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each(BOTH)('fills in the same defaults of $kind', async ({ path, manifest, kind }) => {
    const verdict = await api.create(path, manifest(check({})));
    const judge = kind === 'ComplianceCheck' ? validateComplianceCheck : validateClusterComplianceCheck;
    const validation = judge(manifest(check({})));
    if (!verdict.accepted || !validation.valid) throw new Error('was refused');
    expect(verdict.object['spec']).toEqual(validation.check.spec);
    expect(validation.check.spec).toMatchObject({
      serverSelector: {},
      timeZone: 'Etc/UTC',
      suspend: false,
      onChange: true,
      mode: 'Report',
      thresholds: { score: 80, coverage: 70 },
      history: { keepRuns: '400d' },
    });
  });
});

describe('a profile that is there', () => {
  const name = `profile-${randomBytes(4).toString('hex')}`;
  const patch = (operation: object) =>
    kubectl(kubeconfig, ['patch', 'mcpcp', name, '--type=json', '--patch', JSON.stringify([operation])]);

  beforeAll(() =>
    kubectl(kubeconfig, ['create', '-f', '-'], JSON.stringify(profileManifest(FULL_PROFILE_SPEC, { name }))),
  );
  afterAll(() => kubectl(kubeconfig, ['delete', 'mcpcp', name]));

  it.each([
    { what: 'a check', operation: { op: 'remove', path: '/spec/checks/0' } },
    { what: 'a severity', operation: { op: 'replace', path: '/spec/checks/1/severity', value: 'low' } },
    {
      what: 'a parameter',
      operation: { op: 'replace', path: '/spec/checks/1/parameters/minimumDays', value: 1 },
    },
    { what: 'its controls', operation: { op: 'remove', path: '/spec/controls' } },
  ])('does not lose or change $what', async ({ operation }) => {
    await expect(patch(operation)).rejects.toThrow(
      'the spec of a ComplianceProfile cannot be changed, because results refer to it: create another profile, such as NAME-v2, and name it in profileRef',
    );
  });

  it('can be labelled', async () => {
    await patch({ op: 'add', path: '/metadata/labels', value: { a: 'b' } });
  });
});

describe('kubectl', () => {
  const name = `kubectl-${randomBytes(4).toString('hex')}`;
  const TIME = '2026-01-01T00:00:00Z';
  const STATUS = {
    observedGeneration: 1,
    conditions: ['Ready', 'Recorded', 'ReportsPublished'].map((type) => ({
      type,
      status: 'True',
      reason: type,
      message: 'why',
      observedGeneration: 1,
      lastTransitionTime: TIME,
    })),
    phase: 'Done',
    result: 'NonCompliant',
    score: 91,
    coverage: 88,
    counts: { pass: 31, fail: 2, warn: 1, error: 0, skip: 10 },
    servers: 3,
    changes: { new: 1, resolved: 0, unchanged: 43, incomparable: 0 },
    lastRun: { id: '0f8fad5b', startedAt: TIME, finishedAt: TIME, trigger: 'Schedule' },
    nextRun: '2026-01-01T06:00:00Z',
    lastRunRequest: TIME,
    evaluatedGeneration: 1,
    lastFullRun: TIME,
    worst: [
      {
        server: 'team-a/github',
        check: 'MCP-S08',
        severity: 'high',
        message: 'A foreign Origin is accepted.',
      },
    ],
    waivers: { active: 1, expired: 0, unused: 0, invalid: 0 },
  };
  // They select nobody, and so stand in the way of no other test of this cluster.
  const spec = check({ suspend: true, serverSelector: { matchLabels: { [name]: 'true' } } });

  beforeAll(async () => {
    for (const of of BOTH)
      await kubectl(kubeconfig, ['create', '-f', '-'], JSON.stringify(of.manifest(spec, { name })));
    for (const short of ['mcpcc', 'mcpccc'])
      await kubectl(kubeconfig, [
        'patch',
        short,
        name,
        '--subresource=status',
        '--type=merge',
        '--patch',
        JSON.stringify({ status: STATUS }),
      ]);
  });
  afterAll(async () => {
    for (const short of ['mcpcc', 'mcpccc']) await kubectl(kubeconfig, ['delete', short, name]);
  });

  it.each(['mcpcc', 'mcpccc'])('%s keeps every field of a status', async (short) => {
    const object: unknown = JSON.parse(await kubectl(kubeconfig, ['get', short, name, '--output=json']));
    expect(object).toMatchObject({ status: STATUS });
  });

  it.each(['compliancechecks', 'clustercompliancechecks'])('get %s prints the columns', async (plural) => {
    const [header, row] = (await kubectl(kubeconfig, ['get', plural, name])).trim().split('\n');
    const columns = ['NAME', 'RESULT', 'SCORE', 'COVERAGE', 'FAILED', 'LAST', 'NEXT', 'AGE'];
    expect(header?.split(/\s+/)).toEqual(columns);
    const cells = [
      name,
      'NonCompliant',
      '91',
      '88',
      '2',
      expect.anything(),
      STATUS.nextRun,
      expect.anything(),
    ];
    expect(row?.split(/\s+/)).toEqual(cells);
  });

  it.each(['compliancecheck', 'clustercompliancecheck'])('lists a %s in the category', async (singular) => {
    expect(await kubectl(kubeconfig, ['get', 'kilomcp', '--output=name'])).toContain(
      `${singular}.mcp.kilocode.ai/${name}\n`,
    );
  });

  it.each(KINDS)('explain names every field of a $kind', async ({ kind, schema }) => {
    const text = await kubectl(kubeconfig, ['explain', `${kind.toLowerCase()}.spec`, '--recursive']);
    for (const field of Object.keys(schema.properties?.['spec']?.properties ?? {}))
      expect(text).toMatch(new RegExp(`^ +${field}\\t<`, 'm'));
  });
});
