/**
 * The kinds of approval on a real API server: what their schemas and rules let through and what they refuse with which words, that our own
 * validation judges alike, and how kubectl shows them. No webhook is asked here.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  approvalDecisionSchema,
  approvalPolicySchema,
  approvalRequestSchema,
  validateApprovalDecision,
  validateApprovalPolicy,
  validateApprovalRequest,
} from '../../api/index.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { type AdmissionClient, admissionClient } from '../harness/admission.ts';
import {
  APPROVAL_POLICIES_PATH,
  DIGEST,
  decisionManifest,
  decisionsPath,
  openStatus,
  policyManifest,
  requestManifest,
  requestsPath,
  target,
} from '../harness/approval.ts';
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

const STAMPS = {
  decidedBy: { username: 'carol', uid: 'u', groups: ['leads'], extra: { 'example.com/id': ['7'] } },
  decidedAt: '2026-11-26T00:00:00Z',
  admissionUID: 'a',
};
const withSpec = (manifest: object) => (spec: unknown) => ({ ...manifest, spec });
const specOf = (manifest: object): Readonly<Record<string, unknown>> => Object(manifest)['spec'];

const POLICY = {
  kind: 'ApprovalPolicy',
  path: APPROVAL_POLICIES_PATH,
  schema: approvalPolicySchema,
  manifest: withSpec(policyManifest('schema')),
  isValid: (manifest: unknown) => validateApprovalPolicy(manifest).valid,
  full: {
    namespaceSelector: { matchLabels: { env: 'prod' } },
    match: { actionKinds: ['Remediate', 'Waive'], minRisk: 'medium' },
    auto: { actionKinds: ['Remediate'], maxRisk: 'low' },
    quorum: { approvals: 2, denials: 1 },
    required: [{ group: 'platform-leads', count: 1 }],
    separationOfDuties: true,
    allowServiceAccounts: ['system:serviceaccount:ci:bot'],
    requireReason: { approve: true, deny: true, override: true },
    ttl: { approval: '1d12h', execution: '90m' },
    freeze: [{ schedule: '0 18 * * 5', timeZone: 'Europe/Berlin', duration: '62h' }],
  },
};
const REQUEST = {
  kind: 'ApprovalRequest',
  path: requestsPath('default'),
  schema: approvalRequestSchema,
  manifest: withSpec(requestManifest('schema')),
  isValid: (manifest: unknown) => validateApprovalRequest(manifest).valid,
  full: specOf(requestManifest('schema')),
};
const DECISION = {
  kind: 'ApprovalDecision',
  path: decisionsPath('default'),
  schema: approvalDecisionSchema,
  manifest: withSpec(decisionManifest({}, 'approve', {}, { name: 'schema', generateName: undefined })),
  isValid: (manifest: unknown) => validateApprovalDecision(manifest).valid,
  full: specOf(decisionManifest({ name: 'a', uid: 'b' }, 'approve', STAMPS)),
};
type Kind = typeof POLICY | typeof REQUEST | typeof DECISION;
const KINDS: readonly Kind[] = [POLICY, REQUEST, DECISION];

const action = (change: object): unknown => specOf(requestManifest('schema', change));
const waived = target({ kind: 'ComplianceCheck', name: 'nightly' });
const freeze = (change: object): object => ({
  freeze: [{ schedule: '0 18 * * 5', duration: '62h', ...change }],
});
const decision = (change: object): object => ({ ...DECISION.full, ...change });

interface Row {
  readonly of: Kind;
  readonly reason: string;
  readonly spec: unknown;
}

const ACCEPTED: readonly Row[] = [
  ...KINDS.map((of) => ({ of, reason: 'every field', spec: of.full })),
  { of: POLICY, reason: 'nothing but defaults', spec: {} },
  ...['30s', '7d', '1d1h1m1s', '999999h'].map((approval) => ({
    of: POLICY,
    reason: `a time of ${approval}`,
    spec: { ttl: { approval } },
  })),
  {
    of: POLICY,
    reason: 'as many of a group as approve',
    spec: { quorum: { approvals: 2 }, required: [{ group: 'a', count: 2 }] },
  },
  {
    of: REQUEST,
    reason: 'new definitions',
    spec: action({ kind: 'AcceptDefinitions', parameters: { hash: DIGEST } }),
  },
  { of: REQUEST, reason: 'a waiver', spec: action({ kind: 'Waive', target: waived }) },
  ...[{}, { operation: 'Begin' }, { operation: 'End' }].map((parameters) => ({
    of: REQUEST,
    reason: `a quarantine, ${JSON.stringify(parameters)}`,
    spec: action({ kind: 'Quarantine', parameters }),
  })),
  ...['approve', 'deny', 'cancel', 'override'].map((verb) => ({
    of: DECISION,
    reason: verb,
    spec: decision({ verb }),
  })),
];

/** The cause that refuses it: the field, then what is wrong. */
const REFUSED: readonly (Row & { readonly cause: RegExp })[] = [
  ...KINDS.map((of) => ({ of, reason: 'no spec', spec: undefined, cause: /^spec: Required value$/ })),
  ...['', '0h', '24', '1h 30m', '30m1h', '-1h', '1w'].flatMap((duration) =>
    (['ttl.approval', 'ttl.execution', 'freeze.duration'] as const).map((field) => ({
      of: POLICY,
      reason: `${field} of "${duration}"`,
      spec: field === 'freeze.duration' ? freeze({ duration }) : { ttl: { [field.slice(4)]: duration } },
      cause: new RegExp(
        duration.length < 2
          ? '^spec\\..*should be at least 2 chars long'
          : `${field.replace('.', '\\.')} must be a duration above zero in days, hours, minutes and seconds, such as 24h or 1h30m$`,
      ),
    })),
  ),
  ...['@weekly', '0 18 * *'].map((schedule) => ({
    of: POLICY,
    reason: `a freeze at ${schedule}`,
    spec: freeze({ schedule: schedule.padEnd(9) }),
    cause: /^spec\.freeze\[0\]\.schedule: .*freeze\.schedule must be five fields of cron with one space/,
  })),
  {
    of: POLICY,
    reason: 'a freeze in no time zone',
    spec: freeze({ timeZone: '+01:00' }),
    cause: /^spec\.freeze\[0\]\.timeZone: .*freeze\.timeZone must be an IANA name, such as Europe\/Berlin/,
  },
  {
    of: POLICY,
    reason: 'a quorum that cannot be met: more of a group than in all',
    spec: { quorum: { approvals: 2 }, required: [{ group: 'leads', count: 3 }] },
    cause:
      /^spec\.required: .*required cannot ask for more persons of a group than quorum\.approvals asks for in all/,
  },
  ...['system:masters', 'system:serviceaccounts'].map((group) => ({
    of: POLICY,
    reason: `a quorum that cannot be met: of ${group}`,
    spec: { required: [{ group }] },
    cause: /^spec\.required\[0\]\.group: .*required\.group must be a group of people/,
  })),
  {
    of: POLICY,
    reason: 'a quorum of nobody',
    spec: { quorum: { approvals: 0 } },
    cause: /^spec\.quorum\.approvals: .*greater than or equal to 1/,
  },
  {
    of: POLICY,
    reason: 'what is critical, without a human',
    spec: { auto: { actionKinds: ['Remediate'], maxRisk: 'critical' } },
    cause: /^spec\.auto\.maxRisk: Unsupported value/,
  },
  ...['alice', 'system:admin', 'system:serviceaccount:ci'].map((name) => ({
    of: POLICY,
    reason: `${name} as a ServiceAccount`,
    spec: { allowServiceAccounts: [name] },
    cause: /^spec\.allowServiceAccounts\[0\]: .*allowServiceAccounts must be usernames of ServiceAccounts/,
  })),
  {
    of: REQUEST,
    reason: 'a target of another group',
    spec: action({ target: target({ apiVersion: 'apps/v1' }) }),
    cause: /^spec\.action\.target\.apiVersion: .*target\.apiVersion must be mcp\.kilocode\.ai\/v1alpha1/,
  },
  ...[
    { kind: 'Waive', target: target() },
    { kind: 'Remediate', target: waived },
  ].map((change) => ({
    of: REQUEST,
    reason: `${change.kind} of another kind`,
    spec: action(change),
    cause:
      /^spec\.action\.target: .*target\.kind must be ComplianceCheck for Waive, and MCPServer for every other kind of action/,
  })),
  ...[{}, { check: 'W06' }, { check: 'MCP-W06', patch: '[]' }].map((parameters) => ({
    of: REQUEST,
    reason: `a repair by ${JSON.stringify(parameters)}`,
    spec: action({ parameters }),
    cause: /^spec\.action\.parameters: .*parameters of Remediate and Waive must be exactly \{check: ID\}/,
  })),
  ...[{}, { hash: 'sha256:1' }].map((parameters) => ({
    of: REQUEST,
    reason: `new definitions by ${JSON.stringify(parameters)}`,
    spec: action({ kind: 'AcceptDefinitions', parameters }),
    cause: /^spec\.action\.parameters: .*parameters of AcceptDefinitions must be exactly \{hash: HASH\}/,
  })),
  ...[{ operation: 'Stop' }, { check: 'MCP-W06' }].map((parameters) => ({
    of: REQUEST,
    reason: `a quarantine by ${JSON.stringify(parameters)}`,
    spec: action({ kind: 'Quarantine', parameters }),
    cause:
      /^spec\.action\.parameters: .*parameters of Quarantine must be \{\}, \{operation: Begin\} or \{operation: End\}/,
  })),
  ...['sha256:1', 'sha512:1', DIGEST.toUpperCase()].map((digest) => ({
    of: DECISION,
    reason: `the digest ${digest}`,
    spec: decision({ digest }),
    cause: /^spec\.digest: .*digest must be status\.derived\.digest of the request/,
  })),
  ...Object.keys(STAMPS).map((stamp) => ({
    of: DECISION,
    reason: `no ${stamp}`,
    spec: decision({ [stamp]: undefined }),
    cause:
      /^spec: .*decidedBy, decidedAt and admissionUID are written by the operator's mutating webhook, which was not asked/,
  })),
  {
    of: DECISION,
    reason: 'no time',
    spec: decision({ decidedAt: 'then' }),
    cause: /^spec\.decidedAt: .*decidedAt is a time in RFC 3339 that admission writes: leave it out/,
  },
  {
    of: DECISION,
    reason: 'another verb',
    spec: decision({ verb: 'execute' }),
    cause: /^spec\.verb: Unsupported value/,
  },
];
const each = <Each extends Row>(rows: readonly Each[]) => rows.map((row) => ({ ...row, kind: row.of.kind }));

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
    const causes = REFUSED.filter((row) => row.of === of).map(({ cause }) =>
      cause.source.replaceAll('\\', ''),
    );
    const unseen = celMessages(of.schema).filter(
      (message) =>
        !causes.some((cause) => cause.includes(message.slice(0, 40))) &&
        !message.includes('cannot be changed'),
    );
    expect(unseen).toEqual([]);
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

  it('fills in the same defaults of a policy', async () => {
    const verdict = await api.create(POLICY.path, POLICY.manifest({}));
    const validation = validateApprovalPolicy(POLICY.manifest({}));
    if (!verdict.accepted || !validation.valid) throw new Error('was refused');
    expect(verdict.object['spec']).toEqual(validation.object.spec);
    expect(validation.object.spec).toEqual({
      namespaceSelector: {},
      match: { actionKinds: ['Remediate', 'AcceptDefinitions', 'Quarantine', 'Waive'], minRisk: 'low' },
      quorum: { approvals: 1, denials: 1 },
      separationOfDuties: true,
      requireReason: { approve: false, deny: true, override: true },
      ttl: { approval: '24h', execution: '1h' },
    });
  });
});

