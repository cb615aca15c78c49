/**
 * How long a failed key waits: the longer of its own exponential backoff (5 ms doubling to 1000 s) and of a bucket that all keys
 * share (10 a second, bursts of 100), so that one poison object backs off alone and a broken cluster is not hammered. The
 * constants are controller-runtime's.
 */
import type { Clock } from '../../../core/clock.ts';
import { TokenBucket } from './token-bucket.ts';

/** Delays for keys that failed. */
export interface RateLimiter {
  /** Notes a failure of `key`. @returns how long it waits. */
  delayMs(key: string): number;
  /** `key` succeeded: its next failure starts from the beginning. */
  forget(key: string): void;
  /** How often `key` failed in a row. */
  failures(key: string): number;
}

const FIRST_DELAY_MS = 5;
const MAX_DELAY_MS = 1_000_000;
const SHARED_BUCKET = { burst: 100, perSecond: 10 };
/** 5 ms doubled this often is beyond the maximum. */
const MAX_DOUBLINGS = 30;

/** @see module header. */
export function createRateLimiter(clock: Clock): RateLimiter {
  const failures = new Map<string, number>();
  const bucket = new TokenBucket(SHARED_BUCKET, clock);
  return {
    delayMs: (key) => {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      const ownMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(count, MAX_DOUBLINGS), MAX_DELAY_MS);
      return Math.max(ownMs, bucket.reserveMs());
    },
    forget: (key) => void failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
  };
}
