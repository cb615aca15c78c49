import { describe, expect, it } from 'vitest';
import { busyShare, processorTime } from './processors.ts';

describe('how busy the machine is', () => {
  it.each([
    { busyMs: 150, totalMs: 1200, share: 0.25 },
    { busyMs: 300, totalMs: 1200, share: 1 },
    { busyMs: 100, totalMs: 1200, share: 0 },
    { busyMs: 100, totalMs: 1000, share: 0 },
  ])('is the part of the time that was not idle: $share', ({ busyMs, totalMs, share }) => {
    expect(busyShare({ busyMs: 100, totalMs: 1000 }, { busyMs, totalMs })).toBe(share);
  });

  it('is read from the machine itself', () => {
    const { busyMs, totalMs } = processorTime();
    expect(busyMs).toBeGreaterThan(0);
    expect(totalMs).toBeGreaterThan(busyMs);
  });
});
