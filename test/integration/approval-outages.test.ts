/**
 * Requests for approval while PostgreSQL is killed and started again, and while there is none: nothing moves, people see why, and all of it goes on by
 * itself. Against a real API server.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { APPROVAL_REQUEST } from '../../controllers/decisions/index.ts';
import { ApprovalWorld, BOB, CAROL, MALLORY, reasonOf } from '../harness/approval-world.ts';

let world: ApprovalWorld;

beforeAll(async () => {
  world = await ApprovalWorld.create(inject('kubeconfigPath'));
}, 120_000);
beforeEach(async () => {
  await world.start();
  await world.protectedNow();
}, 60_000);
afterAll(() => world.stop());

/** A request that somebody plays the executor of. */
async function executing(): Promise<string> {
  const name = await world.pending(await world.server(MALLORY));
  await world.approve(name);
  await world.begin(name);
  return name;
}

const isUnavailable = async (name: string): Promise<void> => {
  await world.shows(name, (status) => reasonOf(status, 'Recorded') === 'StoreUnavailable', 'waiting');
};

describe('while the database is down', () => {
  it.each(['the same leader', 'a new leader'])(
    'a request of each phase stays as it is, and goes on for %s',
    async (who) => {
      const pending = await world.pending(await world.server(MALLORY));
      const approved = await world.pending(await world.server(MALLORY));
      await world.approve(approved);
      const begun = await executing();
      const final = await world.pending(await world.server(MALLORY));
      await world.decide(final, 'deny', BOB);
      const denied = await world.reaches(final, 'Denied');
      await world.postgres.kill();
      const unheard = await world.ask(await world.server(MALLORY));
      for (const name of [pending, approved, begun, unheard]) await isUnavailable(name);
      // Made now, and neither counted nor lost.
      await world.decide(pending, 'approve', BOB);
      await world.decide(pending, 'approve', CAROL);
      await world.decide(approved, 'deny', CAROL);
      const phases = async (names: readonly string[]) =>
        Promise.all(names.map(async (name) => (await world.status(name)).phase));
      const before = ['Pending', 'Approved', 'Executing', undefined, 'Denied'];
      expect(await phases([pending, approved, begun, unheard, final])).toEqual(before);
      if (who === 'a new leader') {
        await world.start();
        // It looks at all of them, and can read none.
        await isUnavailable(final);
        expect(await phases([pending, approved, begun, unheard, final])).toEqual(before);
      }
      await world.postgres.restart();
      await world.reaches(pending, 'Approved');
      expect(reasonOf(await world.reaches(approved, 'Denied'), 'Denied')).toBe('WithdrawnByDenial');
      expect(reasonOf(await world.reaches(unheard, 'Pending'), 'Recorded')).toBe('Recorded');
      await world.shows(begun, (status) => reasonOf(status, 'Recorded') === 'Recorded', 'recorded');
      await world.finish(begun);
      const { phase, decisions } = await world.shows(
        final,
        (status) => reasonOf(status, 'Recorded') === 'Recorded',
        'recorded',
      );
      expect({ phase, decisions }).toEqual({ phase: 'Denied', decisions: denied.decisions });
    },
    120_000,
  );

  it('a request that is deleted is gone at once, and its row is cancelled afterwards', async () => {
    const name = await world.pending(await world.server(MALLORY));
    await world.postgres.kill();
    await isUnavailable(name);
    await world.remove(APPROVAL_REQUEST, name);
    // Nothing holds the object, though nobody could note that it is gone.
    await expect(world.request(name)).rejects.toThrow('there is no ApprovalRequest');
    await world.postgres.restart();
    const isCancelled = async () =>
      (await world.store.requestNamed(world.namespace, name))?.phase === 'Cancelled';
    await world.sees(isCancelled, 'the row to be cancelled');
  });
});

describe('without a store', () => {
  it('every request says so', async () => {
    await world.startWithoutStore();
    const name = await world.ask(await world.server(MALLORY));
    const status = await world.shows(
      name,
      (shown) => reasonOf(shown, 'Recorded') === 'StoreRequired',
      'without a store',
    );
    expect(status.phase).toBeUndefined();
    // It is not lost for a store that comes later.
    await world.start();
    await world.reaches(name, 'Pending');
  });
});

describe('a namespace', () => {
  it('that is deleted while the database is down goes away, and its requests end when it is back', async () => {
    const pending = await world.pending(await world.server(MALLORY));
    const approved = await world.pending(await world.server(MALLORY));
    await world.approve(approved);
    await world.postgres.kill();
    await isUnavailable(pending);
    await world.kubectl(['delete', 'namespace', world.namespace, '--wait=true', '--timeout=60s']);
    await world.postgres.restart();
    for (const name of [pending, approved]) {
      const row = async () => world.store.requestNamed(world.namespace, name);
      const ended = await world.sees(async () => {
        const now = await row();
        return now?.phase === 'Cancelled' && now;
      }, `${name} to be cancelled`);
      expect(ended.conditions.at(-1)?.reason).toBe('RequestDeleted');
    }
  }, 120_000);
});
