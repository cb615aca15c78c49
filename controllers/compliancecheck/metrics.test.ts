import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createComplianceMetrics, type ComplianceMetrics } from './metrics.ts';

const KEY = { namespace: 'team-a', name: 'nightly' };
const finding = (check: string, outcome: 'Pass' | 'Fail') => ({ check, severity: 'high', outcome }) as const;
const VERDICT = {
  score: 71,
  coverage: 88,
  finishedAt: '2026-11-25T02:00:41.000Z',
  findings: [finding('MCP-S08', 'Fail'), finding('MCP-S08', 'Fail'), finding('MCP-S08', 'Pass')],
};

async function exposed(act: (metrics: ComplianceMetrics) => void): Promise<readonly string[]> {
  const registry = new Registry();
  act(createComplianceMetrics(registry));
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith('mcp_'));
}

describe('the metrics of compliance', () => {
  it('count servers by check, severity and result, and tell figures and when', async () => {
    const lines = await exposed((metrics) => metrics.verdict(KEY, VERDICT));
    for (const line of [
      'mcp_compliance_result{namespace="team-a",name="nightly",check="MCP-S08",severity="high",result="Fail"} 2',
      'mcp_compliance_result{namespace="team-a",name="nightly",check="MCP-S08",severity="high",result="Pass"} 1',
      'mcp_compliance_score{namespace="team-a",name="nightly"} 71',
      'mcp_compliance_coverage{namespace="team-a",name="nightly"} 88',
      `mcp_compliance_last_run_timestamp_seconds{namespace="team-a",name="nightly"} ${Date.parse(VERDICT.finishedAt) / 1000}`,
    ])
      expect(lines).toContain(line);
    const unknown = await exposed((metrics) => {
      metrics.ledger('continued');
      metrics.ledger('unknown');
    });
    expect(unknown.filter((line) => line.startsWith('mcp_compliance_ledger_restored'))).toEqual([]);
  });

  it('keep no series of results that are no more', async () => {
    const lines = await exposed((metrics) => {
      metrics.verdict(KEY, VERDICT);
      metrics.verdict(KEY, { finishedAt: VERDICT.finishedAt, findings: [finding('MCP-S08', 'Pass')] });
    });
    expect(lines.filter((line) => line.startsWith('mcp_compliance_result'))).toHaveLength(1);
    expect(lines.filter((line) => /^mcp_compliance_(score|coverage)/.test(line))).toEqual([]);
  });

  it('keep no series of a check that is gone, and those of the others', async () => {
    const lines = await exposed((metrics) => {
      metrics.verdict(KEY, VERDICT);
      metrics.verdict({ namespace: '', name: 'all' }, VERDICT);
      metrics.forget(KEY);
    });
    expect(lines.filter((line) => line.includes('nightly'))).toEqual([]);
    expect(lines.filter((line) => line.includes('name="all"'))).toHaveLength(5);
  });

  it('time runs, and begin at zero for each result', async () => {
    const lines = await exposed((metrics) => metrics.ran({ durationMs: 42_000, result: 'Compliant' }));
    expect(lines).toContain('mcp_compliance_run_duration_seconds_sum{result="Compliant"} 42');
    expect(lines).toContain('mcp_compliance_run_duration_seconds_count{result="Error"} 0');
  });

  it('say nothing of a store that nobody asked', async () => {
    expect((await exposed(() => undefined)).filter((line) => /ledger|outbox/.test(line))).toEqual([]);
    const lines = await exposed((metrics) => {
      metrics.store({ outbox: { pending: 3, dead: 1 }, ledgerHead: 1804 });
      metrics.reported('published');
      metrics.ledger('broken');
    });
    for (const line of [
      'mcp_compliance_outbox_depth{state="pending"} 3',
      'mcp_compliance_outbox_depth{state="dead"} 1',
      'mcp_compliance_ledger_head 1804',
      'mcp_compliance_ledger_restored 1',
      'mcp_compliance_report_publications_total{outcome="published"} 1',
    ])
      expect(lines).toContain(line);
  });
});
