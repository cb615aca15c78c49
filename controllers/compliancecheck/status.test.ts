import { describe, expect, it } from 'vitest';
import { announcements, serverAnnouncements } from './announcements.ts';
import { concludeAll } from './conditions.ts';
import type { Observed } from './observed.ts';
import { buildStatus } from './status.ts';
import {
  aCheck,
  aClusterCheck,
  aFinding,
  aMemory,
  aServer,
  aSummary,
  aWaiver,
  covered,
  hoursAgo,
  observedOf,
} from './testing/objects.ts';

const status = (observed: Observed) => buildStatus(observed, concludeAll(observed));
const reasons = (observed: Observed) =>
  Object.fromEntries((status(observed).conditions ?? []).map(({ type, reason }) => [type, reason]));
const one = covered(aServer('one'));
const failing = aFinding({ check: 'MCP-S08', outcome: 'Fail', message: 'It lets everybody in.' });
const summaries = new Map([['uid-one', aSummary('one', [aFinding(), failing])]]);

describe('the conditions', () => {
  const check = aCheck();
  const memory = (fields: object) => ({ memory: aMemory(check, fields) });
  const { memory: _, ...storeless } = observedOf(check);

  it.each<[string, Observed, object]>([
    ['all well', observedOf(check), { Ready: 'Ready', Recorded: 'Recorded', ReportsPublished: 'NotRunYet' }],
    ['no store', storeless, { Ready: 'StoreRequired', Recorded: 'StoreRequired' }],
    ['no profile', observedOf(check, { profile: { kind: 'missing' } }), { Ready: 'ProfileNotFound' }],
    [
      'a profile with an unknown check',
      observedOf(check, { profile: { kind: 'invalid', message: 'no check MCP-X01' } }),
      { Ready: 'ProfileInvalid' },
    ],
    [
      'a selector that is wrong',
      observedOf(aCheck({ serverSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } })),
      { Ready: 'InvalidSelector' },
    ],
    [
      'a schedule that is wrong',
      observedOf(check, { schedule: { kind: 'invalid', message: 'spec.schedule: no' } }),
      { Ready: 'InvalidSchedule' },
    ],
    [
      'a schedule that never comes',
      observedOf(check, { schedule: { kind: 'schedule', schedule: { nextMs: () => undefined } } }),
      { Ready: 'InvalidSchedule' },
    ],
    ['suspended', observedOf(aCheck({ suspend: true })), { Ready: 'Suspended' }],
    ['no run yet', observedOf(check, memory({ last: undefined })), { Recorded: 'NotRunYet' }],
    [
      'the store away',
      observedOf(check, memory({ storeProblem: 'refused' })),
      { Recorded: 'StoreUnavailable' },
    ],
    [
      'reports written',
      observedOf(check, { servers: [one], ...memory({ hasPublished: true }) }),
      { ReportsPublished: 'Published' },
    ],
    ...(
      [
        ['noAPI', 'NoReportAPI'],
        ['foreign', 'ForeignReport'],
        ['failed', 'PublishFailed'],
        ['suspended', 'PublishFailed'],
      ] as const
    ).map(([kind, reason]): [string, Observed, object] => [
      `a report ${kind}`,
      observedOf(check, {
        servers: [one],
        ...memory({ hasPublished: true, reports: new Map([['uid-one', kind]]) }),
      }),
      { ReportsPublished: reason },
    ]),
    [
      'a report of a server that is no longer covered',
      observedOf(check, memory({ hasPublished: true, reports: new Map([['uid-two', 'failed']]) })),
      { ReportsPublished: 'Published' },
    ],
  ])('%s', (_what, observed, expected) => {
    expect(reasons(observed)).toMatchObject(expected);
  });

  it('keep what a process before concluded of reports, until there is something newer', () => {
    const before = status(observedOf(check, { servers: [one], ...memory({ hasPublished: true }) }));
    expect(reasons(observedOf({ ...check, status: before }))).toMatchObject({
      ReportsPublished: 'Published',
    });
  });

  it('hold no time, and change lastTransitionTime with the status alone', () => {
    const before = status(observedOf(check));
    const later = observedOf({ ...check, status: before }, { nowMs: Date.parse('2026-12-25T12:00:00Z') });
    expect(status(later).conditions).toEqual(before.conditions);
  });
});

