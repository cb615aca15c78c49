import { describe, expect, it } from 'vitest';
import type { RefusedAttempt } from '../../approval/index.ts';
import { silentLogger } from '../../core/logger.ts';
import { nextTurn } from '../../core/next-turn.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { Refusals } from './refusals.ts';

const attempt = (change: Partial<RefusedAttempt> = {}): RefusedAttempt => ({
  requestUid: 'r',
  namespace: 'team-a',
  name: 'remediate-github',
  person: 'alice',
  verb: 'approve',
  reason: 'SeparationOfDuties',
  ...change,
});

function collecting() {
  const clock = new FakeClock();
  const recorded: RefusedAttempt[] = [];
  const refusals = new Refusals({
    clock,
    logger: silentLogger,
    record: async (each) => {
      recorded.push(each);
    },
  });
  return { clock, recorded, refusals };
}

/** Everything that was begun by promises has been done. */

describe('refused tries', () => {
  it('of one person under ever new names are taken as far as anybody tries by hand, and then once a second', async () => {
    const { clock, recorded, refusals } = collecting();
    const flood = (from: number): void => {
      for (let count = from; count < from + 100; count += 1) refusals.add(attempt({ name: `name-${count}` }));
    };
    flood(0);
    refusals.add(attempt({ person: 'bob' }));
    await nextTurn();
    const ofAlice = () => recorded.filter(({ person }) => person === 'alice').length;
    expect([ofAlice(), recorded.length]).toEqual([32, 33]);
    await clock.advance(3_000);
    flood(100);
    await nextTurn();
    expect(ofAlice()).toBe(35);
  });

  it('of one person, request and verb are taken once a second', async () => {
    const { clock, recorded, refusals } = collecting();
    for (const _ of [1, 2, 3]) refusals.add(attempt());
    refusals.add(attempt({ verb: 'deny' }));
    refusals.add(attempt({ person: 'bob' }));
    await nextTurn();
    expect(recorded.map(({ person, verb }) => `${person} ${verb}`)).toEqual([
      'alice approve',
      'alice deny',
      'bob approve',
    ]);
    await clock.advance(1_000);
    refusals.add(attempt());
    await nextTurn();
    expect(recorded).toHaveLength(4);
  });

  it('are bounded while the store is slow, and later ones get in again', async () => {
    const clock = new FakeClock();
    const recorded: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    const record = async ({ person }: RefusedAttempt): Promise<void> => {
      await gate.promise;
      recorded.push(person);
    };
    const refusals = new Refusals({ clock, logger: silentLogger, record });
    for (let number = 0; number < 1_000; number += 1) refusals.add(attempt({ person: `person-${number}` }));
    gate.resolve(undefined);
    await nextTurn();
    // One is being written, the others wait.
    expect(recorded).toHaveLength(257);
    refusals.add(attempt({ person: 'late' }));
    await nextTurn();
    expect(recorded.at(-1)).toBe('late');
  });

  it('go on after one that the store did not take', async () => {
    const clock = new FakeClock();
    const recorded: string[] = [];
    const record = async ({ person }: RefusedAttempt): Promise<void> => {
      if (person === 'alice') throw new Error('the store is down');
      recorded.push(person);
    };
    const refusals = new Refusals({ clock, logger: silentLogger, record });
    refusals.add(attempt());
    refusals.add(attempt({ person: 'bob' }));
    await nextTurn();
    expect(recorded).toEqual(['bob']);
  });
});
