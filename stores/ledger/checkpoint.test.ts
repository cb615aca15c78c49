import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import {
  Checkpointer,
  compareLedger,
  NotContinuedError,
  type Checkpoint,
  type Continuity,
} from './checkpoint.ts';

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
    expect(troubles[0]).toBeInstanceOf(NotContinuedError);
    expect(state.written).toEqual([]);
  });
});

/** A store that goes through the places of its rows, and a sink that keeps what it is given. */
function aStore(rows: number) {
  const clock = new FakeClock();
  const state = { rows: ofBranch('a', rows), kept: [] as Checkpoint[], isDown: false, isFull: false };
  const down = (): Promise<never> => Promise.reject(new Error('away'));
  const source = {
    place: () => (state.isDown ? down() : Promise.resolve(state.rows.at(-1))),
    continuity: ({ seq, hash }: Checkpoint): Promise<Continuity> => {
      if (state.isDown) return down();
      const row = state.rows[seq - 1];
      return Promise.resolve(row === undefined ? 'restored' : row.hash === hash ? 'continued' : 'rewritten');
    },
  };
  const sink = {
    last: () => Promise.resolve(state.kept.at(-1)),
    write: (checkpoint: Checkpoint) => {
      if (state.isFull) return down();
      state.kept.push(checkpoint);
      return Promise.resolve();
    },
  };
  const checkpointer = new Checkpointer(source, sink, clock);
  const look = (): Promise<string> =>
    checkpointer.tick(signal()).then(
      () => checkpointer.standing().kind,
      () => checkpointer.standing().kind,
    );
  return { state, source, sink, look, checkpointer };
}

/** Rows that another history of the same store would have with other hashes. */
function ofBranch(branch: string, count: number): Checkpoint[] {
  return Array.from({ length: count }, (_, index) => ({
    ...place(index + 1),
    hash: `${branch}${index + 1}`,
  }));
}

describe('the standing of a ledger', () => {
  it('is known once somebody has looked, and only as long as the store can be asked', async () => {
    const { state, look, checkpointer } = aStore(5);
    expect(checkpointer.standing()).toEqual({ kind: 'unknown' });
    expect(await look()).toBe('continued');
    state.isDown = true;
    expect(await look()).toBe('unknown');
    state.isDown = false;
    expect(await look()).toBe('continued');
  });

  it('breaks when the store is restored while this process runs, also to a time after the last checkpoint', async () => {
    const { state, look, checkpointer, source, sink } = aStore(5);
    await look();
    state.rows = ofBranch('a', 9);
    expect(await look()).toBe('continued');
    expect(state.kept.map(({ seq }) => seq)).toEqual([5]);
    state.rows = ofBranch('a', 7);
    expect(await look()).toBe('broken');
    expect(checkpointer.standing()).toMatchObject({ continuity: 'restored', checkpoint: { seq: 9 } });
    // What was seen outlives the process: others find it outside.
    expect(state.kept.map(({ seq }) => seq)).toEqual([5, 9]);
    expect(await compareLedger(source, sink, signal())).toMatchObject({ kind: 'broken' });
    state.rows = [...ofBranch('a', 7), ...ofBranch('b', 20).slice(7)];
    expect(await look()).toBe('broken');
    expect(checkpointer.standing()).toMatchObject({ continuity: 'rewritten' });
    expect(state.kept).toHaveLength(2);
  });

  it('stays broken where the proof cannot be kept at once', async () => {
    const { state, look } = aStore(5);
    await look();
    state.rows = ofBranch('a', 9);
    await look();
    state.rows = ofBranch('a', 7);
    state.isFull = true;
    expect(await look()).toBe('unknown');
    state.isFull = false;
    expect(await look()).toBe('broken');
    expect(state.kept.map(({ seq }) => seq)).toEqual([5, 9]);
  });

  it('is whole again when somebody has let checkpoints begin anew', async () => {
    const { state, look } = aStore(9);
    await look();
    state.rows = ofBranch('a', 7);
    expect(await look()).toBe('broken');
    state.rows = [...ofBranch('a', 7), ...ofBranch('b', 8).slice(7)];
    state.kept = [...ofBranch('a', 7).slice(4), ...state.rows.slice(-1)];
    expect(await look()).toBe('continued');
  });

  it('is whole when that happened before it was noticed here', async () => {
    const { state, look } = aStore(5);
    await look();
    state.rows = ofBranch('a', 9);
    await look();
    state.rows = [...ofBranch('a', 7), ...ofBranch('b', 8).slice(7)];
    state.kept = state.rows.slice(-1);
    expect(await look()).toBe('continued');
    expect(state.kept.map(({ hash }) => hash)).toEqual(['b8']);
  });

  it('is whole where nothing was kept yet', async () => {
    const { source, sink } = aStore(5);
    expect(await compareLedger(source, sink, signal())).toEqual({ kind: 'continued' });
  });
});
