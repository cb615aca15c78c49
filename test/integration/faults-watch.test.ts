/**
 * Watches on bad days: whatever happens between the informer and the API server, the cache ends up equal to what is stored, its
 * handlers are told the same, and the API server is not asked more than it must be.
 */
import { beforeEach, describe, expect, inject, it } from 'vitest';
import {
  cutMidFrame,
  delayEvents,
  duplicateEvents,
  endWatch,
  expiredEvent,
  fail,
  reset,
  stall,
  type FrameFault,
  type RequestFault,
} from '../faults/proxy/index.ts';
import { CLOCK_FACTOR, watchConfigMaps, type WatchedConfigMaps } from '../faults/watched-config-maps.ts';
import { waitFor } from '../harness/wait.ts';

const kubeconfigPath = inject('kubeconfigPath');
const WATCH = { verb: 'watch', resource: 'configmaps' } as const;
const LIST = { verb: 'list', resource: 'configmaps' } as const;

let subject: WatchedConfigMaps;

beforeEach(async () => {
  subject = await watchConfigMaps(kubeconfigPath);
  await subject.set('stays', '1');
  await subject.set('changes', '1');
  await subject.set('goes', '1');
  return () => subject.stop();
});

/** One of each kind of change. */
async function change(): Promise<void> {
  await subject.set('changes', '2');
  await subject.set('comes', '1');
  await subject.remove('goes');
}

/** Watching, with the first watch open. */
async function startWatching(): Promise<void> {
  subject.start();
  await subject.synced();
  await waitFor(() => subject.proxy.log.openWatches().length === 1);
}

describe('a watch that breaks goes on from where it was, without a list', () => {
  it.each<[string, FrameFault, number]>([
    ['cut in the middle of a frame', cutMidFrame, 2],
    ['closed in order instead of an event', endWatch, 2],
    ['cut again and again', cutMidFrame, 4],
  ])('%s', async (_name, fault, times) => {
    await startWatching();
    const injected = subject.proxy.inject(
      WATCH,
      { ...fault, types: ['ADDED', 'MODIFIED', 'DELETED'] },
      times,
    );
    await change();
    expect(Object.keys(await subject.converged()).toSorted()).toEqual(['changes', 'comes', 'stays']);
    expect(injected.hits).toBe(times);
    expect(subject.requests()).toEqual({ lists: 1, watches: times + 1 });
  });

  it('reset while it was quiet', async () => {
    await startWatching();
    await subject.cutWatch('midFrame');
    await change();
    await subject.converged();
    expect(subject.requests()).toEqual({ lists: 1, watches: 2 });
  });

  it('silent although connected: the inactivity limit ends it', async () => {
    await startWatching();
    const injected = subject.proxy.inject(WATCH, stall);
    await change();
    await waitFor(() => injected.hits >= 3);
    injected.remove();
    await subject.converged();
    expect(subject.requests().lists).toBe(1);
  });

  it.each<[string, RequestFault]>([
    ['429 with Retry-After', fail(429, { retryAfterSeconds: 1 })],
    ['500', fail(500)],
    ['503', fail(503)],
    ['a reset', reset],
  ])('refused by %s when it is opened again', async (_name, fault) => {
    await startWatching();
    const injected = subject.proxy.inject(WATCH, fault, 3);
    await subject.cutWatch();
    await change();
    await subject.converged();
    expect(injected.hits).toBe(3);
    expect(subject.requests()).toEqual({ lists: 1, watches: 5 });
  });

  it('refused with Retry-After: not before the time that it asks for', async () => {
    await startWatching();
    const mark = subject.proxy.log.mark();
    subject.proxy.inject(WATCH, fail(429, { retryAfterSeconds: 30 }), 1);
    await subject.cutWatch();
    const [refused, opened] = await waitFor(() => {
      const asked = subject.proxy.log.entries(WATCH, mark);
      return asked.length >= 2 && asked;
    });
    await subject.converged();
    const pauseMs = ((opened?.atMs ?? 0) - (refused?.atMs ?? 0)) * CLOCK_FACTOR;
    expect(pauseMs).toBeGreaterThanOrEqual(29_000);
  });

  it('away for long, and unsure of itself when it comes back', async () => {
    await startWatching();
    await subject.proxy.refuseConnections();
    // Long enough for more refusals than a watch may fail in a row.
    const untilMs = subject.nowMs() + 120_000;
    await waitFor(() => subject.nowMs() > untilMs);
    subject.proxy.inject(WATCH, fail(503), 1);
    await subject.proxy.acceptConnections();
    await change();
    await subject.converged();
    expect(subject.requests().lists).toBe(1);
  });

  it('the API server is away for a while', async () => {
    await startWatching();
    await subject.proxy.refuseConnections();
    await change();
    // On the informer's clock this is a minute: several attempts, and none of them may give up.
    const untilMs = subject.nowMs() + 60_000;
    await waitFor(() => subject.nowMs() > untilMs);
    await subject.proxy.acceptConnections();
    await subject.converged();
    expect(subject.requests()).toEqual({ lists: 1, watches: 2 });
  });
});

