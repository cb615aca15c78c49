import { describe, expect, it } from 'vitest';
import { silentLogger, type Logger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { ObjectKey } from '../../operator/runtime/index.ts';
import { Sweep } from './sweep.ts';
import { TimeSlices } from './time-slices.ts';

const key = (name: string): ObjectKey => ({ namespace: 'team-a', name });

function aSweep(judge: (name: string) => boolean | void = () => undefined, logger: Logger = silentLogger) {
  const clock = new FakeClock();
  const judged: string[] = [];
  const counts = { everything: 0, ends: 0 };
  const sweep = new Sweep({
    judge: ({ name }) => {
      judged.push(name);
      return judge(name) ?? true;
    },
    everything: () => {
      counts.everything += 1;
      return ['a', 'b', 'c'].map(key);
    },
    onEnd: () => {
      counts.ends += 1;
    },
    slices: new TimeSlices(clock),
    clock,
    logger,
  });
  return { clock, judged, counts, sweep };
}

describe('a sweep', () => {
  it('judges each key once, however often it is named, and not in the turn that names it', async () => {
    const { sweep, judged, clock, counts } = aSweep();
    for (const name of ['a', 'b', 'a']) sweep.add(key(name));
    expect(judged).toEqual([]);
    await clock.advance(0);
    expect(judged).toEqual(['a', 'b']);
    expect(counts).toEqual({ everything: 0, ends: 1 });
  });

  it('asks for everything once, however many policies changed', async () => {
    const { sweep, judged, clock, counts } = aSweep();
    for (let index = 0; index < 50; index++) sweep.addEverything();
    await clock.advance(0);
    expect(judged).toEqual(['a', 'b', 'c']);
    expect(counts).toEqual({ everything: 1, ends: 1 });
  });

  it('ends only when what was added on the way is judged too', async () => {
    const { sweep, judged, clock, counts } = aSweep((name) => {
      if (name === 'a' && counts.everything === 1) sweep.addEverything();
    });
    sweep.addEverything();
    await clock.advance(0);
    expect(judged).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(counts.everything).toBe(2);
  });

  it('comes back to a server for which there was not enough time', async () => {
    const { sweep, judged, clock, counts } = aSweep((name) => name !== 'a' || judged.length > 3);
    sweep.addEverything();
    await clock.advance(0);
    expect(judged).toEqual(['a', 'b', 'c', 'a']);
    expect(counts.ends).toBe(1);
  });

  it('goes on after a server that cannot be judged, and says which', async () => {
    const lines: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      error: (message, fields) => void lines.push(JSON.stringify([message, fields])),
    };
    const { sweep, judged, clock } = aSweep((name) => {
      if (name === 'a') throw new TypeError('it has no spec');
    }, logger);
    sweep.addEverything();
    await clock.advance(0);
    expect(judged).toEqual(['a', 'b', 'c']);
    expect(lines.join()).toMatch(/team-a\/a.*it has no spec/);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const { sweep, judged, clock } = aSweep();
    sweep.add(key('a'));
    sweep.addEverything();
    sweep.stop();
    await clock.advance(1_000);
    expect([judged, clock.pendingTimers]).toEqual([[], 0]);
  });
});
