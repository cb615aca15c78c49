import { describe, expect, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { OPENED, anAction } from '../testing/rows.ts';
import { gitOwner } from './ownership.ts';
import { type PlanFacts, planFor } from './plan-for.ts';
import { planAcceptance, planQuarantine, planWaiver, waiverHash } from './records.ts';
import { secretIn } from './secrets.ts';

const HASH = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;

function verified(metadata: Parameters<typeof aServer>[1] = {}): MCPServer {
  const definitions = {
    tools: 3,
    prompts: 2,
    resourceTemplates: 1,
    hash: HASH,
    changedAt: OPENED.toISOString(),
  };
  return { ...aServer({}, metadata), status: { definitions } };
}

describe('planAcceptance', () => {
  it('records the hash that was seen, on a server of Git too', () => {
    const server = verified({ labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } });
    expect(planAcceptance(server, HASH, OTHER)).toEqual({
      kind: 'planned',
      plan: {
        effect: { kind: 'Baseline', hash: HASH },
        risk: 'high',
        summary:
          'Accept the definitions of MCPServer team-a/github as they are: 3 tools, 2 prompts, 1 resource templates.',
        diff: `status.baseline:\n- hash: ${OTHER}\n+ hash: ${HASH}`,
        verifyChecks: [],
      },
    });
  });

  it.each([
    ['a hash that is no longer offered', verified(), OTHER, undefined, 'InvalidParameters'],
    ['no hash', verified(), undefined, undefined, 'InvalidParameters'],
    ['a server that nobody has read', aServer(), HASH, undefined, 'InvalidParameters'],
    ['what is accepted', verified(), HASH, HASH, 'NothingToDo'],
  ])('refuses %s', (_what, server, hash, accepted, reason) => {
    expect(planAcceptance(server, hash, accepted)).toMatchObject({ kind: 'refused', reason });
  });
});

describe('planQuarantine', () => {
  it.each([
    [undefined, false, 'Begin', 'medium'],
    ['Begin', false, 'Begin', 'medium'],
    ['End', true, 'End', 'high'],
  ])('%s of a server that is (%s) in quarantine', (asked, isQuarantined, operation, risk) => {
    const server = aServer({ suspend: true }, { labels: { 'app.kubernetes.io/managed-by': 'Helm' } });
    expect(planQuarantine(server, asked, isQuarantined)).toMatchObject({
      kind: 'planned',
      plan: { effect: { kind: 'Quarantine', operation }, risk },
    });
  });

  it.each([
    ['Begin', true, 'NothingToDo'],
    ['End', false, 'NothingToDo'],
    ['Stop', false, 'InvalidParameters'],
  ])('refuses %s of a server that is (%s) in quarantine', (asked, isQuarantined, reason) => {
    expect(planQuarantine(aServer(), asked, isQuarantined)).toMatchObject({ kind: 'refused', reason });
  });
});

describe('planWaiver', () => {
  const waiver = {
    check: 'MCP-W06',
    serverSelector: {},
    namespaceSelector: {},
    reason: 'writes to its own files',
    owner: 'team-a',
    expiresAt: '2027-06-30T00:00:00Z',
    approvalRef: { name: 'waive-w06' },
  };
  const question = { owner: 'team-a/nightly', waivers: [waiver], check: 'MCP-W06', requestName: 'waive-w06' };

  it('binds everything that the waiver says', () => {
    const planned = planWaiver(question, OPENED);
    expect(planned).toMatchObject({
      kind: 'planned',
      plan: { effect: { kind: 'Waiver', check: 'MCP-W06', waiverHash: waiverHash(waiver) }, risk: 'medium' },
    });
    expect(planned.kind === 'planned' && planned.plan.diff).toContain('+   reason: writes to its own files');
  });

  it('knows a waiver again by what it says alone', () => {
    expect(waiverHash({ ...waiver, approvalRef: { name: 'another' } })).toBe(waiverHash(waiver));
    expect(waiverHash({ ...waiver, reason: 'another' })).not.toBe(waiverHash(waiver));
    expect(waiverHash({ ...waiver, expiresAt: '2028-01-01T00:00:00Z' })).not.toBe(waiverHash(waiver));
  });

  it.each([
    ['that points to another request', { requestName: 'another' }],
    ['of another check', { check: 'MCP-W07' }],
    ['without a check', { check: undefined }],
    ['that stands there twice', { waivers: [waiver, { ...waiver, reason: 'again' }] }],
    ['that ended', { waivers: [{ ...waiver, expiresAt: OPENED.toISOString() }] }],
    ['that ends at no time', { waivers: [{ ...waiver, expiresAt: '2027-02-31T99:00:00Z' }] }],
  ])('refuses one %s', (_what, changes) => {
    expect(planWaiver({ ...question, ...changes }, OPENED)).toMatchObject({
      kind: 'refused',
      reason: 'InvalidParameters',
    });
  });

  it.each([
    ['MCP-C05', 'high'],
    ['MCP-W99', 'critical'],
  ])('is as risky as %s is severe', (check, risk) => {
    const planned = planWaiver({ ...question, check, waivers: [{ ...waiver, check }] }, OPENED);
    expect(planned).toMatchObject({ plan: { risk } });
  });
});