describe('a resource version that is too old leads to exactly one list', () => {
  it.each<[string, RequestFault]>([
    ['told by the answer', fail(410)],
    ['told by an event', expiredEvent],
  ])('%s', async (_name, fault) => {
    await startWatching();
    const injected = subject.proxy.inject(WATCH, fault, 1);
    await subject.cutWatch();
    await change();
    await waitFor(() => injected.hits === 1);
    await subject.converged();
    expect(subject.requests()).toEqual({ lists: 2, watches: 3 });
  });

  it('again and again: with growing pauses', async () => {
    await startWatching();
    const injected = subject.proxy.inject(WATCH, expiredEvent, 4);
    await subject.cutWatch();
    await waitFor(() => injected.hits === 4);
    await change();
    await subject.converged();
    expect(subject.requests()).toEqual({ lists: 5, watches: 6 });
  });

  it('and what was deleted and made anew meanwhile is another object', async () => {
    await startWatching();
    const injected = subject.proxy.inject(WATCH, fail(503));
    await subject.cutWatch();
    await subject.remove('changes');
    await subject.set('changes', '1');
    await waitFor(() => injected.hits > 0);
    injected.remove();
    subject.proxy.inject(WATCH, expiredEvent, 1);
    await subject.converged();
    const kinds = subject.changes.filter(({ object }) => object.metadata.name === 'changes');
    expect(kinds.map(({ kind }) => kind)).toEqual(['add', 'delete', 'add']);
  });
});

describe('the first list', () => {
  it.each<[string, RequestFault, number]>([
    ['429 with Retry-After', fail(429, { retryAfterSeconds: 1 }), 3],
    ['500', fail(500), 3],
    ['503 with Retry-After', fail(503, { retryAfterSeconds: 1 }), 3],
    ['an expired continue token', fail(410), 2],
    ['a reset', reset, 3],
  ])('succeeds after %s', async (_name, fault, times) => {
    const injected = subject.proxy.inject(LIST, fault, times);
    subject.start();
    await subject.converged();
    expect(injected.hits).toBe(times);
    expect(subject.requests().lists).toBe(times + 1);
  });

  it('of an API server that is behind is made up for by the watch', async () => {
    const version = await subject.resourceVersion();
    await change();
    const view = subject.proxy.freezeView({ resource: 'configmaps' }, version);
    subject.start();
    await subject.synced();
    expect(subject.changes.map(({ object }) => object.metadata.name).toSorted()).toEqual([
      'changes',
      'goes',
      'stays',
    ]);
    view.thaw();
    expect(Object.keys(await subject.converged()).toSorted()).toEqual(['changes', 'comes', 'stays']);
    expect(subject.requests().lists).toBe(1);
  });
});

describe('events that come', () => {
  it('twice are told once', async () => {
    await startWatching();
    subject.proxy.inject(WATCH, duplicateEvents);
    await change();
    await subject.converged();
    expect(subject.changes.filter(({ object }) => object.metadata.name === 'comes')).toHaveLength(1);
    expect(subject.changes.filter(({ kind }) => kind === 'update')).toHaveLength(1);
  });

  it('late arrive in order', async () => {
    await startWatching();
    subject.proxy.inject(WATCH, delayEvents(150));
    await change();
    await subject.converged();
    expect(subject.changes.slice(3).map(({ kind }) => kind)).toEqual(['update', 'add', 'delete']);
  });
});
