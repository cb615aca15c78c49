import { describe, expect, it } from 'vitest';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import { afterAttempt, backoffMs, newMemory, type Attempt, type ProbeResult } from './probe-memory.ts';
import { aMemory, anObserved, VERIFIED, withStatus } from './testing/builders.ts';

const FAILED: ProbeResult = { kind: 'failed', reason: 'Timeout', message: 'too slow' };
const AUTH: ProbeResult = { kind: 'authRequired', status: 401, challenge: false };
const UNREADABLE: ProbeResult = { kind: 'unreadable', reason: 'NoSecretAccess', message: 'grant it' };
const INTERRUPTED: ProbeResult = { kind: 'interrupted' };

const attempt = (result: ProbeResult, fields: Partial<Attempt> = {}): Attempt => ({
  result,
  run: 'a/0',
  readyRuns: ['a/0'],
  nowMs: 1_000_000,
  jitter: 0.5,
  request: undefined,
  ...fields,
});
const recall = (fields = {}) => ({
  subject: 's',
  templateHash: 'current',
  readyRuns: ['a/0'],
  nowMs: 1000,
  jitter: 0.25,
  ...fields,
});

describe('newMemory', () => {
  const verified = withStatus(anObserved());

  it('asks a server that nobody knows at once', () => {
    expect(newMemory(aServer(), recall())).toMatchObject({
      restored: undefined,
      dueMs: 1000,
      seen: new Set(),
    });
  });

  it('carries over what an earlier process verified, and asks again some time within the interval', () => {
    const memory = newMemory(verified, recall());
    expect(memory.restored).toMatchObject({ status: 'True', reason: 'Verified' });
    expect(memory).toMatchObject({ dueMs: 1000 + 0.25 * 300_000, seen: new Set(['a/0']) });
  });

  it.each([
    ['another pod template', verified, { templateHash: 'next' }],
    ['another generation', { ...verified, metadata: { ...verified.metadata, generation: 2 } }, {}],
  ])('doubts what was concluded about %s', (_name, server, known) => {
    expect(newMemory(server, recall(known))).toMatchObject({ restored: undefined, dueMs: 1000 });
  });

  it.each([
    ['as declared: some time within the interval', aServer({ auth: { required: true } }), 76_000],
    ['unexpectedly: at once', aServer(), 1000],
  ])('asks a server again that wanted credentials, %s', (_name, server, dueMs) => {
    const settled = { kind: 'authRequired', status: 401, challenge: true } as const;
    const known = withStatus(anObserved({ server, probe: aMemory({ settled }) }));
    expect(newMemory(known, recall())).toMatchObject({ restored: { reason: 'AuthRequired' }, dueMs });
  });

  it('keeps what was bad, and asks at once', () => {
    const failing = withStatus(
      anObserved({
        probe: aMemory({ failure: { kind: 'failed', reason: 'Timeout', message: 'm' }, misses: 3 }),
      }),
    );
    expect(newMemory(failing, recall())).toMatchObject({
      restored: { status: 'False', reason: 'Timeout' },
      dueMs: 1000,
      seen: new Set(),
    });
  });

  it('remembers that a reference could not be read', () => {
    const { reason, message } = { reason: 'NoSecretAccess', message: 'grant it' } as const;
    const denied = withStatus(
      anObserved({ probe: aMemory({ settled: { kind: 'unreadable', reason, message } }) }),
    );
    expect(newMemory(denied, recall()).settled).toEqual({ kind: 'unreadable', reason, message });
  });
});