describe('the status', () => {
  const check = aCheck({ schedule: '0 * * * *' });

  it('sums up the servers that are covered', () => {
    const observed = observedOf(check, { servers: [one], memory: aMemory(check, { summaries }) });
    expect(status(observed)).toMatchObject({
      phase: 'Done',
      result: 'NonCompliant',
      score: 50,
      coverage: 100,
      counts: { pass: 1, fail: 1 },
      servers: 1,
      worst: [{ server: 'team-a/one', check: 'MCP-S08', message: 'It lets everybody in.' }],
      lastRun: { id: 'run-1', trigger: 'Schedule', startedAt: '2026-11-25T11:00:00Z' },
      lastFullRun: '2026-11-25T11:00:00Z',
      evaluatedGeneration: 2,
      observedGeneration: 2,
    });
    expect(status(observedOf(check, { memory: aMemory(check, { summaries }) }))).toMatchObject({
      result: 'NotApplicable',
      servers: 0,
    });
  });

  it('is an error while a server that is covered could not be evaluated', () => {
    const memory = aMemory(check, { unevaluated: new Set(['uid-one']) });
    expect(status(observedOf(check, { servers: [one], memory })).result).toBe('Error');
    expect(status(observedOf(check, { memory })).result).toBe('NotApplicable');
  });

  it('is the same when it is built again of itself', () => {
    const observed = observedOf(check, { servers: [one], memory: aMemory(check, { summaries }) });
    const first = status(observed);
    expect(status({ ...observed, check: { ...check, status: first } })).toEqual(first);
  });

  it('keeps the figures of before while a run is under way, and names the run', () => {
    const before = status(observedOf(check, { servers: [one], memory: aMemory(check, { summaries }) }));
    const current = { id: 'run-2', startedAt: hoursAgo(0), trigger: 'Request', phase: 'Running' } as const;
    const memory = aMemory(check, { current, summaries: new Map() });
    expect(status(observedOf({ ...check, status: before }, { servers: [one], memory }))).toMatchObject({
      phase: 'Running',
      result: 'NonCompliant',
      score: 50,
      lastRun: { id: 'run-2', trigger: 'Request' },
    });
  });

  it('stays as it is until history was read', () => {
    const before = status(observedOf(check, { servers: [one], memory: aMemory(check, { summaries }) }));
    const memory = aMemory(check, { isRestored: false, last: undefined });
    const { conditions: _, ...rest } = before;
    expect(status(observedOf({ ...check, status: before }, { memory }))).toMatchObject(rest);
    expect(status(observedOf(check, { memory })).phase).toBe('Pending');
  });

  it('counts how waivers stand', () => {
    const fleet = aClusterCheck({ waivers: [aWaiver(), aWaiver({ check: 'MCP-P01' })] });
    const waived = aFinding({ check: 'MCP-S08', outcome: 'Waived' });
    const memory = aMemory(fleet, { summaries: new Map([['uid-one', aSummary('one', [waived])]]) });
    expect(status(observedOf(fleet, { servers: [one], memory })).waivers).toEqual({
      active: 1,
      expired: 0,
      unused: 1,
      invalid: 0,
    });
  });
});

describe('events', () => {
  const check = aCheck();
  const good = status(
    observedOf(check, {
      servers: [one],
      memory: aMemory(check, { summaries: new Map([['uid-one', aSummary('one', [aFinding()])]]) }),
    }),
  );
  const bad = status(observedOf(check, { servers: [one], memory: aMemory(check, { summaries }) }));
  const away = status(observedOf(check, { memory: aMemory(check, { storeProblem: 'refused' }) }));
  const told = (before: typeof good | undefined, after: typeof good) =>
    announcements(before, after).map(({ type, reason }) => `${type} ${reason}`);

  it('are told of changes alone', () => {
    expect(told(undefined, good)).toEqual(['Normal Compliant']);
    expect(told(good, bad)).toEqual(['Warning NonCompliant']);
    expect(told(bad, good)).toEqual(['Normal Compliant']);
    expect(told(bad, bad)).toEqual([]);
    expect(told(good, { ...good, ...away, result: 'Compliant' })).toEqual(['Warning StoreUnavailable']);
    expect(told(away, { ...away })).toEqual([]);
  });

  it('name new failures once a run', () => {
    const changes = { new: 2, resolved: 0, unchanged: 1, incomparable: 0 };
    const next = {
      ...bad,
      changes,
      lastRun: {
        ...bad.lastRun,
        id: 'run-2',
        startedAt: hoursAgo(0),
        finishedAt: hoursAgo(0),
        trigger: 'Schedule' as const,
      },
    };
    expect(announcements(bad, next)).toEqual([
      expect.objectContaining({
        reason: 'NewFailures',
        note: '2 new failures; the worst now: MCP-S08 at team-a/one',
      }),
    ]);
    expect(announcements(next, next)).toEqual([]);
  });

  it('of a server are told when it becomes compliant or stops being so', () => {
    const compliant = (
      state: 'True' | 'False' | 'Unknown',
      reason: 'Compliant' | 'NonCompliant' | 'NotEvaluated',
    ) => ({
      type: 'Compliant' as const,
      status: state,
      reason,
      message: 'why',
      observedGeneration: 1,
      lastTransitionTime: hoursAgo(1),
    });
    const [yes, no, unknown] = [
      compliant('True', 'Compliant'),
      compliant('False', 'NonCompliant'),
      compliant('Unknown', 'NotEvaluated'),
    ];
    const reasonsOf = (...[before, after]: readonly (typeof yes | undefined)[]) =>
      serverAnnouncements(before, after).map(({ reason }) => reason);
    expect(reasonsOf(undefined, no)).toEqual(['NonCompliant']);
    expect(reasonsOf(yes, no)).toEqual(['NonCompliant']);
    expect(reasonsOf(no, yes)).toEqual(['Compliant']);
    expect(reasonsOf(no, no)).toEqual([]);
    expect(reasonsOf(no, unknown)).toEqual([]);
    expect(reasonsOf(no, undefined)).toEqual([]);
  });
});
