import { beforeAll, describe, expect, it } from 'vitest';
import { concludeAll } from './conditions.ts';
import { lastFullRun, nextStep, type Step } from './decide.ts';
import type { Observed } from './observed.ts';
import { jitterMs, loadScheduleParser, type ScheduleParser } from './schedule.ts';
import {
  aCheck,
  aClusterCheck,
  aMemory,
  aServer,
  aSummary,
  aWaiver,
  covered,
  hoursAgo,
  NOW_MS,
  observedOf,
  PROFILE,
} from './testing/objects.ts';

const HOUR_MS = 3_600_000;
const ASKED = 'mcp.kilocode.ai/run-requested-at';
let parse: ScheduleParser;
beforeAll(async () => {
  parse = await loadScheduleParser();
});

const step = (observed: Observed): Step => nextStep(observed, concludeAll(observed).Ready);

/** The step in short: why a run begins and over which servers, or how long to wait. */
function told(observed: Observed): string {
  const next = step(observed);
  if (next.kind === 'wait') return `wait ${next.inMs === undefined ? 'for news' : next.inMs}`;
  const { trigger, isFull, servers, resumed } = next.plan;
  const how = resumed === undefined ? 'run' : 'resume';
  return `${how} ${trigger} ${isFull ? 'full' : 'part'} [${servers.map(({ name }) => name).join()}]`;
}

const one = covered(aServer('one'));
const two = covered(aServer('two'));
const paused = covered(aServer('paused', { suspend: true }));
const annotated = (value: string) => {
  const check = aCheck();
  return { ...check, metadata: { ...check.metadata, annotations: { [ASKED]: value } } };
};
/** The servers were evaluated as they are. */
const evaluated = (...servers: readonly (typeof one)[]) => ({
  summaries: new Map(
    servers.map(({ server }) => [server.metadata.uid ?? '', aSummary(server.metadata.name, [])]),
  ),
  subjects: new Map(servers.map(({ server, subject }) => [server.metadata.uid ?? '', subject])),
});

