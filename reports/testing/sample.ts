/** A run with something of everything, for tests. */
import { createHash } from 'node:crypto';
import type { Outcome } from '../../checks/engine/outcome.ts';
import type {
  EvidenceRecord,
  FindingRecord,
  RunRecord,
  ServerReference,
  ServerResult,
} from '../../checks/engine/record.ts';
import type { RunReport } from '../run-report.ts';

export const GITHUB: ServerReference = {
  namespace: 'team-a',
  name: 'github',
  uid: '3f0c6c1e-58a4-4a53-9f3f-6d1a2b3c4d5e',
};
const WEATHER: ServerReference = {
  namespace: 'team-b',
  name: 'weather',
  uid: '9d2b7a10-1f0e-4c7b-8a6d-0e1f2a3b4c5d',
};
export const OWNER = {
  kind: 'ComplianceCheck',
  namespace: 'team-a',
  name: 'nightly',
  uid: '5b1d7c3e-aaaa-4bbb-8ccc-1234567890ab',
};

export function sampleFinding(change: Partial<FindingRecord> = {}): FindingRecord {
  return {
    server: GITHUB,
    check: 'MCP-S08',
    title: 'a foreign Origin is refused',
    family: 'S',
    severity: 'high',
    scored: true,
    outcome: 'Fail',
    message: 'Server accepts a foreign Origin header (expected HTTP 403).',
    era: 'modern',
    fields: [],
    remediation: { kind: 'gateway', text: 'Let the gateway refuse Origins that are not on its list.' },
    references: ['MCP 2026-07-28, Streamable HTTP, Security', 'GHSA-w48q-cv73-mx4w'],
    controls: { 'nist-800-53-r5': ['SC-7', 'SC-8'], 'owasp-mcp': ['MCP07:2025'], aisvs: ['10.3.3'] },
    resultId: '0123456789abcdef',
    firstSeenAt: '2026-11-20T02:00:03.250Z',
    evaluatedAt: '2026-11-25T02:00:04.000Z',
    state: 'unchanged',
    ...change,
  };
}

/** @returns evidence with its real digest. */
function sampleEvidence(content: string): EvidenceRecord {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { digest, mediaType: 'application/json', content };
}

/** @param change a member that is undefined is left out. */
export function sampleRun(
  change: { readonly [K in keyof RunRecord]?: RunRecord[K] | undefined } = {},
): RunRecord {
  const run = {
    id: '8f14e45f-ceea-467f-a8d5-1d6c0a5b9e21',
    owner: OWNER,
    profile: { name: 'mcp-baseline-v1', hash: `sha256:${'ab'.repeat(32)}` },
    trigger: 'Schedule',
    tool: { name: 'kilo-mcp', version: '0.1.0' },
    startedAt: '2026-11-25T02:00:00.000Z',
    finishedAt: '2026-11-25T02:00:41.000Z',
    score: 71,
    coverage: 88,
    result: 'NonCompliant',
    ...change,
  };
  const members = Object.entries(run).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as unknown as RunRecord;
}

/** One day after the other, the newest being {@link sampleRun}. */
export function sampleHistory(scores: readonly number[]): readonly RunRecord[] {
  const last = Date.parse('2026-11-25T02:00:00.000Z');
  return scores.map((score, index) =>
    sampleRun({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      startedAt: new Date(last - (scores.length - index) * 86_400_000).toISOString(),
      score,
      coverage: Math.min(100, score + 15),
      result: score === 100 ? 'Compliant' : 'NonCompliant',
    }),
  );
}

const ORIGIN_EVIDENCE = sampleEvidence(
  JSON.stringify({
    exchanges: [
      {
        id: '7',
        request: {
          method: 'POST',
          url: 'http://mcp-github.team-a.svc:8080/mcp',
          headers: { origin: 'https://attacker.example', authorization: '[redacted]' },
        },
        response: {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: '{"jsonrpc":"2.0","id":1,"result":{}}',
        },
        startedAt: '2026-11-25T02:00:03.900Z',
        durationMs: 12,
      },
    ],
  }),
);

