import { describe, expect, it } from 'vitest';
import { Feed, forEachInFlight } from './concurrency.ts';

describe('forEachInFlight', () => {
  it('handles every item, and never more than allowed at once', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await forEachInFlight([1, 2, 3, 4, 5], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      done.push(item);
    });
    expect(new Set(done)).toEqual(new Set([1, 2, 3, 4, 5]));
    expect([done.length, most]).toEqual([5, 2]);
  });

  it('handles items of a feed as they come, until it ends', async () => {
    const feed = new Feed<number>();
    const done: number[] = [];
    const handling = forEachInFlight(feed, 3, async (item) => {
      await Promise.resolve();
      done.push(item);
    });
    for (const item of [1, 2, 3, 4]) feed.push(item);
    feed.end();
    await handling;
    expect(new Set(done)).toEqual(new Set([1, 2, 3, 4]));
  });

  it('fails with the first failure', async () => {
    await expect(forEachInFlight([1], 1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
