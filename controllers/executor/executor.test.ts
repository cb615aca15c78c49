import { afterEach, describe, expect, it } from 'vitest';
import { ApprovalConflictError, type ApprovalRow } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { FencedError } from '../../checks/engine/history.ts';
import type { Logger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { Again } from './execution.ts';
import { Executor } from './executor.ts';

type Step = (row: ApprovalRow) => Promise<Again>;

function rowOf(requestUid: string, changes: Partial<ApprovalRow> = {}): ApprovalRow {
  return { ...aRow({ requestUid }), phase: 'Approved', ...changes };
}

/** An executor over a store that the test fills, and what it did. */
class Harness {
  readonly clock = new FakeClock();
  readonly stepped: string[] = [];
  readonly said: string[] = [];
  rows: readonly ApprovalRow[] = [];
  isDown = false;
  step: Step = () => Promise.resolve(undefined);
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  start(concurrency = 4): void {
    const read = (): Promise<readonly ApprovalRow[]> =>
      this.isDown ? Promise.reject(new Error('the store is down')) : Promise.resolve(this.rows);
    const changedSince = async (seq: number) => (await read()).filter(({ ledgerSeq }) => ledgerSeq > seq);
    const executor = new Executor({
      store: { openRequests: read, requestsChangedSince: changedSince },
      step: async (row) => {
        this.stepped.push(`${row.requestUid} ${row.version}`);
        return this.step(row);
      },
      clock: this.clock,
      logger: this.#logger(),
      concurrency,
    });
    const { signal } = this.#stop;
    this.#running = executor.run(signal, new AbortController().signal, { epoch: 3, signal });
    // Whoever looks at the end of it looks later.
    this.#running.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  get ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  #logger(): Logger {
    const say = (message: string): void => void this.said.push(message);
    return { error: say, warn: say, info: say, debug: say, child: () => this.#logger() };
  }
}

let harness = new Harness();

afterEach(async () => {
  await harness.stop();
  harness = new Harness();
});

describe('the executor', () => {
  it('takes the next step of what is Approved or Executing, and of nothing else', async () => {
    harness.rows = [
      rowOf('approved'),
      rowOf('executing', { phase: 'Executing' }),
      rowOf('pending', { phase: 'Pending' }),
      rowOf('denied', { phase: 'Denied' }),
    ];
    harness.start();
    await harness.clock.advance(10_000);
    expect(harness.stepped).toEqual(['approved 1', 'executing 1']);
  });

  it('goes on at once where a step follows at once, and later where it says so', async () => {
    harness.rows = [rowOf('one')];
    const answers: Again[] = [
      { row: rowOf('one', { version: 2, phase: 'Executing' }), afterMs: 0 },
      { row: rowOf('one', { version: 2, phase: 'Executing' }), afterMs: 5_000 },
      undefined,
    ];
    harness.step = () => Promise.resolve(answers.shift());
    harness.start();
    await harness.clock.advance(100);
    expect(harness.stepped).toEqual(['one 1', 'one 2']);
    await harness.clock.advance(4_000);
    expect(harness.stepped).toHaveLength(2);
    await harness.clock.advance(2_000);
    expect(harness.stepped).toEqual(['one 1', 'one 2', 'one 2']);
    await harness.clock.advance(60_000);
    expect(harness.stepped).toHaveLength(3);
  });

  it('looks at once at what somebody else changed', async () => {
    harness.rows = [rowOf('one')];
    harness.step = (row) => Promise.resolve({ row, afterMs: 600_000 });
    harness.start();
    await harness.clock.advance(5_000);
    expect(harness.stepped).toEqual(['one 1']);
    harness.rows = [rowOf('one', { version: 2, ledgerSeq: 2 })];
    await harness.clock.advance(2_000);
    expect(harness.stepped).toEqual(['one 1', 'one 2']);
    harness.rows = [rowOf('one', { version: 3, ledgerSeq: 3, phase: 'Denied' })];
    await harness.clock.advance(1_200_000);
    expect(harness.stepped).toHaveLength(2);
  });

  it('works on so many requests at the same time, and on none of them twice', async () => {
    harness.rows = ['a', 'b', 'c', 'd', 'e'].map((name) => rowOf(name));
    const waiting: (() => void)[] = [];
    harness.step = () => new Promise((resolve) => waiting.push(() => resolve(undefined)));
    harness.start(2);
    await harness.clock.advance(10_000);
    expect(harness.stepped).toEqual(['a 1', 'b 1']);
    waiting.shift()?.();
    await harness.clock.advance(2_000);
    expect(harness.stepped).toEqual(['a 1', 'b 1', 'c 1']);
    harness.step = () => Promise.resolve(undefined);
    while (waiting.length > 0) waiting.shift()?.();
    await harness.clock.advance(2_000);
    expect(harness.stepped).toEqual(['a 1', 'b 1', 'c 1', 'd 1', 'e 1']);
  });

  it('lets the next one begin as soon as one ends, without another look', async () => {
    harness.rows = ['a', 'b', 'c', 'd', 'e'].map((name) => rowOf(name));
    harness.start(2);
    await harness.clock.advance(1);
    expect(harness.stepped).toEqual(['a 1', 'b 1', 'c 1', 'd 1', 'e 1']);
  });

  it('begins nothing any more once it is to stop', async () => {
    harness.rows = ['a', 'b'].map((name) => rowOf(name));
    let end: () => void = () => undefined;
    harness.step = () => new Promise((resolve) => (end = () => resolve(undefined)));
    harness.start(1);
    await harness.clock.advance(1);
    const stopped = harness.stop();
    end();
    await stopped;
    expect(harness.stepped).toEqual(['a 1']);
  });

  it('says once that the store is down, and once that it is back', async () => {
    harness.isDown = true;
    harness.start();
    await harness.clock.advance(30_000);
    expect(harness.said).toEqual(['the store cannot be read']);
    harness.rows = [rowOf('one')];
    harness.isDown = false;
    await harness.clock.advance(2_000);
    expect(harness.said).toEqual(['the store cannot be read', 'the store can be read again']);
    expect(harness.stepped).toEqual(['one 1']);
  });

  it('tries again what failed, and looks again where somebody was faster', async () => {
    harness.rows = [rowOf('one')];
    const failures: Error[] = [
      new Error('the API server is away'),
      new ApprovalConflictError('somebody was faster'),
    ];
    harness.step = () => {
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve(undefined) : Promise.reject(failure);
    };
    harness.start();
    await harness.clock.advance(4_000);
    expect(harness.stepped).toHaveLength(1);
    await harness.clock.advance(10_000);
    expect(harness.stepped).toHaveLength(3);
    expect(harness.said).toEqual(['a step of a request failed and is tried again']);
  });

  it('begins anew with a database that came back as it was before', async () => {
    harness.rows = [rowOf('one', { version: 7, ledgerSeq: 70 })];
    harness.step = (row) => Promise.resolve({ row, afterMs: 600_000 });
    harness.start();
    await harness.clock.advance(2_000);
    harness.isDown = true;
    await harness.clock.advance(5_000);
    harness.rows = [rowOf('one', { version: 3, ledgerSeq: 30 }), rowOf('two', { version: 2, ledgerSeq: 20 })];
    harness.isDown = false;
    await harness.clock.advance(2_000);
    expect(harness.stepped).toEqual(['one 7', 'one 3', 'two 2']);
  });

  it('reads anew, however old, what the store has at another version', async () => {
    harness.rows = [rowOf('one', { version: 7, ledgerSeq: 70 })];
    harness.step = ({ version }) =>
      version === 7 ? Promise.reject(new ApprovalConflictError('it is at 3')) : Promise.resolve(undefined);
    harness.start();
    harness.rows = [rowOf('one', { version: 3, ledgerSeq: 30 })];
    await harness.clock.advance(3_000);
    expect(harness.stepped).toEqual(['one 7', 'one 3']);
  });

  it('ends when another executor leads', async () => {
    harness.rows = [rowOf('one')];
    harness.step = () => Promise.reject(new FencedError('another one leads'));
    harness.start();
    await harness.clock.advance(5_000);
    await expect(harness.ended).rejects.toThrow('another one leads');
    harness = new Harness();
  });
});
