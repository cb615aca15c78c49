import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { Checkpointer, NotContinuedError, type Checkpoint, type Continuity } from './checkpoint.ts';

const place = (seq: number): Checkpoint => ({
  chain: 'c',
  seq,
  hash: String(seq),
  at: '2026-01-01T00:00:00.000Z',
});

function harness(last?: Checkpoint, continuity: Continuity = 'continued') {
  const clock = new FakeClock();
  const state = { seq: 0, written: [] as number[] };
  const source = {
    place: () => Promise.resolve(state.seq === 0 ? undefined : place(state.seq)),
    continuity: () => Promise.resolve(continuity),
  };
  const sink = {
    last: () => Promise.resolve(last),
    write: ({ seq }: Checkpoint) => {
      state.written.push(seq);
      return Promise.resolve();
    },
  };
  return { clock, state, checkpointer: new Checkpointer(source, sink, clock) };
}
const signal = (): AbortSignal => new AbortController().signal;

describe('Checkpointer', () => {
  it('takes the first at once, then every 1,000 rows or 5 minutes, and none where nothing happened', async () => {
    const { clock, state, checkpointer } = harness();
    const after = async (seq: number, ms: number): Promise<readonly number[]> => {
      state.seq = seq;
      await clock.advance(ms);
      await checkpointer.tick(signal());
      return state.written;
    };
    expect(await after(0, 0)).toEqual([]);
    expect(await after(1, 0)).toEqual([1]);
    expect(await after(1_000, 0)).toEqual([1]);
    expect(await after(1_001, 0)).toEqual([1, 1_001]);
    expect(await after(1_002, 299_999)).toEqual([1, 1_001]);
    expect(await after(1_002, 1)).toEqual([1, 1_001, 1_002]);
    expect(await after(1_002, 900_000)).toEqual([1, 1_001, 1_002]);
  });

  it('goes on from the last one of another process', async () => {
    const { state, checkpointer } = harness(place(10));
    state.seq = 11;
    await checkpointer.tick(signal());
    expect(state.written).toEqual([]);
    state.seq = 1_010;
    await checkpointer.tick(signal());
    expect(state.written).toEqual([1_010]);
  });

  it.each(['restored', 'rewritten', 'other'] as const)(
    'writes nothing for a store that is %s, and says so',
    async (continuity) => {
      const { state, checkpointer } = harness(place(10), continuity);
      state.seq = 2_000;
      for (const _ of [1, 2]) await expect(checkpointer.tick(signal())).rejects.toThrow(NotContinuedError);
      expect(state.written).toEqual([]);
    },
  );

  it('tells of trouble and goes on', async () => {
    const { clock, state, checkpointer } = harness(place(10), 'restored');
    const stop = new AbortController();
    const troubles: unknown[] = [];
    const running = checkpointer.run((error) => troubles.push(error), stop.signal);
    await clock.advance(15_000);
    stop.abort();
    await running;
    expect(troubles).toHaveLength(2);
    expect(state.written).toEqual([]);
  });
});
