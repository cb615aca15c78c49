import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { openLoop } from './open-loop.ts';

const NEVER = new AbortController().signal;

describe('openLoop', () => {
  it('sends when it is time, also while nothing is answered', async () => {
    const clock = new FakeClock();
    const sentAtMs: number[] = [];
    const answering: (() => void)[] = [];
    const send = (): Promise<void> => {
      sentAtMs.push(clock.monotonicMs());
      return new Promise((resolve) => answering.push(resolve));
    };
    const running = openLoop({ ratePerSecond: 200, durationMs: 20 }, clock, send, NEVER);
    await clock.advance(100);
    expect(sentAtMs).toEqual([0, 5, 10, 15]);
    for (const answer of answering) answer();
    expect(await running).toEqual([100, 95, 90, 85]);
  });

  it('counts from the time at which a request was due, not from when it was sent', async () => {
    const clock = new FakeClock();
    const late = { ...clockOf(clock), sleep: (ms: number) => clock.sleep(ms + 7) };
    const running = openLoop({ ratePerSecond: 100, durationMs: 20 }, late, () => Promise.resolve(), NEVER);
    await clock.advance(100);
    expect(await running).toEqual([7, 7]);
  });

  it('says which one is sent, and when it was due', async () => {
    const clock = new FakeClock();
    const sent: (readonly number[])[] = [];
    const send = (index: number, dueMs: number): Promise<void> => {
      sent.push([index, dueMs]);
      return Promise.resolve();
    };
    const running = openLoop({ ratePerSecond: 100, durationMs: 30 }, clock, send, NEVER);
    await clock.advance(100);
    await running;
    expect(sent).toEqual([
      [0, 0],
      [1, 10],
      [2, 20],
    ]);
  });

  it('fails with the first failure', async () => {
    const clock = new FakeClock();
    const send = (): Promise<void> => Promise.reject(new Error('refused'));
    const running = expect(
      openLoop({ ratePerSecond: 1, durationMs: 1000 }, clock, send, NEVER),
    ).rejects.toThrow('refused');
    await clock.advance(1);
    await running;
  });
});

/** The methods of a clock, to replace one of them. */
function clockOf(clock: FakeClock) {
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    setTimeout: (callback: () => void, durationMs: number) => clock.setTimeout(callback, durationMs),
  };
}
