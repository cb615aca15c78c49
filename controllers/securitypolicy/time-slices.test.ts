import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { TimeSlices } from './time-slices.ts';

/** A clock that moves by `workMs` whenever it is read: what is measured takes that long. */
class SlowClock extends FakeClock {
  #readings = 0;
  readonly #workMs: number;

  constructor(workMs: number) {
    super();
    this.#workMs = workMs;
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#workMs * this.#readings++;
  }
}

describe('time slices', () => {
  it('let short work through in one turn', async () => {
    const clock = new SlowClock(0.1);
    const slices = new TimeSlices(clock);
    const done: number[] = [];
    for (let index = 0; index < 40; index++) void slices.run(() => done.push(index));
    await Promise.resolve();
    expect(done).toHaveLength(40);
  });

  it('put off to later turns what does not fit into this one, in order', async () => {
    const clock = new SlowClock(2);
    const slices = new TimeSlices(clock);
    const done: number[] = [];
    const all = Promise.all([0, 1, 2, 3, 4, 5, 6].map((index) => slices.run(() => done.push(index))));
    await Promise.resolve();
    expect(done).toEqual([0, 1, 2]);
    expect(slices.hasTime()).toBe(false);
    await clock.advance(0);
    await all;
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('pass on what the work throws, and leave no timer behind', async () => {
    const clock = new FakeClock();
    const slices = new TimeSlices(clock);
    await expect(
      slices.run(() => {
        throw new RangeError('no');
      }),
    ).rejects.toThrow('no');
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
