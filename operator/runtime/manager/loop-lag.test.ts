import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { loopTurns, measureLoopLag, registerLoopLag } from './loop-lag.ts';

/** A monitor whose timers come `lateMs` late, for each of `late`. */
async function lagAfter(late: readonly number[]) {
  const fake = new FakeClock();
  let lateMs = 0;
  const clock: Clock = {
    now: () => fake.now(),
    monotonicMs: () => fake.monotonicMs(),
    sleep: (durationMs, signal) => fake.sleep(durationMs, signal),
    setTimeout: (callback, durationMs) => fake.setTimeout(callback, durationMs + lateMs),
  };
  const stop = new AbortController();
  lateMs = late[0] ?? 0;
  const lag = measureLoopLag(clock, stop.signal);
  for (const [position, eachMs] of late.entries()) {
    lateMs = late[position + 1] ?? 0;
    await fake.advance(250 + eachMs);
  }
  return { lag, fake, stop };
}

const times = (count: number, lateMs: number): number[] => Array.from({ length: count }, () => lateMs);

it.each<[string, readonly number[], readonly [number, number, number]]>([
  ['nothing yet', [], [0, 0, 0]],
  ['always in time', times(10, 0), [0, 0, 0]],
  ['late twice in a hundred', [...times(98, 1), 40, 30], [1, 30, 40]],
  ['late more than a minute ago', [5_000, ...times(240, 2)], [2, 2, 2]],
])('counts how late timers came: %s', async (_name, late, expected) => {
  const { lag } = await lagAfter(late);
  expect([lag.quantileMs(0.5), lag.quantileMs(0.99), lag.quantileMs(1)]).toEqual(expected);
});

it.each<[string, readonly number[], string | undefined]>([
  ['a loop that turns', times(5, 3), undefined],
  ['one long pause', [0, 0, 60_000], undefined],
  ['a pause that is over', [2_000, 2_000, 2_000, 1], undefined],
  ['too late again and again', [0, 1_500, 1_200, 60_000], 'is 1200 ms late each time'],
  ['too late from the start, but not yet often', [2_000, 2_000], undefined],
  [
    'too late where the samples wrap round',
    [...times(239, 0), 1_500, 1_500, 1_500],
    'is 1500 ms late each time',
  ],
])('is healthy or not: %s', async (_name, late, problem) => {
  const { lag } = await lagAfter(late);
  expect(loopTurns(lag).problem()).toBe(problem);
});

it('leaves no timer behind', async () => {
  const { fake, stop } = await lagAfter([0]);
  expect(fake.pendingTimers).toBe(1);
  stop.abort();
  await fake.advance(250);
  expect(fake.pendingTimers).toBe(0);
});

it('notices a loop that is really blocked', async () => {
  const stop = new AbortController();
  const lag = measureLoopLag(systemClock, stop.signal);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  while (lag.quantileMs(1) === 0) await systemClock.sleep(1);
  stop.abort();
  expect(lag.quantileMs(1)).toBeGreaterThan(150);
});

it('is told in seconds, under the names that dashboards know', async () => {
  const registry = new Registry();
  registerLoopLag(registry, { quantileMs: (share) => share * 1000, steadyMs: () => 0 });
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).toEqual([
    'nodejs_eventloop_lag_p50_seconds 0.5',
    'nodejs_eventloop_lag_p99_seconds 0.99',
    'nodejs_eventloop_lag_max_seconds 1',
  ]);
});
