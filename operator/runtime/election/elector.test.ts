import { beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../core/errors.ts';
import { silentLogger } from '../../../core/logger.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { apiErrorOf } from '../client/api-error.ts';
import { createLeaderElector, type LeaderElector } from './elector.ts';
import { LeadershipLostError, type Leadership } from './leadership.ts';
import type { Lease, LeaseSpec } from './lease.ts';

const KEY = { namespace: 'a', name: 'leader' };

describe('leader election', () => {
  let clock: FakeClock;
  /** The lease as the API server has it. */
  let stored: Lease | undefined;
  let writes: number;
  let isAway: boolean;
  let isHanging: boolean;
  let slowPaths: number;

  beforeEach(() => {
    slowPaths = 0;
    clock = new FakeClock();
    stored = undefined;
    writes = 0;
    isAway = false;
    isHanging = false;
  });

  const reach = async (signal: AbortSignal): Promise<void> => {
    if (isHanging) await clock.sleep(3_600_000, signal);
    if (isAway) throw apiErrorOf(503, {}, undefined);
  };
  const store = (lease: Lease): Lease => {
    writes += 1;
    stored = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(writes) } };
    return stored;
  };
  const client = {
    get: async (_type: unknown, _key: unknown, signal: AbortSignal) => {
      await reach(signal);
      return stored;
    },
    create: async (_type: unknown, lease: Lease, _options: unknown, signal: AbortSignal) => {
      await reach(signal);
      if (stored !== undefined) throw apiErrorOf(409, { reason: 'AlreadyExists' }, undefined);
      return store(lease);
    },
    replace: async (_type: unknown, lease: Lease, _options: unknown, signal: AbortSignal) => {
      await reach(signal);
      if (stored?.metadata.resourceVersion !== lease.metadata.resourceVersion) {
        throw apiErrorOf(409, { reason: 'Conflict' }, undefined);
      }
      return store(lease);
    },
  };

  interface Competitor {
    readonly elector: LeaderElector;
    readonly stop: AbortController;
    readonly running: Promise<void>;
    readonly terms: Leadership[];
  }
  const compete = (identity: string): Competitor => {
    const stop = new AbortController();
    const terms: Leadership[] = [];
    const elector = createLeaderElector({
      // The three methods that an elector uses.
      client: client as never,
      lease: KEY,
      identity,
      logger: silentLogger,
      clock,
      random: () => 0,
      observer: { leading: () => undefined, slowPath: () => (slowPaths += 1) },
    });
    const lead = async (leadership: Leadership): Promise<void> => {
      terms.push(leadership);
      await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
    };
    return { elector, stop, terms, running: elector.run(stop.signal, lead) };
  };
  const end = async (...competitors: readonly Competitor[]): Promise<void> => {
    for (const { stop, running } of competitors) {
      stop.abort(new Error('stop'));
      await clock.advance(0);
      await running;
    }
  };

  it('elects one, who renews every two seconds', async () => {
    const one = compete('one');
    const other = compete('other');
    await clock.advance(30_000);
    expect([one.elector.isLeading(), other.elector.isLeading()]).toEqual([true, false]);
    expect(one.terms).toMatchObject([{ epoch: 0 }]);
    expect(stored?.spec?.renewTime).toBe('2026-01-01T00:00:30.000000Z');
    expect(writes).toBe(1 + 15);
    await end(other, one);
  });

  it('hands over at once when the leader stops in order', async () => {
    const one = compete('one');
    await clock.advance(5_000);
    const other = compete('other');
    await clock.advance(5_000);
    await end(one);
    expect(stored?.spec?.holderIdentity).toBe('');
    await clock.advance(2_000);
    expect(other.terms).toMatchObject([{ epoch: 1 }]);
    await end(other);
  });

  it('waits for a dead leader for the duration of the lease, by its own clock', async () => {
    stored = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...KEY, resourceVersion: '7' },
      // The holder's clock is a year ahead: it must not matter.
      spec: {
        holderIdentity: 'dead',
        leaseDurationSeconds: 15,
        renewTime: '2027-01-01T00:00:00.000000Z',
        leaseTransitions: 4,
      },
    };
    const one = compete('one');
    await clock.advance(14_000);
    expect(one.elector.isLeading()).toBe(false);
    await clock.advance(2_000);
    expect(one.terms).toMatchObject([{ epoch: 5 }]);
    await end(one);
  });

  it.each([
    ['cannot be reached', () => (isAway = true)],
    ['does not answer', () => (isHanging = true)],
  ])('is lost when the API server %s for the renew deadline, and not before', async (_name, fail) => {
    const one = compete('one');
    await clock.advance(4_000);
    fail();
    const outcome = expect(one.running).rejects.toThrow(LeadershipLostError);
    await clock.advance(9_000);
    expect(one.terms[0]?.signal.aborted).toBe(false);
    await clock.advance(3_100);
    await outcome;
    expect(one.terms[0]?.signal.aborted).toBe(true);
    expect(one.elector.isLeading()).toBe(false);
    // It never said that it let go: others wait for the lease to expire.
    expect(stored?.spec?.holderIdentity).toBe('one');
  });

  it('ends before another may begin', async () => {
    const one = compete('one');
    const other = compete('other');
    await clock.advance(4_000);
    isAway = true;
    let lostAtMs = 0;
    one.running.catch(() => (lostAtMs = clock.monotonicMs()));
    await clock.advance(13_000);
    isAway = false;
    expect(lostAtMs).toBeGreaterThan(0);
    while (!other.elector.isLeading()) await clock.advance(100);
    expect(clock.monotonicMs()).toBeGreaterThan(lostAtMs);
    await end(other);
  });

  const change = (spec: LeaseSpec): void => {
    if (stored !== undefined) store({ ...stored, spec: { ...stored.spec, ...spec } });
  };

  it.each<[string, LeaseSpec, RegExp]>([
    ['another holds it', { holderIdentity: 'thief', leaseTransitions: 1 }, /held by thief/],
    ['another held it and let go', { holderIdentity: '', leaseTransitions: 1 }, /held by nobody/],
  ])('is lost with the next renewal when %s', async (_name, spec, message) => {
    const one = compete('one');
    await clock.advance(5_000);
    change(spec);
    const stolen = stored;
    const outcome = expect(one.running).rejects.toThrow(message);
    await clock.advance(1_100);
    await outcome;
    expect(one.terms[0]?.signal.reason).toBeInstanceOf(LeadershipLostError);
    expect(stored).toBe(stolen);
    expect(slowPaths).toBe(1);
  });

  it('stays when somebody else merely touched the record, and reads it again', async () => {
    const one = compete('one');
    await clock.advance(5_000);
    change({ renewTime: 'then' });
    await clock.advance(1_100);
    expect(stored?.spec).toMatchObject({ holderIdentity: 'one', renewTime: '2026-01-01T00:00:06.000000Z' });
    await clock.advance(30_000);
    expect([one.elector.isLeading(), slowPaths]).toEqual([true, 1]);
    await end(one);
  });

  it('goes on with its epoch when somebody deleted the record', async () => {
    const one = compete('one');
    await clock.advance(1_000);
    await end(one);
    const other = compete('other');
    await clock.advance(3_000);
    expect(other.terms).toMatchObject([{ epoch: 1 }]);
    stored = undefined;
    await clock.advance(2_000);
    expect(stored).toMatchObject({ spec: { holderIdentity: 'other', leaseTransitions: 1 } });
    await end(other);
  });

  it('renews without a read', async () => {
    const one = compete('one');
    await clock.advance(60_000);
    expect([writes, slowPaths]).toEqual([31, 0]);
    await end(one);
  });

  it('survives an outage that is shorter than the deadline', async () => {
    const one = compete('one');
    await clock.advance(4_000);
    isAway = true;
    await clock.advance(7_000);
    isAway = false;
    await clock.advance(60_000);
    expect(one.elector.isLeading()).toBe(true);
    expect(one.terms).toHaveLength(1);
    await end(one);
  });

  it('tells a health check about a leader that should have ended', async () => {
    const one = compete('one');
    await clock.advance(4_000);
    expect(one.elector.isHealthy()).toBe(true);
    await end(one);
    expect(one.elector.isHealthy()).toBe(true);
  });

  it('ends with an error when the work does, and releases the lease', async () => {
    const elector = createLeaderElector({
      client: client as never,
      lease: KEY,
      identity: 'one',
      logger: silentLogger,
      clock,
    });
    const running = elector.run(new AbortController().signal, () => Promise.reject(new Error('broken')));
    await expect(running).rejects.toThrow('broken');
    expect(stored?.spec?.holderIdentity).toBe('');
  });

  it('stops competing with its signal', async () => {
    isAway = true;
    const one = compete('one');
    await clock.advance(10_000);
    await end(one);
    expect(one.terms).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses times that cannot work', () => {
    const times = { leaseDurationMs: 10_000, renewDeadlineMs: 10_000 };
    expect(() =>
      createLeaderElector({
        client: client as never,
        lease: KEY,
        identity: 'x',
        logger: silentLogger,
        ...times,
      }),
    ).toThrow(ConfigError);
  });
});
