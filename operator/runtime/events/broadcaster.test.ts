import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../core/logger.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { apiErrorOf } from '../client/api-error.ts';
import type { KubernetesObject } from '../object/object.ts';
import { createEventBroadcaster, type EventBroadcaster } from './broadcaster.ts';
import { newEvent, type KubernetesEvent } from './event-object.ts';

const object: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name: 'one', namespace: 'a', uid: 'u', resourceVersion: '5' },
};
const details = { type: 'Normal', reason: 'Done', action: 'Do', note: 'did it' } as const;
const reporter = { controller: 'example.com/test', instance: 'pod-1' };

describe('the broadcaster', () => {
  let clock: FakeClock;
  let stop: AbortController;
  let sent: string[];
  let fail: (() => Error | undefined) | undefined;
  let isHanging: boolean;
  let broadcaster: EventBroadcaster;

  beforeEach(() => {
    clock = new FakeClock();
    stop = new AbortController();
    sent = [];
    fail = undefined;
    isHanging = false;
    const send = async (line: string, signal: AbortSignal): Promise<void> => {
      if (isHanging) await clock.sleep(3_600_000, signal);
      const error = fail?.();
      sent.push(error === undefined ? line : `${line} failed`);
      if (error !== undefined) throw error;
    };
    const client = {
      create: async (_type: unknown, event: KubernetesEvent, _options: unknown, signal: AbortSignal) => {
        await send(`create ${event.reason} ${event.note}`, signal);
        return event;
      },
      patchJson: async (
        _type: unknown,
        _key: unknown,
        operations: readonly { value: { count: number } }[],
        _options: unknown,
        signal: AbortSignal,
      ) => send(`extend to ${operations[0]?.value.count}`, signal),
    };
    // The two methods that a broadcaster uses.
    broadcaster = createEventBroadcaster({ client: client as never, reporter, logger: silentLogger, clock });
  });
  const end = async (running: Promise<void>): Promise<void> => {
    stop.abort(new Error('stop'));
    await clock.advance(0);
    await running;
  };

  it('delivers in order, and repetitions as a series', async () => {
    const running = broadcaster.run(stop.signal);
    for (const note of ['first', 'second', 'first']) broadcaster.event(object, { ...details, note });
    await clock.advance(0);
    expect(sent).toEqual(['create Done first', 'create Done second', 'extend to 2']);
    await end(running);
  });

  it('delivers what was recorded before it ran, and what is recorded while it sleeps', async () => {
    broadcaster.event(object, details);
    const running = broadcaster.run(stop.signal);
    await clock.advance(0);
    broadcaster.event(object, { ...details, reason: 'More' });
    await clock.advance(0);
    expect(sent).toEqual(['create Done did it', 'create More did it']);
    await end(running);
  });

  it('begins anew when the event has expired', async () => {
    const running = broadcaster.run(stop.signal);
    broadcaster.event(object, details);
    await clock.advance(0);
    const failures = [apiErrorOf(404, {}, undefined)];
    fail = () => failures.shift();
    broadcaster.event(object, details);
    await clock.advance(0);
    expect(sent).toEqual(['create Done did it', 'extend to 2 failed', 'create Done did it']);
    await end(running);
  });

  it('gives up on an event that is refused or not answered, and goes on', async () => {
    const running = broadcaster.run(stop.signal);
    isHanging = true;
    broadcaster.event(object, { ...details, reason: 'Hangs' });
    await clock.advance(10_000);
    isHanging = false;
    const failures = [apiErrorOf(403, {}, undefined)];
    fail = () => failures.shift();
    broadcaster.event(object, { ...details, reason: 'Refused' });
    broadcaster.event(object, { ...details, reason: 'Fine' });
    await clock.advance(0);
    expect(sent).toEqual(['create Refused did it failed', 'create Fine did it']);
    await end(running);
  });

  it('never grows without end, and never throws', async () => {
    for (let count = 0; count < 5_000; count++) {
      broadcaster.event({ ...object, metadata: { name: `o-${count}`, uid: `u-${count}` } }, details);
    }
    const running = broadcaster.run(stop.signal);
    await clock.advance(0);
    await end(running);
    expect(sent).toHaveLength(1_000);
  });

  it('has a last word when it is stopped, but not for ever', async () => {
    broadcaster.event(object, { ...details, reason: 'Last' });
    stop.abort(new Error('stop'));
    await broadcaster.run(stop.signal);
    expect(sent).toEqual(['create Last did it']);
    isHanging = true;
    broadcaster.event(object, { ...details, reason: 'Late' });
    const running = broadcaster.run(stop.signal);
    await clock.advance(3_000);
    await running;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('an event', () => {
  const now = new Date(Date.UTC(2026, 0, 1));

  it('says what happened to what, and who says so', () => {
    expect(newEvent(object, details, reporter, now, 'abc')).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'one.abc', namespace: 'a' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      type: 'Normal',
      reason: 'Done',
      action: 'Do',
      note: 'did it',
      regarding: {
        apiVersion: 'v1',
        kind: 'Sample',
        name: 'one',
        namespace: 'a',
        uid: 'u',
        resourceVersion: '5',
      },
      reportingController: 'example.com/test',
      reportingInstance: 'pod-1',
    });
  });

  it('of a cluster-scoped object lives in "default"', () => {
    const node = { ...object, metadata: { name: 'node1' } };
    expect(newEvent(node, details, reporter, now, 'x').metadata.namespace).toBe('default');
  });

  it('is cut to what the API server takes, at a character', () => {
    const long = { ...object, metadata: { name: 'n'.repeat(253) } };
    const event = newEvent(long, { ...details, note: 'ü'.repeat(1000) }, reporter, now, 'abc');
    expect(event.metadata.name).toHaveLength(253);
    expect(Buffer.byteLength(event.note)).toBeLessThanOrEqual(1024);
    expect(event.note).toMatch(/^ü+$/);
  });
});
