import { describe, expect, it } from 'vitest';
import type { ApprovalRow, ApprovalStore } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { StoreUnavailableError } from '../../checks/engine/history.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { ApprovalFeed } from './feed.ts';

/** A store of rows that another process writes as well. */
function aStore(...rows: readonly ApprovalRow[]) {
  const state = { rows: [...rows], isDown: false, fences: [] as unknown[], asked: 0 };
  const answer = <T>(value: T): Promise<T> =>
    state.isDown ? Promise.reject(new StoreUnavailableError('connection refused')) : Promise.resolve(value);
  const store = {
    openRequests: () => answer(state.rows.filter(({ phase }) => phase === 'Pending' || phase === 'Approved')),
    requestsChangedSince: (seq: number, limit: number) => {
      state.asked += 1;
      return answer(state.rows.filter(({ ledgerSeq }) => ledgerSeq > seq).slice(0, limit));
    },
    advanceRequest: (row: ApprovalRow, events: readonly unknown[], _messages: unknown, fence: unknown) => {
      state.fences.push(fence);
      return answer({ ...row, version: row.version + 1, ledgerSeq: row.ledgerSeq + events.length });
    },
  };
  // A boundary: only these methods are used.
  return { state, store: store as unknown as ApprovalStore };
}

async function running(rows: readonly ApprovalRow[], namespaces: readonly string[] = []) {
  const clock = new FakeClock();
  const { state, store } = aStore(...rows);
  const ledgerHead = () => Promise.resolve(Math.max(0, ...state.rows.map(({ ledgerSeq }) => ledgerSeq)));
  const feed = new ApprovalFeed({ store, ledgerHead, namespaces, clock, logger: silentLogger });
  const told: string[] = [];
  feed.onRow(({ name, phase }) => void told.push(`${name} ${phase}`));
  const end = new AbortController();
  const run = feed.run(end.signal, end.signal, { epoch: 7, lease: 'lease', signal: end.signal });
  await clock.advance(0);
  const stop = async (): Promise<void> => {
    end.abort();
    await run;
  };
  return { clock, state, feed, told, stop };
}

describe('the feed', () => {
  const one = aRow({ requestUid: 'one', name: 'one' });

  it('knows what is open, and tells what others write, once', async () => {
    const { clock, state, feed, told, stop } = await running([one]);
    expect(told).toEqual(['one Pending']);
    state.rows = [{ ...one, version: 2, ledgerSeq: 2, phase: 'Executed' }];
    await clock.advance(1_000);
    await clock.advance(5_000);
    expect(told).toEqual(['one Pending', 'one Executed']);
    expect(feed.rows.list()).toEqual([]);
    await stop();
  });

  it('asks one question a second, however many are open', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => aRow({ requestUid: `${index}`, name: `${index}` }));
    const { clock, state, stop } = await running(rows);
    const before = state.asked;
    for (let second = 0; second < 10; second += 1) await clock.advance(1_000);
    expect(state.asked - before).toBe(10);
    await stop();
  });

  it('writes as the operator, with the epoch of its Lease', async () => {
    const { state, feed, stop } = await running([one]);
    const row = await feed.advance({
      row: one,
      events: [{ event: 'X', person: '', details: {} }],
      messages: [],
    });
    expect(row.version).toBe(2);
    expect(state.fences).toEqual([{ epoch: 7, lease: 'lease', writer: 'operator' }]);
    await stop();
  });

  it('tells every open request when the store is lost, and when it is found', async () => {
    const { clock, state, feed, told, stop } = await running([one]);
    state.isDown = true;
    await clock.advance(1_000);
    expect(feed.problem).toBe('connection refused');
    await clock.advance(3_000);
    expect(told).toEqual(['one Pending', 'one Pending']);
    state.isDown = false;
    await clock.advance(1_000);
    expect(feed.problem).toBeUndefined();
    expect(told).toHaveLength(3);
    await stop();
  });

  it('begins anew with a database that came back as it was before', async () => {
    const lost = aRow({ requestUid: 'lost', name: 'lost' }, { version: 1, ledgerSeq: 90 });
    const { clock, state, feed, told, stop } = await running([{ ...one, version: 7, ledgerSeq: 70 }, lost]);
    state.isDown = true;
    await clock.advance(1_000);
    state.isDown = false;
    state.rows = [{ ...one, version: 3, ledgerSeq: 30 }];
    told.length = 0;
    await clock.advance(1_000);
    expect(feed.rows.list().map(({ name, version }) => [name, version])).toEqual([['one', 3]]);
    expect(told).toEqual(['one Pending', 'lost Pending']);
    state.rows = [{ ...one, version: 4, ledgerSeq: 31, phase: 'Denied' }];
    await clock.advance(1_000);
    expect(told.at(-1)).toBe('one Denied');
    await stop();
  });

  it('leaves alone what another operator serves', async () => {
    const { feed, told, stop } = await running([one], ['team-b']);
    expect(told).toEqual([]);
    expect(feed.rows.list()).toEqual([]);
    await stop();
  });

  it('names what could not be looked at, when the store is found and not before', async () => {
    const { clock, state, feed, stop } = await running([]);
    const named: string[] = [];
    const end = feed
      .watchReturn(() => [{ namespace: 'team-a', name: 'unheard' }])
      .start(({ name }) => void named.push(name));
    state.isDown = true;
    await clock.advance(3_000);
    expect(named).toEqual([]);
    state.isDown = false;
    await clock.advance(3_000);
    expect(named).toEqual(['unheard']);
    end();
    await stop();
  });

  it('is ready once it knows what is open, and says why it is not', async () => {
    const clock = new FakeClock();
    const { state, store } = aStore(one);
    const ledgerHead = (): Promise<number> => Promise.resolve(1);
    const feed = new ApprovalFeed({ store, ledgerHead, namespaces: [], clock, logger: silentLogger });
    state.isDown = true;
    await expect(feed.ready()).rejects.toThrow('connection refused');
    expect(feed.rows.list()).toEqual([]);
    state.isDown = false;
    await Promise.all([feed.ready(), feed.ready()]);
    await feed.ready();
    expect(feed.rows.list()).toEqual([one]);
  });
});
