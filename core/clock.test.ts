import { describe, expect, it } from 'vitest';
import { pause, systemClock } from './clock.ts';
import { FakeClock } from './testing/fake-clock.ts';

describe('FakeClock', () => {
  it('runs callbacks in the order of their deadlines, also those scheduled on the way', async () => {
    const clock = new FakeClock();
    const ran: string[] = [];
    clock.setTimeout(() => ran.push(`late ${clock.monotonicMs()}`), 30);
    clock.setTimeout(() => {
      ran.push(`early ${clock.monotonicMs()}`);
      clock.setTimeout(() => ran.push(`nested ${clock.monotonicMs()}`), 5);
    }, 10);
    await clock.advance(30);
    expect(ran).toEqual(['early 10', 'nested 15', 'late 30']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not run what is not due, or was cancelled', async () => {
    const clock = new FakeClock();
    let ran = 0;
    clock.setTimeout(() => ran++, 11);
    clock.setTimeout(() => ran++, 5).cancel();
    await clock.advance(10);
    expect(ran).toBe(0);
  });

  it('moves wall time with monotonic time', async () => {
    const clock = new FakeClock(Date.UTC(2026, 5, 1));
    await clock.advance(1500);
    expect(clock.now().toISOString()).toBe('2026-06-01T00:00:01.500Z');
  });
});

describe.each([
  ['FakeClock', new FakeClock()],
  ['systemClock', systemClock],
])('sleep on %s', (_name, clock) => {
  it('rejects with the reason of a signal that aborts while it sleeps, and leaves no timer', async () => {
    const controller = new AbortController();
    const slept = clock.sleep(60_000, controller.signal);
    controller.abort(new Error('stopping'));
    await expect(slept).rejects.toThrow('stopping');
    if (clock instanceof FakeClock) expect(clock.pendingTimers).toBe(0);
  });

  it('makes a pause that merely ends early when the signal aborts', async () => {
    const controller = new AbortController();
    const paused = pause(clock, 60_000, controller.signal);
    controller.abort(new Error('stopping'));
    await expect(paused).resolves.toBeUndefined();
    await expect(pause(clock, 60_000, controller.signal)).resolves.toBeUndefined();
  });

  it('rejects at once when the signal had aborted before', async () => {
    await expect(clock.sleep(60_000, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('a pause', () => {
  it('does not hide what its clock fails with', async () => {
    const broken = { sleep: () => Promise.reject(new Error('broken')) };
    await expect(pause(broken, 1, new AbortController().signal)).rejects.toThrow('broken');
  });
});
