import { afterEach, describe, expect, it } from 'vitest';
import { ApprovalConflictError, type ApprovalRow, isFinal } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { FencedError } from '../../checks/engine/history.ts';
import type { Logger } from '../../core/logger.ts';
import { nextTurn } from '../../core/next-turn.ts';
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
  /** Called when what changed was read, before the executor has it. */
  onChanged: () => Promise<void> = () => Promise.resolve();
  /** How many rows each question for changes was answered with. */
  readonly pages: number[] = [];
  step: Step = () => Promise.resolve(undefined);
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  start(concurrency = 4): void {
    const executor = new Executor({
      store: {
        openRequests: () => this.#openRequests(),
        requestsChangedSince: (seq, limit) => this.#changedSince(seq, limit),
      },
      ledgerHead: async () => Math.max(0, ...(await this.#read()).map(({ ledgerSeq }) => ledgerSeq)),
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

  #read(): Promise<readonly ApprovalRow[]> {
    return this.isDown ? Promise.reject(new Error('the store is down')) : Promise.resolve(this.rows);
  }

  async #openRequests(): Promise<readonly ApprovalRow[]> {
    return (await this.#read()).filter(({ phase }) => !isFinal(phase));
  }

  async #changedSince(seq: number, limit: number): Promise<readonly ApprovalRow[]> {
    const changed = (await this.#read()).filter(({ ledgerSeq }) => ledgerSeq > seq);
    const page = changed.toSorted((one, other) => one.ledgerSeq - other.ledgerSeq).slice(0, limit);
    this.pages.push(page.length);
    await this.onChanged();
    return page;
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
    await harness.clock.advance(0);
    harness.rows = [rowOf('one', { version: 3, ledgerSeq: 30 })];
    await harness.clock.advance(3_000);
    expect(harness.stepped).toEqual(['one 7', 'one 3']);
  });

  it('reads nothing that was over before it began, nor again what it has seen when somebody was faster', async () => {
    const over = Array.from({ length: 1_200 }, (_, index) =>
      rowOf(`over ${index}`, { phase: 'Executed', ledgerSeq: index + 1 }),
    );
    harness.rows = over;
    harness.start();
    await harness.clock.advance(3_000);
    harness.rows = [...over, rowOf('one', { ledgerSeq: 2_000 })];
    harness.step = () => Promise.reject(new ApprovalConflictError('somebody was faster'));
    await harness.clock.advance(3_000);
    expect(harness.stepped.length).toBeGreaterThan(1);
    expect(harness.pages.filter((rows) => rows > 0)).toEqual([1]);
  });

  it('catches up within one look, however much was written since the last one', async () => {
    harness.start();
    await harness.clock.advance(100);
    harness.rows = Array.from({ length: 1_200 }, (_, index) =>
      rowOf(`${index}`, { phase: index === 1_199 ? 'Approved' : 'Executed', ledgerSeq: index + 1 }),
    );
    await harness.clock.advance(1_000);
    expect(harness.stepped).toEqual(['1199 1']);
  });

  it.each([
    ['reads what changed', false],
    ['reads anew already', true],
  ])('reads anew again when somebody was faster while it %s', async (_what, isAnew) => {
    harness.rows = [rowOf('one', { version: 7, ledgerSeq: 70 })];
    let fail: () => void = () => undefined;
    harness.step = ({ version }) =>
      version === 7
        ? new Promise((_, reject) => (fail = () => reject(new ApprovalConflictError('it is at 3'))))
        : Promise.resolve(undefined);
    harness.start();
    await harness.clock.advance(100);
    harness.isDown = isAnew;
    await harness.clock.advance(1_000);
    harness.isDown = false;
    harness.rows = [rowOf('one', { version: 3, ledgerSeq: 30 })];
    harness.onChanged = async () => {
      harness.onChanged = () => Promise.resolve();
      fail();
      await nextTurn();
    };
    await harness.clock.advance(1_000);
    await harness.clock.advance(2_000);
    expect(harness.stepped).toEqual(['one 7', 'one 3']);
  });

  it('follows no more what ended while it read anew', async () => {
    harness.rows = [rowOf('one', { ledgerSeq: 1 }), rowOf('two', { ledgerSeq: 2 })];
    harness.step = (row) =>
      row.requestUid === 'one'
        ? Promise.resolve({ row, afterMs: 5_000 })
        : Promise.reject(new ApprovalConflictError('somebody was faster'));
    harness.start();
    await harness.clock.advance(100);
    harness.rows = [
      rowOf('one', { version: 2, ledgerSeq: 3, phase: 'Cancelled' }),
      rowOf('two', { version: 2, ledgerSeq: 4, phase: 'Denied' }),
    ];
    await harness.clock.advance(60_000);
    expect(harness.stepped).toEqual(['one 1', 'two 1']);
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