describe('afterAttempt', () => {
  it.each([
    { name: 'a success', result: VERIFIED, server: aServer(), waitMs: 300_000 },
    { name: 'a miss', result: FAILED, server: aServer(), waitMs: 1_000 },
    { name: 'missing credentials', result: AUTH, server: aServer(), waitMs: 1_000 },
    {
      name: 'missing credentials, as declared',
      result: AUTH,
      server: aServer({ auth: { required: true } }),
      waitMs: 300_000,
    },
    { name: 'a Secret that may not be read', result: UNREADABLE, server: aServer(), waitMs: 1_000 },
    { name: 'an API server that is away', result: INTERRUPTED, server: aServer(), waitMs: 1_000 },
  ])('asks again $waitMs ms after $name', ({ result, server, waitMs }) => {
    expect(afterAttempt(aMemory(), server, attempt(result)).dueMs).toBe(1_000_000 + waitMs);
  });

  it.each([
    { jitter: 0, waitMs: 270_000 },
    { jitter: 0.999999, waitMs: 330_000 },
  ])('spreads the interval by a tenth: jitter $jitter', ({ jitter, waitMs }) => {
    const { dueMs } = afterAttempt(aMemory(), aServer(), attempt(VERIFIED, { jitter }));
    expect(dueMs - 1_000_000).toBeCloseTo(waitMs, -2);
  });

  it('backs off 1, 2, 4 ... 60 seconds while the matter is open, and begins anew once it is settled', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map(backoffMs)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
    let memory = aMemory();
    for (const result of [FAILED, INTERRUPTED, FAILED])
      memory = afterAttempt(memory, aServer(), attempt(result));
    expect(memory).toMatchObject({ unsettled: 3, misses: 2, dueMs: 1_004_000 });
    memory = afterAttempt(memory, aServer(), attempt(VERIFIED));
    expect(memory).toMatchObject({ unsettled: 0, misses: 0, failure: undefined });
    expect(afterAttempt(memory, aServer(), attempt(FAILED)).dueMs).toBe(1_001_000);
  });

  it('keeps the last good result beside misses', () => {
    const good = afterAttempt(aMemory(), aServer(), attempt(VERIFIED));
    expect(afterAttempt(good, aServer(), attempt(FAILED))).toMatchObject({
      settled: VERIFIED,
      failure: FAILED,
      misses: 1,
    });
  });

  it('no longer holds against a server what can be read again', () => {
    const denied = afterAttempt(aMemory(), aServer(), attempt(UNREADABLE));
    expect(denied.settled).toEqual(UNREADABLE);
    expect(afterAttempt(denied, aServer(), attempt(INTERRUPTED)).settled).toEqual(UNREADABLE);
    expect(afterAttempt(denied, aServer(), attempt(FAILED))).toMatchObject({ settled: undefined, misses: 1 });
  });

  it('does not let one good replica take back the miss of another', () => {
    const both = ['a/0', 'b/0'];
    const missed = afterAttempt(aMemory(), aServer(), attempt(FAILED, { run: 'a/0', readyRuns: both }));
    const other = afterAttempt(missed, aServer(), attempt(VERIFIED, { run: 'b/0', readyRuns: both }));
    expect(other).toMatchObject({ misses: 1, failingRun: 'a/0' });
    const gone = afterAttempt(missed, aServer(), attempt(VERIFIED, { run: 'b/0', readyRuns: ['b/0'] }));
    expect(gone).toMatchObject({ misses: 0, failingRun: undefined });
  });

  it('forgets runs that are no more, so that memory stays bounded', () => {
    const memory = aMemory({ seen: new Set(['old/0', 'old/1']) });
    expect(afterAttempt(memory, aServer(), attempt(VERIFIED)).seen).toEqual(new Set(['a/0']));
  });

  it('knows no runs of a remote server', () => {
    const after = afterAttempt(
      aMemory(),
      aRemoteServer(),
      attempt(VERIFIED, { run: undefined, readyRuns: [] }),
    );
    expect(after.seen).toEqual(new Set());
  });

  it('remembers the request it answered', () => {
    expect(afterAttempt(aMemory(), aServer(), attempt(FAILED, { request: 'r1' })).request).toBe('r1');
    expect(afterAttempt(aMemory({ request: 'r1' }), aServer(), attempt(FAILED)).request).toBe('r1');
  });
});
