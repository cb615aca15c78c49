import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { findingLines, unfinished, waitForCheck, type CheckView } from './compliance.ts';
import type { Kubectl } from './kubectl.ts';
import type { ServerView } from './verdict.ts';

type Status = NonNullable<CheckView['status']>;
type Condition = NonNullable<Status['conditions']>[number];

const at = '2026-11-26T03:00:00Z';
const published = (reason: 'Published' | 'NoReportAPI', status: 'True' | 'False'): Condition => ({
  type: 'ReportsPublished',
  status,
  reason,
  message: '',
  observedGeneration: 1,
  lastTransitionTime: at,
});
const storeIsAway: Condition = {
  type: 'Recorded',
  status: 'False',
  reason: 'StoreUnavailable',
  message: 'work waits for the store',
  observedGeneration: 1,
  lastTransitionTime: at,
};
const done: Status = {
  phase: 'Done',
  lastRun: { id: '1', startedAt: at, finishedAt: at, trigger: 'Request' },
  lastFullRun: at,
  conditions: [published('Published', 'True')],
};
const server = (name: string, score?: number): ServerView => ({
  metadata: { name },
  status: score === undefined ? {} : { compliance: { score } },
});

describe('unfinished', () => {
  it.each<{ reason: string; status?: Status; servers?: ServerView[]; left: string[] }>([
    { reason: 'a check without a status', left: ['the run (Pending)'] },
    { reason: 'a run under way', status: { ...done, phase: 'Running' }, left: ['the run (Running)'] },
    {
      reason: 'a store that is away',
      status: { phase: 'Running', conditions: [storeIsAway] },
      left: ['the store (work waits for the store)'],
    },
    {
      reason: 'no reports',
      status: { ...done, conditions: [published('NoReportAPI', 'False')] },
      left: ['reports (NoReportAPI)'],
    },
    {
      reason: 'a server without a score',
      status: done,
      servers: [server('one', 90), server('two')],
      left: ['the score of two'],
    },
    { reason: 'everything there', status: done, servers: [server('one', 0)], left: [] },
  ])('names what is left: $reason', ({ status, servers = [], left }) => {
    expect(unfinished(status === undefined ? {} : { status }, servers)).toEqual(left);
  });
});

describe('waitForCheck', () => {
  it.each([
    { reason: 'asks a check that has not run', before: {}, asked: 1 },
    { reason: 'leaves one alone that has', before: done, asked: 0 },
  ])('$reason', async ({ before, asked }) => {
    let status = before;
    let requests = 0;
    const kubectl: Kubectl = (args) => {
      if (args[0] === 'annotate') {
        requests += 1;
        status = done;
      }
      return Promise.resolve(JSON.stringify(args[1] === 'mcpcc' ? { status } : { items: [] }));
    };
    const waiting = {
      clock: new FakeClock(),
      progress: () => undefined,
      signal: new AbortController().signal,
    };
    await waitForCheck(kubectl, waiting);
    expect(requests).toBe(asked);
  });
});

it('shows each finding once, the worst first, and below it whose it is', () => {
  const finding = (server: string, check: string) => ({
    server: `mcp-demo/${server}`,
    check,
    severity: 'high',
    message: 'Something is wrong.',
  });
  const worst = [finding('one', 'MCP-C01'), finding('two', 'MCP-C01'), finding('one', 'MCP-S08')];
  expect(findingLines(worst)).toEqual([
    '  high      MCP-C01  Something is wrong.',
    '            one, two',
    '  high      MCP-S08  Something is wrong.',
    '            one',
  ]);
});