describe('kubectl', () => {
  const name = `kubectl-${randomBytes(4).toString('hex')}`;
  const status = {
    ...openStatus({ requester: 'alice', initiators: ['bob'] }),
    conditions: [
      {
        type: 'Recorded',
        status: 'True',
        reason: 'Recorded',
        message: 'why',
        observedGeneration: 1,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
    decisions: [
      { name: 'd', uid: 'u', person: 'carol', verb: 'approve', time: '2026-01-01T00:00:00Z', reason: '' },
    ],
    disregarded: [{ name: 'e', uid: 'v', why: 'TooLate' }],
    preImage: { resourceVersion: '1', generation: 1, values: { '/spec/replicas': { any: [1, null] } } },
    executeBefore: '2026-01-01T00:00:00Z',
    executedAt: '2026-01-01T00:00:00Z',
    ledgerSeq: 7,
  };

  beforeAll(async () => {
    await kubectl(kubeconfig, ['create', '-f', '-'], JSON.stringify(requestManifest(name)));
    const patch = ['--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status })}`];
    await kubectl(kubeconfig, ['patch', 'apr', name, ...patch]);
  });
  afterAll(() => kubectl(kubeconfig, ['delete', 'apr', name]));

  it('keeps every field of a status, and every value of a patch as it is', async () => {
    const object: unknown = JSON.parse(await kubectl(kubeconfig, ['get', 'apr', name, '--output=json']));
    expect(object).toMatchObject({ status });
  });

  it('prints the columns', async () => {
    const [header, row] = (await kubectl(kubeconfig, ['get', 'apr', name])).trim().split('\n');
    const columns = ['NAME', 'PHASE', 'RISK', 'ACTION', 'TARGET', 'APPROVALS', 'EXPIRES', 'AGE'];
    expect(header?.split(/\s+/)).toEqual(columns);
    const cells = [name, 'Pending', 'medium', 'Remediate', 'github', '0/2', '2099-01-01T00:00:00Z'];
    expect(row?.split(/\s+/).slice(0, 7)).toEqual(cells);
  });

  it('lets nobody change a request', async () => {
    const change = { op: 'replace', path: '/spec/action/target/generation', value: 2 };
    await expect(
      kubectl(kubeconfig, ['patch', 'apr', name, '--type=json', `--patch=${JSON.stringify([change])}`]),
    ).rejects.toThrow('the spec of an ApprovalRequest cannot be changed');
  });
});