describe('planFor', () => {
  const ofServer: PlanFacts = {
    target: 'MCPServer',
    server: verified(),
    namespace: { name: 'team-a', labels: {} },
    settings: DEFAULT_RENDER_SETTINGS,
    managers: [],
    acceptedHash: undefined,
    isQuarantined: false,
  };
  const ofCheck: PlanFacts = {
    target: 'ComplianceCheck',
    owner: 'team-a/nightly',
    waivers: [],
    requestName: 'waive-w06',
  };

  it.each([
    ['Remediate', { check: 'MCP-W07' }, 'Patch'],
    ['AcceptDefinitions', { hash: HASH }, 'Baseline'],
    ['Quarantine', {}, 'Quarantine'],
  ] as const)('plans a %s', (kind, parameters, effect) => {
    expect(planFor(anAction({ kind, parameters }), ofServer, OPENED)).toMatchObject({
      kind: 'planned',
      plan: { effect: { kind: effect } },
    });
  });

  it.each([
    ['Remediate', ofCheck, 'the target of Remediate is an MCPServer'],
    ['Waive', ofServer, 'the target of Waive is a ComplianceCheck'],
    ['Waive', ofCheck, 'exactly one waiver of ComplianceCheck team-a/nightly'],
    ['Remediate', ofServer, 'parameters.check is missing'],
  ] as const)('refuses a %s that names nothing to do it to', (kind, facts, message) => {
    expect(planFor(anAction({ kind, parameters: {} }), facts, OPENED)).toMatchObject({
      kind: 'refused',
      reason: 'InvalidParameters',
      message: expect.stringContaining(message),
    });
  });
});

describe('gitOwner', () => {
  it.each([
    [{ annotations: { 'argocd.argoproj.io/tracking-id': 'x' } }, 'Argo CD'],
    [{ labels: { 'argocd.argoproj.io/instance': 'x' } }, 'Argo CD'],
    [{ labels: { 'app.kubernetes.io/instance': 'x' } }, 'Argo CD'],
    [{ labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } }, 'Flux'],
    [{ labels: { 'helm.toolkit.fluxcd.io/name': 'x', 'app.kubernetes.io/managed-by': 'Helm' } }, 'Flux'],
    [{ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, 'Helm'],
    [{ annotations: { 'meta.helm.sh/release-name': 'x' } }, 'Helm'],
    [{ managers: ['kubectl', 'argocd-controller'] }, 'Argo CD'],
    [{ managers: ['helm-controller'] }, 'Flux'],
    [{ managers: ['helm'] }, 'Helm'],
    [
      { labels: { 'app.kubernetes.io/managed-by': 'kustomize' }, managers: ['kubectl', 'constructor'] },
      undefined,
    ],
    [{}, undefined],
  ])('of %o is %s', (facts, tool) => {
    expect(gitOwner({ managers: [], ...facts })?.tool).toBe(tool);
  });
});

describe('secretIn', () => {
  const TOKEN = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;

  it.each([
    ['a value', [{ op: 'add', path: '/spec/args/0', value: `--token=${TOKEN}` }]],
    ['a test', [{ op: 'test', path: '/spec/args', value: ['a', TOKEN] }]],
    [
      'a variable by its name',
      [{ op: 'add', path: '/spec/env/0', value: { name: 'DB_PASSWORD', value: 'kTr7#pQ9' } }],
    ],
  ] as const)('finds %s, and repeats nothing of it', (_what, operations) => {
    const found = secretIn(operations);
    expect(found?.path).toBe(operations[0].path);
    expect(JSON.stringify(found)).not.toMatch(/ghp_|kTr7/);
  });

  it('finds nothing in what is harmless', () => {
    expect(
      secretIn([
        { op: 'replace', path: '/spec/replicas', value: 2 },
        { op: 'remove', path: '/spec/env' },
      ]),
    ).toBeUndefined();
  });
});
