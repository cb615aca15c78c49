/** The rate limiter and its buckets against formulas that hold no tokens (the generic cell rate algorithm, ITU-T I.371). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { TokenBucket, TokenBuckets } from './token-bucket.ts';

const OPTIONS = { seed: 4, numRuns: 200 };
const LIMITER_BURST = 100;
const LIMITER_INTERVAL_MS = 100;

const step = fc.record({
  kind: fc.constantFrom('fail', 'fail', 'forget'),
  key: fc.constantFrom('a', 'b', 'c'),
  times: fc.integer({ min: 1, max: 60 }),
  afterMs: fc.nat({ max: 5_000 }),
});

/** When the bucket that all keys share has a token for each failure: `interval` apart, up to `burst` of them in advance. */
class SharedSchedule {
  #nextMs = 0;

  delayMs(nowMs: number): number {
    this.#nextMs = Math.max(this.#nextMs, nowMs) + LIMITER_INTERVAL_MS;
    return Math.max(0, this.#nextMs - nowMs - LIMITER_BURST * LIMITER_INTERVAL_MS);
  }
}

describe('the rate limiter', () => {
  it('doubles for each key from 5 ms to 1000 s until it is forgotten, and never undercuts the shared rate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20, size: 'max' }), async (steps) => {
        const clock = new FakeClock();
        const limiter = createRateLimiter(clock);
        const shared = new SharedSchedule();
        const failures = new Map<string, number>();
        for (const { kind, key, times, afterMs } of steps) {
          await clock.advance(afterMs);
          if (kind === 'forget') {
            limiter.forget(key);
            failures.delete(key);
          }
          for (let left = kind === 'fail' ? times : 0; left > 0; left--) {
            const before = failures.get(key) ?? 0;
            const ownMs = Math.min(5 * 2 ** before, 1_000_000);
            failures.set(key, before + 1);
            const expectedMs = Math.max(ownMs, shared.delayMs(clock.monotonicMs()));
            expect(limiter.delayMs(key)).toBeCloseTo(expectedMs, 3);
          }
          expect(limiter.failures(key)).toBe(failures.get(key) ?? 0);
        }
      }),
      OPTIONS,
    );
  });

  it('lets no more keys go in any span of time than its burst and rate allow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 2_000 }), { maxLength: 300, size: 'max' }), async (pauses) => {
        const clock = new FakeClock();
        const limiter = createRateLimiter(clock);
        const releases: number[] = [];
        for (const [index, pauseMs] of pauses.entries()) {
          if (index % 40 === 0) await clock.advance(pauseMs);
          releases.push(clock.monotonicMs() + limiter.delayMs(`key-${index}`));
        }
        const sorted = releases.toSorted((one, other) => one - other);
        for (let start = 0; start + LIMITER_BURST + 1 < sorted.length; start++) {
          const spanMs = (sorted[start + LIMITER_BURST + 1] ?? 0) - (sorted[start] ?? 0);
          // The 5 ms are each key's own first delay.
          expect(spanMs).toBeGreaterThanOrEqual(LIMITER_INTERVAL_MS - 5 - 1e-6);
        }
      }),
      OPTIONS,
    );
  });
});

const options = fc.record({
  burst: fc.integer({ min: 1, max: 4 }),
  perSecond: fc.integer({ min: 1, max: 5 }),
});
const take = fc.record({
  key: fc.constantFrom('a', 'b'),
  afterMs: fc.constantFrom(0, 0, 50, 400, 1_500),
});
const takes = fc.array(take, { maxLength: 60, size: 'max' });

describe('token buckets', () => {
  it('say exactly when there will be a token', async () => {
    await fc.assert(
      fc.asyncProperty(options, takes, async (bucketOptions, attempts) => {
        const clock = new FakeClock();
        const bucket = new TokenBucket(bucketOptions, clock);
        for (const { afterMs } of attempts) {
          await clock.advance(afterMs);
          const waitMs = bucket.tryTakeMs();
          expect(waitMs).toBeLessThanOrEqual(1_000 / bucketOptions.perSecond + 1e-6);
          if (waitMs === 0) continue;
          await clock.advance(waitMs * 0.9);
          expect(bucket.tryTakeMs()).toBeGreaterThan(0);
          // A microsecond for rounding.
          await clock.advance(waitMs * 0.1 + 1e-3);
          expect(bucket.tryTakeMs()).toBe(0);
        }
      }),
      OPTIONS,
    );
  });

  it('are forgotten without anybody noticing', async () => {
    await fc.assert(
      fc.asyncProperty(options, takes, async (bucketOptions, attempts) => {
        const clock = new FakeClock();
        const swept = new TokenBuckets(bucketOptions, clock);
        const kept = new Map<string, TokenBucket>();
        for (const { key, afterMs } of attempts) {
          await clock.advance(afterMs);
          const bucket = kept.get(key) ?? new TokenBucket(bucketOptions, clock);
          kept.set(key, bucket);
          expect(swept.tryTakeMs(key)).toBeCloseTo(bucket.tryTakeMs(), 3);
        }
      }),
      OPTIONS,
    );
  });
});