/** One finding of each outcome. */
export const SAMPLE_FINDINGS: Readonly<Record<Outcome, FindingRecord>> = {
  Fail: sampleFinding({ evidence: ORIGIN_EVIDENCE.digest }),
  Pass: sampleFinding({
    check: 'MCP-P01',
    title: 'the server opens in an era that the profile accepts',
    family: 'P',
    outcome: 'Pass',
    message: 'The server opens with 2026-07-28.',
    controls: { 'nist-800-53-r5': ['CM-6'] },
    resultId: '1111111111111111',
  }),
  Warn: sampleFinding({
    check: 'MCP-S09',
    title: 'a foreign Host is refused',
    severity: 'medium',
    scored: false,
    outcome: 'Warn',
    message: 'Server answers requests for another host.',
    resultId: '2222222222222222',
    controls: {},
  }),
  Error: sampleFinding({
    check: 'MCP-P05',
    title: 'malformed requests are refused',
    family: 'P',
    severity: 'medium',
    outcome: 'Error',
    message: 'The connection broke before the server answered.',
    controls: { 'nist-800-53-r5': ['SI-10'] },
    resultId: '3333333333333333',
    state: 'incomparable',
  }),
  Untestable: sampleFinding({
    check: 'MCP-S06',
    title: 'a token in the query is no authentication',
    outcome: 'Untestable',
    message: 'No credential is configured for the probe.',
    resultId: '4444444444444444',
    controls: {},
  }),
  NotApplicable: sampleFinding({
    check: 'MCP-P10',
    title: 'session ids cannot be guessed',
    family: 'P',
    outcome: 'NotApplicable',
    message: 'The server issues no session ids.',
    resultId: '5555555555555555',
    controls: {},
  }),
  Waived: sampleFinding({
    server: WEATHER,
    check: 'MCP-W06',
    title: 'the root file system is read-only',
    family: 'W',
    severity: 'medium',
    outcome: 'Waived',
    message: 'The root file system of container server is writable.',
    fields: [
      {
        path: 'spec.podTemplate.spec.containers[name=server].securityContext.readOnlyRootFilesystem',
        value: 'false',
        message: 'the root file system is writable',
        fix: 'Set it to true, and mount an emptyDir where the server writes.',
      },
    ],
    waiver: {
      reason: 'The vendor writes its cache beside the program; fixed in 2.1.',
      owner: 'platform-team',
      expiresAt: '2027-01-31T00:00:00.000Z',
    },
    controls: { 'cis-kubernetes': ['5.2.7'] },
    resultId: '6666666666666666',
  }),
  Manual: sampleFinding({
    server: WEATHER,
    check: 'MCP-S07',
    title: 'no credentials of callers go upstream',
    severity: 'critical',
    outcome: 'Manual',
    message: 'Only the owner of the gateway can tell.',
    resultId: '7777777777777777',
    controls: {},
  }),
};

const ALL = Object.values(SAMPLE_FINDINGS);

export const SAMPLE_RESULTS: readonly ServerResult[] = [
  {
    server: GITHUB,
    findings: ALL.filter(({ server }) => server === GITHUB),
    evidence: [ORIGIN_EVIDENCE],
    score: 50,
    coverage: 80,
  },
  {
    server: WEATHER,
    findings: ALL.filter(({ server }) => server === WEATHER),
    evidence: [],
    score: 100,
    coverage: 90,
  },
];

export function sampleReport(change: Partial<RunReport> = {}): RunReport {
  return {
    run: sampleRun(),
    results: SAMPLE_RESULTS,
    history: sampleHistory([42, 42, 55, 58, 58, 64, 64, 61, 69]),
    proof: {
      chain: 'main',
      head: { seq: 1804, hash: `sha256:${'cd'.repeat(32)}` },
      first: { seq: 1201, hash: `sha256:${'01'.repeat(32)}` },
      last: { seq: 1799, hash: `sha256:${'23'.repeat(32)}` },
      intact: true,
    },
    generatedAt: '2026-11-25T08:30:00.000Z',
    ...change,
  };
}

/** What a server, an owner or an image name may try to smuggle in; harmless where it is shown as text. */
export const HOSTILE = `"><script>globalThis.pwned=1</script><img src=x onerror="globalThis.pwned=2"> ' ]]> --> \u202Ereversed\u0000\u001b[31m &amp; =HYPERLINK("http://x")`;

/** The report with {@link HOSTILE} wherever a text of others may come to stand. */
export function hostileReport(): RunReport {
  const server = { ...GITHUB, namespace: HOSTILE, name: HOSTILE };
  const evidence = sampleEvidence(JSON.stringify({ body: HOSTILE }));
  const findings = ALL.map((finding) => ({
    ...finding,
    server,
    title: HOSTILE,
    message: HOSTILE,
    remediation: { kind: 'none' as const, text: HOSTILE },
    references: [HOSTILE],
    controls: { [HOSTILE]: [HOSTILE] },
    fields: [{ path: HOSTILE, value: HOSTILE, message: HOSTILE, fix: HOSTILE }],
    evidence: evidence.digest,
    ...(finding.waiver && { waiver: { ...finding.waiver, reason: HOSTILE, owner: HOSTILE } }),
  }));
  return sampleReport({
    run: sampleRun({
      profile: { name: HOSTILE, hash: HOSTILE },
      owner: { ...OWNER, name: HOSTILE },
      tool: { name: HOSTILE, version: HOSTILE },
    }),
    results: [{ server, findings, evidence: [evidence], score: 0, coverage: 0 }],
  });
}
