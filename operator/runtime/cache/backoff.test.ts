import { expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { Backoff, REFLECTOR_BACKOFF } from './backoff.ts';

it('doubles up to its maximum, and starts over after a quiet while', async () => {
  const clock = new FakeClock();
  const backoff = new Backoff(REFLECTOR_BACKOFF, clock, () => 0);
  const delays = Array.from({ length: 7 }, () => backoff.nextMs());
  expect(delays).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
  await clock.advance(120_001);
  expect(backoff.nextMs()).toBe(800);
});

it('spreads clients by up to the delay again', () => {
  const backoff = new Backoff(REFLECTOR_BACKOFF, new FakeClock(), () => 0.999);
  expect(backoff.nextMs()).toBeCloseTo(1_599, 0);
});
