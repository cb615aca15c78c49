/**
 * Leadership on bad days: at any time at most one process writes, a leader that cannot prove its leadership ends, and its successor
 * takes over within the lease.
 */
import { describe } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { operatorTest } from '../faults/operator-test.ts';
import { holder, readLease, startLeader, startPair } from '../faults/replicas.ts';
import { waitFor } from '../harness/wait.ts';

describe('a leader', () => {
  operatorTest.concurrent('that is stopped in order hands over at once', async ({ subject, expect }) => {
    const { leader } = await startPair(subject);
    const first = await holder(subject);
    const startedAtMs = systemClock.monotonicMs();
    expect(await leader.terminate()).toEqual({ code: 0, signal: null });
    await waitFor(async () => ![first, ''].includes(await holder(subject)), { deadlineMs: 10_000 });
    expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(10_000);
    await subject.createServer('after');
    await subject.current('after');
  });

  operatorTest.concurrent(
    'that is killed is followed when its lease has run out, and its work is finished',
    async ({ subject, expect }) => {
      const { leader } = await startPair(subject);
      const first = await holder(subject);
      await subject.createServer('before');
      await leader.kill();
      await waitFor(async () => (await holder(subject)) !== first, { deadlineMs: 25_000 });
      await subject.current('before');
      expect((await readLease(subject)).leaseTransitions).toBe(1);
    },
  );

  operatorTest.concurrent(
    'that slept longer than its lease ends when it wakes, and writes nothing',
    async ({ subject, expect }) => {
      const { leader } = await startPair(subject);
      const first = await holder(subject);
      leader.signal('SIGSTOP');
      await waitFor(async () => (await holder(subject)) !== first, { deadlineMs: 30_000 });
      const mark = subject.proxy.log.mark();
      leader.signal('SIGCONT');
      const { code } = await leader.exited;
      expect(code).not.toBe(0);
      expect(leader.lines.join('\n')).toContain('leadership is lost');
      const writers = new Set(subject.proxy.log.writes({}, mark).map(({ request }) => request.userAgent));
      expect([...writers]).toEqual([]);
    },
  );

  operatorTest.concurrent(
    'whose lease another takes ends with its next renewal',
    async ({ subject, expect }) => {
      const leader = await startLeader(subject);
      const path = `/apis/coordination.k8s.io/v1/namespaces/${subject.namespace}/leases/mcp-operator`;
      const theft = { spec: { holderIdentity: 'thief', leaseTransitions: 1 } };
      const startedAtMs = systemClock.monotonicMs();
      await subject.client.demand('PATCH', path, theft, 'application/merge-patch+json');
      const { code } = await leader.exited;
      expect(code).not.toBe(0);
      // Well before the 10 s after which a leader that cannot reach its lease ends.
      expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(7_000);
      expect(leader.lines.join('\n')).toContain('the lease is held by thief');
      expect(await holder(subject)).toBe('thief');
    },
  );
});
