import { beforeEach, describe, expect, it } from 'vitest';
import { ConflictError, TerminalError, TransientError } from '../../../core/errors.ts';
import { silentLogger } from '../../../core/logger.ts';
import { nextTurn } from '../../../core/next-turn.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { ObjectKey } from '../object/object.ts';
import { createController, type Controller, type ControllerOptions } from './controller.ts';
import { UNOBSERVED_CONTROLLER } from './observer.ts';
import type { ReconcileContext, ReconcileResult } from './reconciler.ts';
import { PRIORITY_INITIAL_LIST, PRIORITY_NORMAL } from './watch.ts';

type Step = (key: ObjectKey, context: ReconcileContext) => Promise<ReconcileResult> | ReconcileResult;

const DONE: ReconcileResult = { kind: 'done' };

describe('the controller loop', () => {
  let clock: FakeClock;
  let stop: AbortController;
  let enqueue: (name: string, priority?: number) => void;
  let told: string[];
  let reconciled: string[];
  let synced: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    stop = new AbortController();
    told = [];
    reconciled = [];
    synced = true;
  });

  const create = (step: Step, change: Partial<ControllerOptions> = {}): Controller =>
    createController({
      name: 'test',
      reconciler: {
        reconcile: async (key, context) => {
          reconciled.push(`${key.name}@${clock.monotonicMs()}`);
          return step(key, context);
        },
      },
      watches: [
        {
          hasSynced: () => synced,
          start: (add) => {
            enqueue = (name, priority = 0) => add({ namespace: '', name }, priority);
            return () => told.push('unwatched');
          },
        },
      ],
      logger: silentLogger,
      clock,
      concurrency: 2,
      observer: {
        ...UNOBSERVED_CONTROLLER,
        ended: (result) => told.push(result),
        endedTerminally: () => told.push('terminal'),
        panicked: () => told.push('panic'),
        timedOut: () => told.push('timeout'),
        skippedStale: (kind) => told.push(`behind on ${kind}`),
      },
      ...change,
    });
  const end = async (running: Promise<void>): Promise<void> => {
    stop.abort(new Error('stop'));
    await clock.advance(0);
    await running;
  };

  it('keeps half of its workers for what is not an initial list', async () => {
    const held = Promise.withResolvers<ReconcileResult>();
    const running = create(() => held.promise, { concurrency: 8 }).run(stop.signal);
    await clock.advance(100);
    for (let index = 0; index < 10; index += 1) enqueue(`crowd-${index}`, PRIORITY_INITIAL_LIST);
    await clock.advance(0);
    expect(reconciled).toHaveLength(4);
    enqueue('edited', PRIORITY_NORMAL);
    await clock.advance(0);
    expect(reconciled).toHaveLength(5);
    held.resolve({ kind: 'done' });
    await end(running);
  });

  it('lets the event loop turn between reconciles that wait for nothing', async () => {
    const running = create(() => DONE).run(stop.signal);
    await clock.advance(100);
    for (let index = 0; index < 50; index += 1) enqueue(`unchanged-${index}`, PRIORITY_INITIAL_LIST);
    await nextTurn();
    expect(reconciled.length).toBeLessThan(5);
    while (reconciled.length < 50) await nextTurn();
    await end(running);
  });

  it('begins when the watches have synced, and ends with its signal', async () => {
    synced = false;
    const running = create(() => DONE).run(stop.signal);
    enqueue('a');
    await clock.advance(100);
    expect(reconciled).toEqual([]);
    synced = true;
    await clock.advance(100);
    expect(reconciled).toHaveLength(1);
    await end(running);
    expect(told).toEqual(['success', 'unwatched']);
  });

  it('gives up when they never do', async () => {
    synced = false;
    const running = create(() => DONE, { syncTimeoutMs: 1_000 }).run(stop.signal);
    const outcome = expect(running).rejects.toThrow(/watches did not sync within 1000 ms/);
    await clock.advance(1_100);
    await outcome;
  });

  it('comes back when it was asked to', async () => {
    const running = create(() => ({ kind: 'requeue', afterMs: 30_000 })).run(stop.signal);
    enqueue('a');
    await clock.advance(60_000);
    expect(reconciled).toEqual(['a@0', 'a@30000', 'a@60000']);
    await end(running);
  });

  it.each<[string, Error, readonly string[]]>([
    ['an outage', new TransientError('away'), ['error']],
    ['a bug', new TypeError('undefined is not a function'), ['panic', 'error']],
    ['a lost race', new ConflictError('changed'), ['requeue']],
  ])('tries again, later each time, after %s', async (_name, error, results) => {
    const running = create(() => Promise.reject(error), { keyBudget: { burst: 100, perSecond: 100 } }).run(
      stop.signal,
    );
    enqueue('a');
    await clock.advance(35);
    expect(reconciled).toEqual(['a@0', 'a@5', 'a@15', 'a@35']);
    expect(told).toEqual([results, results, results, results].flat());
    await end(running);
  });

  it.each<[string, Step]>([
    ['was told so', () => ({ kind: 'terminal', reason: 'name taken' })],
    ['an error says so', () => Promise.reject(new TerminalError('name taken'))],
  ])('waits for a change when trying again cannot help: %s', async (_name, step) => {
    const running = create(step).run(stop.signal);
    enqueue('a');
    await clock.advance(3_600_000);
    expect(reconciled).toHaveLength(1);
    expect(told).toEqual(['terminal']);
    await end(running);
  });

  it('starts from the shortest delay again after a success', async () => {
    const outcomes = [new TransientError('1'), new TransientError('2'), DONE, new TransientError('3'), DONE];
    const step: Step = () => {
      const outcome = outcomes.shift() ?? DONE;
      return outcome instanceof Error ? Promise.reject(outcome) : outcome;
    };
    const running = create(step).run(stop.signal);
    enqueue('a');
    await clock.advance(1_000);
    enqueue('a');
    await clock.advance(1_000);
    expect(reconciled).toEqual(['a@0', 'a@5', 'a@15', 'a@1000', 'a@1005']);
    await end(running);
  });

  it('lets an object that always fails disturb nobody else', async () => {
    const step: Step = ({ name }) => (name === 'poison' ? Promise.reject(new Error('poison')) : DONE);
    const running = create(step).run(stop.signal);
    enqueue('poison');
    for (let count = 0; count < 20; count++) {
      enqueue(`healthy-${count}`);
      await clock.advance(1_000);
    }
    expect(reconciled.filter((line) => line.startsWith('healthy'))).toHaveLength(20);
    expect(reconciled.filter((line) => line.startsWith('poison')).length).toBeLessThan(15);
    await end(running);
  });

  it('never works on a key twice at once, and on several keys at once', async () => {
    let running = 0;
    let most = 0;
    const busy = new Set<string>();
    const step: Step = async ({ name }) => {
      expect(busy.has(name)).toBe(false);
      busy.add(name);
      most = Math.max(most, (running += 1));
      await clock.sleep(10);
      running -= 1;
      busy.delete(name);
      return DONE;
    };
    const loop = create(step).run(stop.signal);
    for (const name of ['a', 'b', 'c']) enqueue(name);
    await clock.advance(5);
    enqueue('a');
    await clock.advance(100);
    expect(most).toBe(2);
    expect(reconciled.filter((line) => line.startsWith('a'))).toHaveLength(2);
    await end(loop);
  });

  it('ends a reconcile at its deadline, and tries again', async () => {
    const step: Step = (_key, { signal }) => clock.sleep(3_600_000, signal).then(() => DONE);
    const running = create(step, { reconcileTimeoutMs: 1_000 }).run(stop.signal);
    enqueue('a');
    await clock.advance(1_500);
    expect(told).toEqual(['timeout', 'error']);
    expect(reconciled).toEqual(['a@0', 'a@1005']);
    await end(running);
  });

  it('limits how often one key is looked at, without losing the last look', async () => {
    const running = create(() => DONE, { keyBudget: { burst: 3, perSecond: 1 } }).run(stop.signal);
    for (let count = 0; count < 50; count++) {
      enqueue('noisy');
      await clock.advance(10);
    }
    enqueue('quiet');
    await clock.advance(0);
    expect(reconciled.filter((line) => line.startsWith('noisy'))).toHaveLength(3);
    expect(reconciled.at(-1)).toBe('quiet@500');
    await clock.advance(1_000);
    expect(reconciled.filter((line) => line.startsWith('noisy'))).toHaveLength(4);
    await end(running);
  });

  it('waits for its cache to catch up with its own writes', async () => {
    let behind: string | undefined = 'Child';
    const consistency = { wroteAt: () => undefined, deletedAt: () => undefined, behind: () => behind };
    const running = create(() => DONE, { consistency }).run(stop.signal);
    enqueue('a');
    await clock.advance(150);
    expect(told).toEqual(['behind on Child', 'behind on Child']);
    behind = undefined;
    await clock.advance(50);
    expect(reconciled).toEqual(['a@200']);
    await end(running);
  });

  it('lets running reconciles finish when it is stopped, and takes no more keys', async () => {
    const abort = new AbortController();
    const running = create(async () => {
      await clock.sleep(1_000);
      return DONE;
    }).run(stop.signal, abort.signal);
    for (const name of ['a', 'b', 'c']) enqueue(name);
    await clock.advance(500);
    stop.abort(new Error('stop'));
    await clock.advance(1_000);
    await running;
    expect(reconciled).toEqual(['a@0', 'b@0']);
    expect(told).toEqual(['success', 'success', 'unwatched']);
  });

  it('ends running reconciles when it is aborted', async () => {
    const abort = new AbortController();
    const running = create((_key, { signal }) => clock.sleep(3_600_000, signal).then(() => DONE)).run(
      stop.signal,
      abort.signal,
    );
    enqueue('a');
    await clock.advance(10);
    stop.abort(new Error('lost'));
    abort.abort(new Error('lost'));
    await clock.advance(0);
    await running;
    // Neither a success nor a failure of the object.
    expect(told).toEqual(['unwatched']);
  });

  it('ends at once when it is stopped before it began', async () => {
    stop.abort(new Error('stop'));
    await create(() => DONE).run(stop.signal);
    expect(told).toEqual(['unwatched']);
  });
});
