import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { DeadlineExceededError, withDeadline } from './deadline.ts';

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('a deadline', () => {
  it('lets a quick call through and leaves nothing behind', async () => {
    const clock = new FakeClock();
    const never = new AbortController().signal;
    expect(await withDeadline(clock, 1_000, never, () => Promise.resolve('answer'))).toBe('answer');
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends a slow call', async () => {
    const clock = new FakeClock();
    const call = withDeadline(clock, 1_000, new AbortController().signal, untilAborted);
    const outcome = expect(call).rejects.toThrow(DeadlineExceededError);
    await clock.advance(1_000);
    await outcome;
  });

  it("passes the caller's own reason on", async () => {
    const caller = new AbortController();
    const reason = new Error('shutting down');
    const call = withDeadline(new FakeClock(), 1_000, caller.signal, untilAborted);
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it('does not begin for a caller that has given up', async () => {
    let began = false;
    const call = withDeadline(new FakeClock(), 1, AbortSignal.abort(new Error('late')), () => {
      began = true;
      return Promise.resolve();
    });
    await expect(call).rejects.toThrow('late');
    expect(began).toBe(false);
  });
});
