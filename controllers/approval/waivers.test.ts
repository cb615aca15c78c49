import { describe, expect, it } from 'vitest';
import type { ExecutedAction } from '../../approval/index.ts';
import { ApprovedWaivers, approvalsIn } from './waivers.ts';

const KEY = { namespace: 'team-a', name: 'nightly' };
const action = (effect: ExecutedAction['effect'], executedAt: string): ExecutedAction => ({
  requestUid: 'uid',
  namespace: 'team-a',
  requestName: 'waive',
  kind: 'Waive',
  targetUid: 'check',
  effect,
  executedAt,
  ledgerSeq: 1,
});

describe('approved waivers', () => {
  it('are those of executed requests, each with its last time', () => {
    const approvals = approvalsIn([
      action({ kind: 'Waiver', check: 'MCP-W01', waiverHash: 'one' }, '2026-01-01'),
      action({ kind: 'Waiver', check: 'MCP-W01', waiverHash: 'one' }, '2026-02-01'),
      action({ kind: 'Quarantine', operation: 'Begin' }, '2026-03-01'),
    ]);
    expect([...approvals]).toEqual([['one', '2026-02-01']]);
  });

  it('are told of when they are news, and only then', () => {
    const waivers = new ApprovedWaivers();
    const told: string[] = [];
    const stop = waivers.watch().start(({ name }) => void told.push(name));
    const approvals = new Map([['one', '2026-01-01']]);
    waivers.put(KEY, 'uid', approvals);
    waivers.put(KEY, 'uid', new Map(approvals));
    expect(told).toEqual(['nightly']);
    expect(waivers.approvalsOf('uid')).toEqual(approvals);
    waivers.put(KEY, 'uid', new Map());
    expect(waivers.approvalsOf('uid').size).toBe(0);
    expect(told).toHaveLength(2);
    stop();
    waivers.put(KEY, 'uid', approvals);
    expect(told).toHaveLength(2);
  });
});