describe('the next step', () => {
  it('without a store waits', () => {
    const { memory: _, ...observed } = observedOf(aCheck());
    expect(told(observed)).toBe('wait for news');
  });

  it.each([
    ['history was not read', { isRestored: false }],
    ['a run is under way', { isBusy: true }],
  ])('while %s waits', (_why, fields) => {
    const check = aCheck();
    const memory = aMemory(check, { ...fields, lastFull: undefined, last: undefined });
    expect(told(observedOf(check, { memory, servers: [one] }))).toBe('wait for news');
  });

  it('of a new check is a run over all servers that are not suspended', () => {
    const check = aCheck();
    const memory = aMemory(check, { lastFull: undefined, last: undefined });
    expect(told(observedOf(check, { memory, servers: [one, paused, two] }))).toBe(
      'run Change full [one,two]',
    );
  });

  it('of a new check gives servers that come up the time to', () => {
    const check = aCheck();
    const memory = aMemory(check, { lastFull: undefined, last: undefined });
    const restInMs = ({ server }: typeof one) => (server.metadata.name === 'two' ? 5_000 : 0);
    expect(told(observedOf(check, { memory, servers: [one, two], restInMs }))).toBe('wait 5000');
  });

  it('of a changed check is a full run, unless it is not to follow changes and has a schedule', () => {
    const memory = (check: ReturnType<typeof aCheck>) =>
      aMemory(check, { lastFull: { startedAt: hoursAgo(1), generation: 1 } });
    const follows = aCheck();
    expect(told(observedOf(follows, { memory: memory(follows) }))).toBe('run Change full []');
    const waits = aCheck({ onChange: false, schedule: '0 * * * *' });
    const schedule = parse('30 12 * * *', 'Etc/UTC');
    expect(told(observedOf(waits, { memory: memory(waits), schedule }))).toMatch(/^wait \d+$/);
  });

  it.each([
    [
      'is to come: wait for it, and the delay of this check',
      '0 13 * * *',
      1,
      `wait ${HOUR_MS + jitterMs('check-uid')}`,
    ],
    ['was missed once: run', '0 11 * * *', 2, 'run Schedule full [one]'],
    ['was missed often: run once', '0 * * * *', 50, 'run Schedule full [one]'],
  ])('when the time of the schedule %s', (_what, pattern, hours, expected) => {
    const check = aCheck({ schedule: pattern });
    const memory = aMemory(check, {
      lastFull: { startedAt: hoursAgo(hours), generation: 2 },
      ...evaluated(one),
    });
    const schedule = parse(pattern, 'Etc/UTC');
    expect(told(observedOf(check, { memory, schedule, servers: [one] }))).toBe(expected);
  });

  it('after a missed time is the time after it, not another run', () => {
    const check = aCheck({ schedule: '0 * * * *' });
    const memory = aMemory(check, { lastFull: { startedAt: new Date(NOW_MS).toISOString(), generation: 2 } });
    const schedule = parse('0 * * * *', 'Etc/UTC');
    expect(told(observedOf(check, { memory, schedule }))).toBe(`wait ${HOUR_MS + jitterMs('check-uid')}`);
  });

  it.each([
    ['is new', '2026-11-25T11:00:00Z', {}, 'run Request full []'],
    ['was answered', '2026-11-25T11:00:00Z', { answered: '2026-11-25T11:00:00Z' }, 'wait for news'],
    ['is another', '2026-11-25T11:00:01Z', { answered: '2026-11-25T11:00:00Z' }, 'run Request full []'],
    ['makes no sense', 'now', {}, 'wait for news'],
  ])('of a request that %s', (_what, value, fields, expected) => {
    const check = annotated(value);
    expect(told(observedOf(check, { memory: aMemory(check, fields) }))).toBe(expected);
  });

  it('knows from the status which request a process before answered', () => {
    const check = {
      ...annotated('2026-11-25T11:00:00Z'),
      status: { lastRunRequest: '2026-11-25T11:00:00Z' },
    };
    expect(told(observedOf(check))).toBe('wait for news');
  });

  it('of a check whose profile is another under the same name is a full run', () => {
    const check = aCheck();
    const other = { ...PROFILE, hash: 'sha256:other' };
    const observed = observedOf(check, { profile: { kind: 'profile', profile: other } });
    expect(told(observed)).toBe('run Change full []');
  });

  it('of a suspended check is nothing, whatever is due', () => {
    const check = { ...annotated('2026-11-25T11:00:00Z'), spec: aCheck({ suspend: true }).spec };
    expect(told(observedOf(check, { servers: [one] }))).toBe('wait for news');
  });

  it.each([
    ['a profile that is missing', { profile: { kind: 'missing' } as const }],
    ['a profile that is invalid', { profile: { kind: 'invalid', message: 'no check X' } as const }],
    ['a schedule that is', { schedule: { kind: 'invalid', message: 'spec.schedule: no' } as const }],
  ])('with %s is nothing', (_what, fields) => {
    const check = aCheck();
    expect(told(observedOf(check, { servers: [one], ...fields }))).toBe('wait for news');
  });

  it('is a run over the servers that changed and are at rest', () => {
    const check = aCheck();
    const memory = aMemory(check, { ...evaluated(one, two) });
    memory.subjects.set('uid-two', 'other');
    expect(told(observedOf(check, { memory, servers: [one, two] }))).toBe('run Change part [two]');
    expect(told(observedOf(check, { memory, servers: [one, two], restInMs: () => 700 }))).toBe('wait 700');
    expect(told(observedOf(check, { memory, servers: [one] }))).toBe('wait for news');
  });

  it('is one over a server that is new', () => {
    const check = aCheck();
    const memory = aMemory(check, { ...evaluated(one) });
    expect(told(observedOf(check, { memory, servers: [one, two] }))).toBe('run Change part [two]');
  });

  it('is none for changes that the check is not to follow', () => {
    const check = aCheck({ onChange: false });
    expect(told(observedOf(check, { servers: [one] }))).toBe('wait for news');
  });

  it('takes from the status of a server what a process before evaluated', () => {
    const check = aCheck();
    const judged = (subject: string) => {
      const status = { compliance: { failed: 0, lastRun: hoursAgo(1), subject } };
      const { server } = one;
      return covered({ ...server, status });
    };
    const { summaries } = evaluated(one);
    const told2 = (subject: string) =>
      told(observedOf(check, { memory: aMemory(check, { summaries }), servers: [judged(subject)] }));
    expect(told2(one.subject)).toBe('wait for news');
    expect(told2('sha256:other')).toBe('run Change part [one]');
  });

  it('when a waiver ends is a full run, and before that the wait for it', () => {
    const ending = (expiresAt: string) => {
      const check = aClusterCheck({ waivers: [aWaiver({ expiresAt })] });
      return told(observedOf(check, { memory: aMemory(check) }));
    };
    expect(ending('2026-11-25T11:30:00Z')).toBe('run Change full []');
    expect(ending('2026-11-25T12:00:05Z')).toBe('wait 5000');
    // It was over before the last run, which knew.
    expect(ending('2026-11-25T10:30:00Z')).toBe('wait for news');
  });
});

