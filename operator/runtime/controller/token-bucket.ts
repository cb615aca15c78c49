/**
 * A token bucket that tells how long to wait instead of waiting: `burst` at once, then `perSecond`.
 */
import type { Clock } from '../../../core/clock.ts';

/** How much, how fast. */
export interface BucketOptions {
  readonly burst: number;
  readonly perSecond: number;
}

/** Divisions leave a little over: without this, a wait of 5 s ends with one of a billionth of a second, shorter than any clock's step. */
const A_TOKEN = 1 - 1e-9;

/** One bucket; full at first. */
export class TokenBucket {
  readonly #options: BucketOptions;
  readonly #clock: Clock;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: BucketOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#tokens = options.burst;
    this.#filledAtMs = clock.monotonicMs();
  }

  /** Takes a token, on credit if need be. @returns how long until it is covered, in milliseconds. */
  reserveMs(): number {
    this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#options.perSecond) * 1000;
  }

  /** Takes a token if there is one. @returns 0, or how long until there will be one, in milliseconds. */
  tryTakeMs(): number {
    this.#fill();
    if (this.#tokens < A_TOKEN) return ((1 - this.#tokens) / this.#options.perSecond) * 1000;
    this.#tokens -= 1;
    return 0;
  }

  /** Nothing was taken for long enough that this bucket is like a new one. */
  isFull(): boolean {
    this.#fill();
    return this.#tokens >= this.#options.burst;
  }

  #fill(): void {
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#filledAtMs) / 1000) * this.#options.perSecond;
    this.#tokens = Math.min(this.#options.burst, this.#tokens + earned);
    this.#filledAtMs = nowMs;
  }
}

/** A bucket for each key, kept only while it is not full. */
export class TokenBuckets {
  readonly #options: BucketOptions;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();
  #sweptAtMs: number;

  constructor(options: BucketOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#sweptAtMs = clock.monotonicMs();
  }

  /** Takes a token of `key` if there is one. @returns 0, or how long until there will be one, in milliseconds. */
  tryTakeMs(key: string): number {
    this.#sweep();
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#options, this.#clock);
    this.#buckets.set(key, bucket);
    return bucket.tryTakeMs();
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Once per refill time, so that its cost is spread over the takes in between. */
  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sweptAtMs < (this.#options.burst / this.#options.perSecond) * 1000) return;
    this.#sweptAtMs = nowMs;
    for (const [key, bucket] of this.#buckets) if (bucket.isFull()) this.#buckets.delete(key);
  }
}
