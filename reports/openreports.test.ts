import { describe, expect, it } from 'vitest';
import type { Outcome } from '../checks/engine/outcome.ts';
import {
  buildReport,
  isSameReport,
  ownerOfResult,
  shareResults,
  type ReportEntry,
  type ReportShare,
} from './openreports.ts';
import { GITHUB, HOSTILE, OWNER, SAMPLE_FINDINGS, sampleFinding } from './testing/sample.ts';

const share = (findings: ReportShare['findings']): ReportShare => ({
  owner: OWNER,
  profile: 'mcp-baseline-v1',
  server: GITHUB,
  runId: '8f14e45f-ceea-467f-a8d5-1d6c0a5b9e21',
  findings,
});
const entries = (...findings: ReportShare['findings']): readonly ReportEntry[] =>
  shareResults(share(findings));

describe('a Report', () => {
  it('is, to the letter, what the readers of openreports.io expect', () => {
    const report = buildReport('openReports', GITHUB, entries(SAMPLE_FINDINGS.Fail));
    const reference = {
      apiVersion: 'mcp.kilocode.ai/v1alpha1',
      kind: 'MCPServer',
      name: 'github',
      uid: GITHUB.uid,
    };
    expect(report).toEqual({
      apiVersion: 'openreports.io/v1alpha1',
      kind: 'Report',
      metadata: {
        name: `mcp-${GITHUB.uid}`,
        namespace: 'team-a',
        labels: { 'app.kubernetes.io/managed-by': 'mcp-operator' },
        ownerReferences: [{ ...reference, controller: true }],
      },
      source: 'mcp-operator',
      scope: { ...reference, namespace: 'team-a' },
      configuration: { limits: { maxResults: 500 } },
      summary: { pass: 0, fail: 1, warn: 0, error: 0, skip: 0 },
      results: [
        {
          source: 'mcp-operator',
          policy: 'mcp-baseline-v1',
          rule: 'MCP-S08',
          category: 'MCP Server Security',
          severity: 'high',
          result: 'fail',
          scored: true,
          message: 'Server accepts a foreign Origin header (expected HTTP 403).',
          timestamp: { seconds: Date.parse('2026-11-20T02:00:03Z') / 1000, nanos: 250_000_000 },
          properties: {
            complianceCheck: 'ComplianceCheck/team-a/nightly',
            resultID: '0123456789abcdef',
            evidence: 'run/8f14e45f-ceea-467f-a8d5-1d6c0a5b9e21/MCP-S08',
            remediation: 'gateway',
            era: 'modern',
            'nist-800-53-r5': 'SC-7;SC-8',
            'owasp-mcp': 'MCP07:2025',
            aisvs: '10.3.3',
          },
        },
      ],
    });
  });

  it('of the older API leaves out what that does not know', () => {
    const { apiVersion, kind, ...rest } = buildReport('policyReport', GITHUB, entries(sampleFinding()));
    expect([apiVersion, kind]).toEqual(['wgpolicyk8s.io/v1alpha2', 'PolicyReport']);
    expect(Object.keys(rest).toSorted()).toEqual(['metadata', 'results', 'scope', 'summary']);
    expect(rest.results[0]?.source).toBe('mcp-operator');
  });

  it.each<[Outcome, boolean, string, string | undefined]>([
    ['Pass', true, 'pass', undefined],
    ['Fail', true, 'fail', undefined],
    ['Fail', false, 'warn', undefined],
    ['Warn', false, 'warn', undefined],
    ['Error', true, 'error', undefined],
    ['NotApplicable', true, 'skip', 'NotApplicable'],
    ['Waived', true, 'skip', 'Waived'],
    ['Manual', true, 'skip', 'Manual'],
    ['Untestable', true, 'skip', 'Untestable'],
  ])('tells %s (scored: %s) as %s', (outcome, scored, result, reason) => {
    const report = buildReport('openReports', GITHUB, entries(sampleFinding({ outcome, scored })));
    expect(report.results[0]).toMatchObject({ result, scored });
    expect(report.results[0]?.properties['reason']).toBe(reason);
    expect(report.summary).toMatchObject({ [result]: 1 });
  });

  it('keeps the order of its results, whatever the order of the findings', () => {
    const all = Object.values(SAMPLE_FINDINGS);
    const one = buildReport('openReports', GITHUB, entries(...all));
    expect(buildReport('openReports', GITHUB, entries(...all.toReversed()))).toEqual(one);
    expect(one.results.map(({ rule }) => rule)).toEqual(all.map(({ check }) => check).toSorted());
  });

  it('has at most 500 results, and cuts those that pass first', () => {
    const many = Array.from({ length: 600 }, (_, index) =>
      sampleFinding({ check: `MCP-X${index}`, outcome: index < 550 ? 'Pass' : 'Fail' }),
    );
    const { results, summary } = buildReport('openReports', GITHUB, entries(...many));
    expect(results).toHaveLength(500);
    expect(summary).toMatchObject({ fail: 50, pass: 450 });
  });

  it('lets no text in that is long or cannot be shown', () => {
    const [entry] = entries(
      sampleFinding({ message: HOSTILE.repeat(50), controls: { x: ['y'.repeat(2000)] } }),
    );
    expect(entry?.message.length).toBeLessThanOrEqual(1024);
    expect(entry?.message).not.toMatch(/\p{C}/u);
    expect(entry?.properties['x']?.length).toBeLessThanOrEqual(512);
  });

  it('stays small: 45 results in less than 40 KiB', () => {
    const all = Array.from({ length: 45 }, (_, index) => sampleFinding({ check: `MCP-S${index}` }));
    expect(JSON.stringify(buildReport('openReports', GITHUB, entries(...all))).length).toBeLessThan(40_960);
  });
});

describe('two reports', () => {
  const before = entries(SAMPLE_FINDINGS.Fail);

  it('are the same when only the run changed', () => {
    const next = shareResults({ ...share([SAMPLE_FINDINGS.Fail]), runId: 'another' });
    expect(next).not.toEqual(before);
    expect(isSameReport(before, next)).toBe(true);
  });

  it.each([
    ['the outcome', sampleFinding({ outcome: 'Pass', resultId: 'ffff' })],
    ['the message', sampleFinding({ message: 'Other.' })],
    ['since when', sampleFinding({ firstSeenAt: '2026-11-21T00:00:00Z' })],
    ['the controls', sampleFinding({ controls: {} })],
  ])('differ when %s does', (_reason, finding) => {
    expect(isSameReport(before, entries(finding))).toBe(false);
  });
});

it('tells whose a result is, and that others are nobody of ours', () => {
  expect(entries(sampleFinding()).map(ownerOfResult)).toEqual(['ComplianceCheck/team-a/nightly']);
  expect(ownerOfResult({})).toBeUndefined();
});