describe('a run that was broken off', () => {
  const run = {
    id: 'run-9',
    profile: { name: PROFILE.name, hash: PROFILE.hash },
    trigger: 'Schedule',
    tool: { name: 'test', version: '0' },
    startedAt: hoursAgo(1),
  } as const;
  const servers = [one, two].map(({ server: { metadata } }) => ({
    namespace: 'team-a',
    name: metadata.name,
    uid: metadata.uid ?? '',
  }));
  const open = (fields: object = {}) => ({ run: { ...run, ...fields }, servers, done: ['uid-one'] });

  it('goes on, with its id and all its servers, also while the check is suspended', () => {
    for (const check of [aCheck(), aCheck({ suspend: true })]) {
      const observed = observedOf(check, {
        memory: aMemory(check, { openRun: open() }),
        servers: [one, two],
      });
      expect(told(observed)).toBe('resume Schedule full [one,two]');
      const next = step(observed);
      expect(next.kind === 'run' && next.plan.resumed?.run.id).toBe('run-9');
    }
  });

  it('counts as partial when it began without a server that is covered now', () => {
    const check = aCheck();
    const memory = aMemory(check, { openRun: open() });
    const observed = observedOf(check, { memory, servers: [one, two, covered(aServer('three'))] });
    expect(told(observed)).toBe('resume Schedule part [one,two]');
  });

  it('answers the request that it began for', () => {
    const check = annotated('2026-11-25T11:00:00Z');
    const memory = aMemory(check, { openRun: open({ trigger: 'Request' }) });
    const next = step(observedOf(check, { memory, servers: [one, two] }));
    expect(next.kind === 'run' && next.plan.request).toBe('2026-11-25T11:00:00Z');
  });

  it.each([
    [
      'another profile',
      { profile: { kind: 'profile', profile: { ...PROFILE, hash: 'sha256:other' } } as const },
    ],
    ['a profile that is gone', { profile: { kind: 'missing' } as const }],
  ])('is summed up as it is under %s', (_what, fields) => {
    const check = aCheck();
    const memory = aMemory(check, { openRun: open() });
    expect(told(observedOf(check, { memory, servers: [one, two], ...fields }))).toBe(
      'resume Schedule full [one]',
    );
  });
});

describe('lastFullRun', () => {
  const status = { lastFullRun: hoursAgo(5), evaluatedGeneration: 1 };
  it.each([
    ['this process', { lastFull: { startedAt: hoursAgo(2), generation: 2 } }, hoursAgo(2)],
    ['the status', { lastFull: undefined, last: undefined }, hoursAgo(5)],
    ['history, when the status was not written any more', { lastFull: undefined }, hoursAgo(1)],
  ])('comes from %s', (_what, fields, startedAt) => {
    const check = { ...aCheck(), status };
    expect(lastFullRun(check, aMemory(check, fields))?.startedAt).toBe(startedAt);
  });

  it('is none of a check that never ran, and no run over a few servers', () => {
    const check = aCheck();
    expect(lastFullRun(check, aMemory(check, { lastFull: undefined, last: undefined }))).toBeUndefined();
    const { last } = aMemory(check);
    const changed = last && { ...last, trigger: 'Change' as const };
    expect(lastFullRun(check, aMemory(check, { lastFull: undefined, last: changed }))).toBeUndefined();
  });
});
