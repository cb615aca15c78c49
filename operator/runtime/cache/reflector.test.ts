import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../core/logger.ts';
import { TransientError } from '../../../core/errors.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { apiErrorOf, ConnectionError } from '../client/api-error.ts';
import type { ListOptions, ObjectList, WatchOptions } from '../client/client.ts';
import type { WatchEvent } from '../client/watch-event.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import { nextStep, Reflector } from './reflector.ts';

const TYPE: ResourceType = { group: '', version: 'v1', kind: 'Sample', plural: 'samples', namespaced: true };

const object = (name: string, resourceVersion: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name, resourceVersion },
});
const gone = () => apiErrorOf(410, { reason: 'Expired', message: 'too old' }, undefined);
const busy = () => apiErrorOf(429, { message: 'busy' }, undefined);
const broken = (refused = false) => new ConnectionError('broken', { refused });

type Page = ObjectList<KubernetesObject> | Error;
/** The events of one watch; an error ends it, and 'open' leaves it open. */
type Watch = readonly (WatchEvent<KubernetesObject> | Error | 'open')[];

describe('a reflector', () => {
  let clock: FakeClock;
  let stop: AbortController;
  let told: string[];
  let attempts: number;
  let lists: ListOptions[];
  let watches: WatchOptions[];

  beforeEach(() => {
    clock = new FakeClock();
    stop = new AbortController();
    told = [];
    attempts = 0;
    lists = [];
    watches = [];
  });

  const next = <T>(items: readonly T[], count: number, what: string): T => {
    const item = items[count - 1];
    if (item === undefined) throw new Error(`the script has no ${what} number ${count}`);
    return item;
  };
  const untilAborted = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

  async function* play(script: Watch, signal: AbortSignal): AsyncGenerator<WatchEvent<KubernetesObject>> {
    for (const step of script) {
      if (step === 'open') await untilAborted(signal);
      else if (step instanceof Error) throw step;
      else yield step;
    }
  }

  const run = (pages: readonly Page[], scripts: readonly Watch[]): Promise<void> => {
    const client = {
      list: (_type: unknown, options: ListOptions) => {
        lists.push(options);
        const page = next(pages, lists.length, 'list');
        return page instanceof Error ? Promise.reject(page) : Promise.resolve(page);
      },
      watch: (_type: unknown, options: WatchOptions, signal: AbortSignal) => {
        watches.push(options);
        return play(next(scripts, watches.length, 'watch'), signal);
      },
    };
    const reflector = new Reflector<KubernetesObject>({
      // Only these two are used; a script is easier to read than a whole client.
      client: client as never,
      type: TYPE,
      scope: { namespace: 'a', labelSelector: 'x=y' },
      target: {
        listStarted: () => told.push('list'),
        listed: (items) => told.push(...items.map((item) => `listed ${item.metadata.name}`)),
        listCompleted: () => told.push('complete'),
        changed: (event) => told.push(`${event.type} ${event.object.metadata.name}`),
        advanced: (resourceVersion) => told.push(`at ${resourceVersion}`),
        attempted: () => (attempts += 1),
      },
      clock,
      random: () => 0,
      logger: silentLogger,
      observer: {
        listStarted: () => undefined,
        watchStarted: () => undefined,
        gone: () => told.push('gone'),
      },
    });
    return reflector.run(stop.signal);
  };
  /** Moves time once everything that is ready has run: pages are handed over in turns of the event loop. */
  const advance = async (durationMs: number): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await clock.advance(0);
    await clock.advance(durationMs);
    for (let turn = 0; turn < 10; turn++) await clock.advance(0);
  };
  const end = async (running: Promise<void>): Promise<void> => {
    stop.abort(new Error('stop'));
    await running;
  };

  it('lists page by page, then watches from there', async () => {
    const running = run(
      [
        { items: [object('one', '1')], resourceVersion: '10', continue: 'more' },
        { items: [object('two', '2')], resourceVersion: '10' },
      ],
      [
        [
          { type: 'ADDED', object: object('three', '11') },
          { type: 'BOOKMARK', resourceVersion: '20' },
          'open',
        ],
      ],
    );
    await advance(10);
    expect(told).toEqual([
      'list',
      'listed one',
      'listed two',
      'complete',
      'at 10',
      'ADDED three',
      'at 11',
      'at 20',
    ]);
    expect(lists).toEqual([
      { namespace: 'a', labelSelector: 'x=y', limit: 250 },
      { namespace: 'a', labelSelector: 'x=y', limit: 250, continue: 'more' },
    ]);
    expect(watches).toMatchObject([
      { namespace: 'a', labelSelector: 'x=y', resourceVersion: '10', timeoutSeconds: 300 },
    ]);
    await end(running);
  });

  const empty: Page = { items: [], resourceVersion: '10' };
  const bookmark = (resourceVersion: string): WatchEvent<KubernetesObject> => ({
    type: 'BOOKMARK',
    resourceVersion,
  });

  it('goes on from the last bookmark at once when the server closes the watch', async () => {
    const running = run([empty], [[bookmark('15')], ['open']]);
    await advance(1);
    expect(watches.map((watch) => watch.resourceVersion)).toEqual(['10', '15']);
    await end(running);
  });

  it.each([
    ['a reset connection', broken(), '15'],
    ['a refused connection', broken(true), '15'],
    ['a busy server', busy(), '15'],
    ['a broken line', new TransientError('not JSON'), '15'],
    ['an internal error', apiErrorOf(500, {}, undefined), '15'],
  ])('watches again, a little later, after %s', async (_name, failure, resumedAt) => {
    const running = run([empty], [[bookmark('15'), failure], ['open']]);
    await advance(700);
    expect(watches).toHaveLength(1);
    await advance(200);
    expect(watches.map((watch) => watch.resourceVersion)).toEqual(['10', resumedAt]);
    expect(lists).toHaveLength(1);
    await end(running);
  });

  it('lists again when its resource version is too old, and only then says so', async () => {
    const running = run([empty, { items: [], resourceVersion: '30' }], [[bookmark('15'), gone()], ['open']]);
    await advance(1_000);
    expect(watches.map((watch) => watch.resourceVersion)).toEqual(['10', '30']);
    expect(told.filter((line) => line === 'gone')).toHaveLength(1);
    await end(running);
  });

  it('begins anew when a list expires between two pages', async () => {
    const running = run(
      [{ items: [object('one', '1')], resourceVersion: '10', continue: 'more' }, gone(), empty],
      [['open']],
    );
    await advance(1_000);
    expect(lists.map((list) => list.continue)).toEqual([undefined, 'more', undefined]);
    expect(told).toEqual(['list', 'listed one', 'gone', 'list', 'complete', 'at 10']);
    await end(running);
  });

  it('never gives up, and asks ever less often', async () => {
    const failures = Array.from({ length: 40 }, () => broken(true));
    const running = run(failures, []);
    await advance(600_000);
    // 0.8 + 1.6 + ... + 25.6 s, then every 30 s.
    expect(lists.length).toBe(6 + 1 + Math.floor((600_000 - 50_400) / 30_000));
    // So that a health check can tell an outage from a loop that hangs.
    expect(attempts).toBe(lists.length);
    await end(running);
  });

  it('doubts its resource version when the watch fails again and again', async () => {
    const running = run(
      [empty, empty],
      [[broken()], [broken()], [broken()], [broken()], [broken()], ['open']],
    );
    await advance(120_000);
    expect(lists).toHaveLength(2);
    await end(running);
  });

  it('does not spin on watches that end at once', async () => {
    const running = run(
      [empty, empty, empty],
      Array.from({ length: 20 }, () => []),
    );
    await advance(10_000);
    expect(watches.length).toBeLessThan(6);
    await end(running);
  });

  it('ends with its signal, in whatever it is doing, and without an error', async () => {
    const listing = run([broken()], []);
    await advance(10);
    await end(listing);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the answer to a failure', () => {
  it.each([
    ['too old', gone(), 1, 'list'],
    ['refused, however often', broken(true), 50, 'watch'],
    ['busy, however often', busy(), 50, 'watch'],
    ['reset', broken(), 1, 'watch'],
    ['reset for the fifth time', broken(), 5, 'list'],
    ['forbidden for the fifth time', apiErrorOf(403, {}, undefined), 5, 'list'],
    ['something unknown', 'what?', 1, 'watch'],
  ])('%s', (_name, failure, count, expected) => {
    expect(nextStep(failure, count)).toBe(expected);
  });
});
