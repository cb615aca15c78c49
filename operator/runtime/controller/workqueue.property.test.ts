/** The work queue against a reference model: plain lists that are searched from end to end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { createWorkQueue, UNOBSERVED_QUEUE } from './workqueue.ts';

interface Item {
  readonly key: string;
  readonly priority: number;
  /** Place among those of the same priority. */
  readonly order: number;
}
interface Delay {
  readonly key: string;
  readonly priority: number;
  readonly dueMs: number;
}

/** What the queue promises, without any cleverness. */
class ModelQueue {
  waiting: Item[] = [];
  /** Added again while they are handled. */
  again: Item[] = [];
  delays: Delay[] = [];
  held: string[] = [];
  isShutDown = false;
  #order = 0;

  add(key: string, priority: number): void {
    if (this.isShutDown) return;
    this.delays = this.delays.filter((delay) => delay.key !== key);
    if (this.held.includes(key)) this.again = this.#raised(this.again, key, priority);
    else this.waiting = this.#raised(this.waiting, key, priority);
  }

  addAfter(key: string, delayMs: number, priority: number, nowMs: number): void {
    if (this.isShutDown) return;
    if (delayMs === 0) return this.add(key, priority);
    const known = this.delays.filter((delay) => delay.key === key);
    if (known.some((delay) => delay.dueMs <= nowMs + delayMs && delay.priority >= priority)) return;
    this.delays = this.delays.filter((delay) => delay.key !== key);
    this.delays.push({
      key,
      priority: Math.max(priority, ...known.map((delay) => delay.priority)),
      dueMs: Math.min(nowMs + delayMs, ...known.map((delay) => delay.dueMs)),
    });
  }

  /** Adds what is due, the earliest first. */
  advanceTo(nowMs: number): void {
    const due = this.delays.filter(({ dueMs }) => dueMs <= nowMs);
    for (const { key, priority } of due.toSorted((one, other) => one.dueMs - other.dueMs))
      this.add(key, priority);
  }

  get next(): Item | undefined {
    return this.waiting.toSorted((one, other) => other.priority - one.priority || one.order - other.order)[0];
  }

  take(): Item | undefined {
    const item = this.next;
    if (item === undefined) return undefined;
    this.waiting = this.waiting.filter(({ key }) => key !== item.key);
    this.held.push(item.key);
    return item;
  }

  done(key: string): void {
    if (!this.held.includes(key)) return;
    this.held = this.held.filter((other) => other !== key);
    const added = this.again.find((item) => item.key === key);
    this.again = this.again.filter((item) => item.key !== key);
    if (added !== undefined && !this.isShutDown) this.waiting.push({ ...added, order: this.#order++ });
  }

  /** A key that is there already keeps its place, unless its priority rises. */
  #raised(items: readonly Item[], key: string, priority: number): Item[] {
    const known = items.find((item) => item.key === key);
    if (known !== undefined && known.priority >= priority) return [...items];
    return [...items.filter((item) => item.key !== key), { key, priority, order: this.#order++ }];
  }
}

const key = fc.constantFrom('a', 'b', 'c');
const step = fc.record({
  kind: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom('add', 'addAfter', 'addAfter', 'advance', 'get', 'done') },
    { weight: 1, arbitrary: fc.constant('shutDown') },
  ),
  key,
  priority: fc.constantFrom(-100, 0, 7),
  ms: fc.constantFrom(0, 1, 2, 4, 8, 16, 32),
});

describe('the work queue', () => {
  it('does what its model does, in any order of events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const clock = new FakeClock();
        const depths = new Map<number, number>();
        const queue = createWorkQueue(clock, {
          ...UNOBSERVED_QUEUE,
          depthChanged: (priority, change) => depths.set(priority, (depths.get(priority) ?? 0) + change),
        });
        const model = new ModelQueue();
        for (const { kind, key: name, priority, ms } of steps) {
          if (kind === 'add') {
            queue.add(name, priority);
            model.add(name, priority);
          } else if (kind === 'addAfter') {
            queue.addAfter(name, ms, priority);
            model.addAfter(name, ms, priority, clock.monotonicMs());
          } else if (kind === 'advance') {
            await clock.advance(ms);
            model.advanceTo(clock.monotonicMs());
          } else if (kind === 'done') {
            queue.done(name);
            model.done(name);
          } else if (kind === 'shutDown') {
            queue.shutDown();
            model.isShutDown = true;
            model.delays = [];
          } else if (model.isShutDown || model.next !== undefined) {
            const expected = model.isShutDown ? undefined : model.take();
            expect(await queue.get()).toEqual(expected && { key: expected.key, priority: expected.priority });
          }
          expect(queue.unfinishedMs()).toHaveLength(model.held.length);
          expect(clock.pendingTimers).toBe(model.delays.length);
          if (model.isShutDown) continue;
          expect(queue.size).toBe(model.waiting.length);
          for (const level of [-100, 0, 7]) {
            const waiting = model.waiting.filter((item) => item.priority === level);
            expect(depths.get(level) ?? 0).toBe(waiting.length);
          }
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('hands each key to one of the workers that wait, and to no other until it is done', async () => {
    const action = fc.record({ kind: fc.constantFrom('add', 'wait', 'done'), key });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'max' }), async (actions) => {
        const queue = createWorkQueue(new FakeClock());
        const held = new Set<string>();
        const owed = new Set<string>();
        let workers = 0;
        const work = async (): Promise<void> => {
          const item = await queue.get();
          if (item === undefined) return;
          workers -= 1;
          expect(held.has(item.key)).toBe(false);
          expect(owed.delete(item.key)).toBe(true);
          held.add(item.key);
        };
        const waiting: Promise<void>[] = [];
        for (const { kind, key: name } of actions) {
          if (kind === 'add') {
            owed.add(name);
            queue.add(name, 0);
          } else if (kind === 'wait') {
            workers += 1;
            waiting.push(work());
          } else {
            held.delete(name);
            queue.done(name);
          }
          await Promise.resolve();
          await Promise.resolve();
          // Nothing lies about while somebody is free to handle it.
          expect(workers > 0 && [...owed].some((each) => !held.has(each))).toBe(false);
        }
        queue.shutDown();
        await Promise.all(waiting);
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});
