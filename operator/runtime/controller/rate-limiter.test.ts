import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { TokenBucket, TokenBuckets } from './token-bucket.ts';

describe('the rate limiter', () => {
  it('doubles the delay of a key that keeps failing, up to 1000 s, and leaves the others alone', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(clock);
    const delays: number[] = [];
    for (let count = 0; count < 40; count++) {
      delays.push(limiter.delayMs('poison'));
      await clock.advance(1_000);
    }
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.at(-1)).toBe(1_000_000);
    expect(limiter.failures('poison')).toBe(40);
    expect(limiter.delayMs('other')).toBe(5);
    limiter.forget('poison');
    expect(limiter.delayMs('poison')).toBe(5);
  });

  it('spreads many failures at once over time', () => {
    const limiter = createRateLimiter(new FakeClock());
    const delays = Array.from({ length: 120 }, (_, index) => limiter.delayMs(`key-${index}`));
    expect(delays[99]).toBe(5);
    expect(delays[119]).toBe(2_000);
  });
});

describe('a token bucket', () => {
  it('gives a burst, then one at a time', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ burst: 2, perSecond: 1 }, clock);
    expect([bucket.tryTakeMs(), bucket.tryTakeMs(), bucket.tryTakeMs()]).toEqual([0, 0, 1_000]);
    await clock.advance(400);
    expect(bucket.tryTakeMs()).toBeCloseTo(600);
    await clock.advance(600);
    expect(bucket.tryTakeMs()).toBe(0);
  });

  it('has a token when the wait is over, whatever a division leaves over', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 / 5 }, clock);
    bucket.tryTakeMs();
    await clock.advance(20);
    bucket.tryTakeMs();
    await clock.advance(bucket.tryTakeMs());
    expect(bucket.tryTakeMs()).toBe(0);
  });

  it('never holds more than its burst', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, clock);
    await clock.advance(60_000);
    expect([bucket.tryTakeMs(), bucket.tryTakeMs()]).toEqual([0, 1_000]);
  });

  it('of a key is forgotten when it is full again', async () => {
    const clock = new FakeClock();
    const buckets = new TokenBuckets({ burst: 5, perSecond: 1 }, clock);
    for (let count = 0; count < 100; count++) buckets.tryTakeMs(`key-${count}`);
    expect(buckets.size).toBe(100);
    await clock.advance(5_000);
    buckets.tryTakeMs('one-more');
    expect(buckets.size).toBe(1);
  });
});
