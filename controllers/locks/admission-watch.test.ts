import { describe, expect, it } from 'vitest';
import type { AdmissionInterval } from '../../approval/index.ts';
import { StoreUnavailableError } from '../../checks/engine/history.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { KubernetesClient } from '../../operator/runtime/index.ts';
import { createAdmissionWatch } from './admission-watch.ts';
import type { LockObject } from './fingerprint.ts';
import type { LockPiece } from './lock.ts';
import { ADMISSION_POLICY } from './kinds.ts';

const NEVER = new AbortController().signal;
type Observation = { readonly fingerprint: string; readonly at: string; readonly isContinuous: boolean };

const policy = (generation: number, uid = 'policy'): LockObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'lock', uid, generation },
  spec: {},
});
const PIECE: LockPiece = {
  type: ADMISSION_POLICY,
  name: 'lock',
  problemOf: (object) => (object === undefined ? 'it does not exist' : undefined),
};

/** A cluster with one lock, and a store that keeps intervals as the real one does. */
function aWorld(object: LockObject | undefined) {
  const world = {
    object,
    isDown: false,
    observations: [] as Observation[],
    intervals: [] as AdmissionInterval[],
    clock: new FakeClock(),
  };
  const client = {
    list: () =>
      world.isDown
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ items: world.object === undefined ? [] : [world.object], resourceVersion: '1' }),
  };
  const store = {
    admissionIntervals: () => Promise.resolve(world.intervals),
    recordAdmission: (observation: Observation) => {
      if (world.isDown) return Promise.reject(new StoreUnavailableError('away'));
      world.observations.push(observation);
      const { fingerprint, at, isContinuous } = observation;
      const last = world.intervals.at(-1);
      if (isContinuous && last?.fingerprint === fingerprint)
        world.intervals[world.intervals.length - 1] = { ...last, to: at };
      else world.intervals.push({ fingerprint, from: at, to: at });
      return Promise.resolve();
    },
  };
  const watch = (pieces: readonly LockPiece[] = [PIECE]) =>
    createAdmissionWatch({
      // A boundary: only this method is used.
      client: client as unknown as KubernetesClient,
      store,
      fence: () => Promise.resolve({ epoch: 1, writer: 'operator' }),
      pieces,
      clock: world.clock,
      logger: silentLogger,
    });
  const now = () => world.clock.now().getTime();
  return { world, watch, now };
}

describe('what is remembered of admission', () => {
  it('is one interval as long as nothing happens to the locks, also from leader to leader', async () => {
    const { world, watch, now } = aWorld(policy(1));
    const first = watch();
    await first.observeSince(now(), NEVER);
    await world.clock.advance(10_000);
    await first.observeSince(now(), NEVER);
    await world.clock.advance(60_000);
    await watch().observeSince(now(), NEVER);
    expect(world.intervals).toEqual([
      expect.objectContaining({ from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:10.000Z' }),
    ]);
  });

  it.each<[string, LockObject]>([
    ['deleted and made again', policy(1, 'another')],
    ['changed and put back', policy(3)],
  ])('has a gap where a lock was %s between two looks', async (_reason, after) => {
    const { world, watch, now } = aWorld(policy(1));
    const one = watch();
    await one.observeSince(now(), NEVER);
    world.object = after;
    await world.clock.advance(10_000);
    await one.observeSince(now(), NEVER);
    expect(world.intervals.map(({ from, to }) => [from, to])).toEqual([
      ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
      ['2026-01-01T00:00:10.000Z', '2026-01-01T00:00:10.000Z'],
    ]);
  });

  it.each<[string, boolean]>([
    ['a lock is missing', true],
    ['the operator serves no webhooks', false],
  ])('is nothing while %s', async (_reason, hasPiece) => {
    const { world, watch, now } = aWorld(undefined);
    await watch(hasPiece ? [PIECE] : []).observeSince(now(), NEVER);
    expect(world.observations).toEqual([]);
  });

  it('survives that nobody answers: what happened in between is found out afterwards', async () => {
    const { world, watch, now } = aWorld(policy(1));
    const one = watch();
    await one.observeSince(now(), NEVER);
    world.isDown = true;
    await world.clock.advance(10_000);
    await one.observeSince(now(), NEVER);
    world.isDown = false;
    await world.clock.advance(10_000);
    await one.observeSince(now(), NEVER);
    expect(world.intervals).toHaveLength(1);
    expect(world.intervals[0]?.to).toBe('2026-01-01T00:00:20.000Z');
  });

  it('looks once for everybody who waits, and not at all for whom a look was late enough', async () => {
    const { world, watch, now } = aWorld(policy(1));
    const one = watch();
    await Promise.all([one.observeSince(now(), NEVER), one.observeSince(now(), NEVER)]);
    await one.observeSince(now() - 5_000, NEVER);
    expect(world.observations).toHaveLength(1);
  });

  it('looks once, not until the time comes again, for whoever asked before the clock was set back', async () => {
    const { world, watch, now } = aWorld(policy(1));
    const askedMs = now() + 5_000;
    await watch().observeSince(askedMs, NEVER);
    expect(world.observations).toHaveLength(1);
  });
});
