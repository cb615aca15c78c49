import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../core/errors.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { backoffMs } from './backoff.ts';
import type { LeasedMessage } from './outbox.ts';
import { OutboxWorker, type Deliver, type OutboxWorkerOptions } from './worker.ts';

const message = (id: number, attempts = 1): LeasedMessage => ({
  id,
  topic: 'webhook',
  key: String(id),
  payload: {},
  expiresAt: '2027-01-01T00:00:00.000Z',
  attempts,
  lease: 'lease',
});

function harness(
  batches: readonly (readonly LeasedMessage[])[],
  deliver: Deliver,
  overrides: Partial<OutboxWorkerOptions> = {},
) {
  const events: string[] = [];
  const left = [...batches];
  const settled =
    (what: string) =>
    ({ id }: LeasedMessage, trouble = '', afterMs?: number) => {
      events.push([what, id, trouble, afterMs].filter((part) => part !== '' && part !== undefined).join(' '));
      return Promise.resolve(true);
    };
  const clock = new FakeClock();
  const worker = new OutboxWorker({
    outbox: {
      take: () => Promise.resolve(left.shift() ?? []),
      delivered: settled('delivered'),
      failed: settled('failed'),
      dead: settled('dead'),
    },
    deliver,
    clock,
    random: () => 0,
    onTrouble: (error) => events.push(`trouble ${String(error)}`),
    ...overrides,
  });
  return { events, clock, worker };
}
const signal = (): AbortSignal => new AbortController().signal;

describe('OutboxWorker', () => {
  it('tells what was delivered, what failed and what nobody will try again', async () => {
    const { events, worker } = harness(
      [[message(1), message(2, 3), message(3), message(4, 10)]],
      ({ id }) => {
        if (id === 1) return Promise.resolve();
        return Promise.reject(id === 3 ? new TerminalError('gone') : new Error('secret answer'));
      },
    );
    expect(await worker.round(signal())).toBe(4);
    expect(events.toSorted()).toEqual([
      'dead 3 TerminalError',
      'dead 4 Error',
      'delivered 1',
      'failed 2 Error 4000',
    ]);
  });

  it('ends a delivery at its deadline', async () => {
    const never: Deliver = (_message, over) =>
      new Promise((_resolve, reject) => over.addEventListener('abort', () => reject(over.reason as Error)));
    const { events, clock, worker } = harness([[message(1)]], never, { deadlineMs: 500 });
    const round = worker.round(signal());
    await clock.advance(500);
    await round;
    expect(events).toEqual(['failed 1 Error 1000']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('stops in the middle of a delivery and leaves the message to its lease', async () => {
    const stop = new AbortController();
    const { events, worker } = harness([[message(1)]], (_message, over) => {
      stop.abort(new Error('stopping'));
      return Promise.reject(over.reason as Error);
    });
    await worker.run(stop.signal);
    expect(events).toEqual([]);
  });

  it('goes on after a database that was away', async () => {
    const stop = new AbortController();
    let looks = 0;
    const { events, clock, worker } = harness([], () => Promise.resolve(), {
      outbox: {
        take: () => {
          looks += 1;
          if (looks === 1) return Promise.reject(new Error('away'));
          return Promise.resolve(looks === 2 ? [message(1)] : []);
        },
        delivered: () => {
          events.push('delivered');
          return Promise.resolve(true);
        },
        failed: () => Promise.resolve(true),
        dead: () => Promise.resolve(true),
      },
    });
    const running = worker.run(stop.signal);
    await clock.advance(2_000);
    stop.abort();
    await running;
    expect(events).toEqual(['trouble Error: away', 'delivered']);
  });
});

describe('backoffMs', () => {
  it.each([
    [1, 0, 1_000],
    [1, 0.5, 750],
    [4, 0, 8_000],
    [30, 0, 900_000],
  ])('after %i attempts with %d is %i', (attempts, random, expected) => {
    expect(backoffMs(attempts, () => random)).toBe(expected);
  });
});
