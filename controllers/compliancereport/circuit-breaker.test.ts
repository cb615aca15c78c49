import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

function opened(): { readonly clock: FakeClock; readonly breaker: CircuitBreaker } {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker(clock);
  for (let count = 0; count < 5; count += 1) breaker.failed();
  return { clock, breaker };
}

describe('the circuit breaker', () => {
  it('lets everybody through until five failures in a row', () => {
    const breaker = new CircuitBreaker(new FakeClock());
    for (let count = 0; count < 4; count += 1) breaker.failed();
    breaker.succeeded();
    breaker.failed();
    expect(breaker.request()).toBe(0);
  });

  it('lets one through after the pause, and the others when that one succeeded', async () => {
    const { clock, breaker } = opened();
    expect(breaker.request()).toBe(30_000);
    await clock.advance(30_000);
    expect([breaker.request(), breaker.request()]).toEqual([0, 30_000]);
    breaker.succeeded();
    expect([breaker.request(), breaker.request()]).toEqual([0, 0]);
  });

  it('doubles the pause with each try that fails, to ten minutes', async () => {
    const { clock, breaker } = opened();
    const pauses: number[] = [];
    for (let count = 0; count < 7; count += 1) {
      await clock.advance(breaker.request());
      breaker.request();
      breaker.failed();
      pauses.push(breaker.request());
    }
    expect(pauses).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
  });

  it('lets the next one try when the first was told to stop', async () => {
    const { clock, breaker } = opened();
    await clock.advance(30_000);
    breaker.request();
    breaker.abandoned();
    expect(breaker.request()).toBe(0);
  });
});
