import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { ApprovalRow } from '../../approval/index.ts';
import { OPENED, aRow, later } from '../../approval/testing/rows.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { createApprovalMetrics } from './metrics.ts';

describe('what Prometheus sees of approval', () => {
  const clock = new FakeClock(later(60).getTime());
  const setup = (...rows: readonly ApprovalRow[]) => {
    const registry = new Registry();
    return { registry, metrics: createApprovalMetrics(registry, () => rows, clock) };
  };

  it('is how many are open, by phase, and how long the oldest has waited', async () => {
    const { registry } = setup(
      aRow({ createdAt: OPENED.toISOString() }),
      aRow({ createdAt: later(30).toISOString() }),
      aRow({ createdAt: later(-600).toISOString() }, { phase: 'Approved' }),
    );
    const text = await registry.metrics();
    expect(text).toContain('mcp_approval_requests{phase="Pending"} 2');
    expect(text).toContain('mcp_approval_requests{phase="Approved"} 1');
    expect(text).toContain('mcp_approval_requests{phase="Executing"} 0');
    expect(text).toContain('mcp_approval_oldest_pending_seconds 60');
    expect(text).not.toContain('phase="Denied"} 1');
  });

  it('is 0 where nothing waits', async () => {
    expect(await setup().registry.metrics()).toContain('mcp_approval_oldest_pending_seconds 0');
  });

  it('is how many came into which phase, and how long people took', async () => {
    const { registry, metrics } = setup();
    const pending = aRow();
    metrics.moved(undefined, pending);
    metrics.moved(pending, { ...pending, phase: 'Denied' });
    metrics.moved({ ...pending, phase: 'Approved' }, { ...pending, phase: 'Denied' });
    const text = await registry.metrics();
    expect(text).toContain('mcp_approval_transitions_total{phase="Pending"} 1');
    expect(text).toContain('mcp_approval_transitions_total{phase="Denied"} 2');
    expect(text).toContain('mcp_approval_transitions_total{phase="Failed"} 0');
    expect(text).toContain('mcp_approval_decision_seconds_count{phase="Denied"} 1');
    expect(text).toContain('mcp_approval_decision_seconds_sum{phase="Denied"} 60');
  });
});
