/** Requests for approval and time, against a real API server and a real PostgreSQL: when they may no longer be decided, or executed, and not yet. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock, type Clock } from '../../core/clock.ts';
import { ApprovalWorld, BOB, CAROL, MALLORY, TWO, reasonOf } from '../harness/approval-world.ts';

let world: ApprovalWorld;

beforeAll(async () => {
  world = await ApprovalWorld.create(inject('kubeconfigPath'));
  await world.start();
  await world.protectedNow();
}, 120_000);
afterAll(() => world.stop());

/** The clock of a machine that is ahead. */
function ahead(ms: number): Clock {
  return {
    now: () => new Date(systemClock.now().getTime() + ms),
    monotonicMs: () => systemClock.monotonicMs(),
    setTimeout: (callback, durationMs) => systemClock.setTimeout(callback, durationMs),
    sleep: (durationMs, signal) => systemClock.sleep(durationMs, signal),
  };
}

describe('before it is approved, a request', () => {
  it('expires when nobody decides in time', async () => {
    await world.policy('main', { ...TWO, ttl: { approval: '2s' } });
    const name = await world.ask(await world.server(MALLORY));
    const status = await world.reaches(name, 'Expired');
    expect(reasonOf(status, 'Expired')).toBe('NotDecided');
    expect(await world.row(name)).toMatchObject({ phase: 'Expired' });
    await world.policy('main', TWO);
  });

  it('is denied by a denial in time that nobody looked at in time; an approval of then comes too late', async () => {
    await world.policy('main', { ...TWO, ttl: { approval: '5m' } });
    const denied = await world.pending(await world.server(MALLORY));
    const approved = await world.pending(await world.server(MALLORY));
    await world.policy('main', TWO);
    // Nobody looks while these are made; who looks next does so after both have expired.
    await world.stopControllers();
    await world.decide(denied, 'deny', BOB);
    await world.decide(approved, 'approve', BOB);
    await world.decide(approved, 'approve', CAROL);
    await world.start({ clock: ahead(6 * 60_000) });
    expect(reasonOf(await world.reaches(denied, 'Denied'), 'Denied')).toBe('Denied');
    const late = await world.reaches(approved, 'Expired');
    expect(reasonOf(late, 'Expired')).toBe('NotDecided');
    await world.start();
  });
});

describe('once it is approved, a request', () => {
  it('expires when nobody executes it in time', async () => {
    await world.policy('main', { ...TWO, ttl: { execution: '2s' } });
    const name = await world.pending(await world.server(MALLORY));
    await world.decide(name, 'approve', BOB);
    await world.decide(name, 'approve', CAROL);
    const status = await world.reaches(name, 'Expired');
    expect(reasonOf(status, 'Expired')).toBe('NotExecuted');
    // That it was approved, and until when, stays on record.
    expect(reasonOf(status, 'Approved')).toBe('QuorumMet');
    const approvedAt = (await world.row(name)).conditions.find(({ type }) => type === 'Approved')?.at ?? '';
    expect(Date.parse(status.executeBefore ?? '')).toBe(Date.parse(approvedAt) + 2_000);
    await world.policy('main', TWO);
  });

  it('waits for the end of a freeze that is longer than its time, which begins then', async () => {
    const beganMs = Math.floor(Date.now() / 60_000) * 60_000;
    const [hour, minute] = new Date(beganMs).toISOString().slice(11, 16).split(':').map(Number);
    await world.policy('freeze', {
      freeze: [{ schedule: `${minute} ${hour} * * *`, duration: '3h' }],
      ttl: { execution: '10m' },
    });
    const name = await world.pending(await world.server(MALLORY));
    const { waiting, executeBefore = '' } = await world.approve(name);
    expect(waiting).toBe('Freeze');
    expect(Date.parse(executeBefore)).toBe(beganMs + (3 * 60 + 10) * 60_000);
    await world.removePolicy('freeze');
  });

  it('is freed of a freeze by an override, in no more time than it had', async () => {
    await world.policy('freeze', { freeze: [{ schedule: '* * * * *', duration: '1h' }] });
    const name = await world.pending(await world.server(MALLORY));
    const approved = await world.approve(name);
    expect(approved.waiting).toBe('Freeze');
    await world.decide(name, 'override', CAROL);
    const overridden = await world.shows(name, ({ waiting }) => waiting === undefined, 'thawed');
    expect(reasonOf(overridden, 'Overridden')).toBe('Overridden');
    expect(Date.parse(overridden.executeBefore ?? '')).toBeLessThanOrEqual(
      Date.parse(approved.executeBefore ?? ''),
    );
    await world.removePolicy('freeze');
  });
});
