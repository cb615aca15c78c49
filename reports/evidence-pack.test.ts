import { describe, expect, it } from 'vitest';
import { formatPack } from './evidence-pack.ts';
import type { EvidencePack } from './pack.ts';
import {
  HOSTILE,
  SAMPLE_FINDINGS,
  SAMPLE_RESULTS,
  hostileReport,
  sampleHistory,
  sampleReport,
  sampleRun,
} from './testing/sample.ts';

const pack: EvidencePack = {
  period: { from: '2026-10-27T00:00:00.000Z', to: '2026-11-26T00:00:00.000Z' },
  generatedAt: '2026-11-26T08:00:00.000Z',
  runs: [sampleRun(), ...sampleHistory([64, 69]).toReversed()],
  truncated: false,
  last: [{ run: sampleRun(), results: SAMPLE_RESULTS }],
  transitions: [
    { runId: '00000000-0000-4000-8000-000000000001', finding: { ...SAMPLE_FINDINGS.Waived, state: 'new' } },
  ],
  changes: [
    {
      key: 'k',
      kind: 'WaiverChanged',
      object: { kind: 'ClusterComplianceCheck', namespace: '', name: 'all', uid: 'u' },
      changedBy: 'alice',
      summary: 'Waiver of MCP-W06 added.',
      at: '2026-11-02T10:00:00.000Z',
    },
  ],
  ...(sampleReport().proof && { proof: sampleReport().proof }),
};

describe('an evidence pack', () => {
  it('as JSON has findings, waivers, changes and the proof', () => {
    const json = JSON.parse(formatPack('json', pack)) as Record<string, readonly unknown[]>;
    expect(json).toMatchObject({
      period: pack.period,
      summary: { runs: 3, transitions: 1, changes: 1, failures: { high: 1, medium: 1 } },
      changes: [{ kind: 'WaiverChanged', changedBy: 'alice' }],
      ledger: { intact: true, head: { seq: 1804 } },
    });
    expect(json['findings']).toHaveLength(8);
    expect(json['evidence']).toHaveLength(1);
  });

  it('names a waiver once, however often it was used', () => {
    const { waivers } = JSON.parse(formatPack('json', pack)) as { waivers: readonly unknown[] };
    expect(waivers).toEqual([
      {
        check: 'MCP-W06',
        server: 'team-b/MCPServer/weather',
        reason: 'The vendor writes its cache beside the program; fixed in 2.1.',
        owner: 'platform-team',
        expiresAt: '2027-01-31T00:00:00.000Z',
      },
    ]);
  });

  it('as CSV has the run of each finding', () => {
    const lines = formatPack('csv', pack).split('\r\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatch(/^"run","namespace",/);
    expect(lines.at(-1)).toMatch(/^"00000000-0000-4000-8000-000000000001","team-b"/);
  });

  it('as a page shows what changed, and by whom', () => {
    const html = formatPack('html', pack);
    expect(html).toContain('<title>Evidence pack, 2026-10-27 to 2026-11-26</title>');
    for (const text of [
      'alice',
      'Waiver of MCP-W06 added.',
      'platform-team',
      'ClusterComplianceCheck/all',
      'intact',
    ])
      expect(html).toContain(text);
  });

  it('lets nothing hostile into the page', () => {
    const { run, results } = hostileReport();
    const [change] = pack.changes;
    const hostile = formatPack('html', {
      ...pack,
      last: [{ run, results }],
      changes: change === undefined ? [] : [{ ...change, changedBy: HOSTILE, summary: HOSTILE }],
    });
    expect(hostile).not.toMatch(/<script|<img/);
  });
});
