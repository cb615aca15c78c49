import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { createWorkQueue, UNOBSERVED_QUEUE, type WorkQueue } from './workqueue.ts';

describe('the work queue', () => {
  let clock: FakeClock;
  let queue: WorkQueue;

  beforeEach(() => {
    clock = new FakeClock();
    queue = createWorkQueue(clock);
  });

  const take = async (): Promise<string | undefined> => (await queue.get())?.key;
  const takeAll = async (): Promise<string[]> => {
    const keys: string[] = [];
    while (queue.size > 0) {
      const key = (await take()) ?? '';
      keys.push(key);
      queue.done(key);
    }
    return keys;
  };

  it('hands out a key once, however often it was added', async () => {
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key, 0);
    expect(await takeAll()).toEqual(['a', 'b']);
  });

  it('never hands out a key that is being handled, and forgets no addition', async () => {
    queue.add('a', 0);
    expect(await take()).toBe('a');
    queue.add('a', 0);
    queue.add('a', 0);
    expect(queue.size).toBe(0);
    queue.done('a');
    expect(await takeAll()).toEqual(['a']);
  });

  it('serves waiting workers in their order', async () => {
    const waiting = [take(), take()];
    queue.add('a', 0);
    queue.add('b', 0);
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
  });

  it('keeps low priorities from a worker that does not want them, and wakes it for the others', async () => {
    const reserved = queue.get(0);
    const any = take();
    queue.add('low', -100);
    expect(await any).toBe('low');
    queue.add('low-2', -100);
    queue.add('high', 0);
    expect(await reserved).toEqual({ key: 'high', priority: 0 });
    const next = queue.get(0);
    queue.shutDown();
    expect(await next).toBeUndefined();
  });

  it('prefers a higher priority, and the earlier one inside a priority', async () => {
    queue.add('low-1', -100);
    queue.add('low-2', -100);
    queue.add('high-1', 0);
    queue.add('high-2', 0);
    expect(await takeAll()).toEqual(['high-1', 'high-2', 'low-1', 'low-2']);
  });

  it('raises a waiting key, and never lowers it', async () => {
    queue.add('a', -100);
    queue.add('b', -100);
    queue.add('b', 0);
    queue.add('b', -100);
    expect(await queue.get()).toEqual({ key: 'b', priority: 0 });
    queue.add('a', 0);
    expect(await queue.get()).toEqual({ key: 'a', priority: 0 });
  });

  it('raises a key that was added again while it is handled', async () => {
    queue.add('a', -100);
    await take();
    queue.add('a', -100);
    queue.add('a', 0);
    queue.done('a');
    expect(await queue.get()).toEqual({ key: 'a', priority: 0 });
  });

  it('keeps the earliest of several delays, and the highest priority', async () => {
    queue.addAfter('a', 1_000, -100);
    queue.addAfter('a', 5_000, 0);
    queue.addAfter('a', 3_000, -100);
    await clock.advance(999);
    expect(queue.size).toBe(0);
    await clock.advance(1);
    expect(await queue.get()).toEqual({ key: 'a', priority: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('has no need for a delay once the key is added at once', async () => {
    queue.addAfter('a', 1_000, 0);
    queue.add('a', 0);
    expect(await takeAll()).toEqual(['a']);
    await clock.advance(1_000);
    expect(queue.size).toBe(0);
  });

  it('adds at once without a delay', async () => {
    queue.addAfter('a', 0, 0);
    expect(await takeAll()).toEqual(['a']);
  });

  it('lets workers go, and takes nothing more, when it is shut down', async () => {
    const waiting = take();
    queue.addAfter('later', 10, 0);
    queue.shutDown();
    queue.add('a', 0);
    queue.addAfter('b', 10, 0);
    expect(await waiting).toBeUndefined();
    expect(await take()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('drops what waits when it is shut down', async () => {
    queue.add('a', 0);
    queue.shutDown();
    expect(await take()).toBeUndefined();
  });

  it('tells how long keys waited and were worked on', async () => {
    const told: string[] = [];
    queue = createWorkQueue(clock, {
      ...UNOBSERVED_QUEUE,
      depthChanged: (priority, change) => told.push(`depth ${priority} ${change}`),
      started: (waitedMs) => told.push(`waited ${waitedMs}`),
      finished: (workedMs) => told.push(`worked ${workedMs}`),
    });
    queue.add('a', 0);
    await clock.advance(30);
    await take();
    await clock.advance(70);
    expect(queue.unfinishedMs()).toEqual([70]);
    queue.done('a');
    queue.done('a');
    expect(told).toEqual(['depth 0 1', 'depth 0 -1', 'waited 30', 'worked 70']);
    expect(queue.unfinishedMs()).toEqual([]);
  });
});
