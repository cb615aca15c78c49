/** The Lease alone fails, everything else works: a leader that cannot prove its leadership ends, and one that can stays. */
import { describe } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { operatorTest } from '../faults/operator-test.ts';
import { fail, hang } from '../faults/proxy/index.ts';
import { holder, startLeader } from '../faults/replicas.ts';
import { waitFor } from '../harness/wait.ts';

const LEASES = { resource: 'leases' } as const;

describe('the lease alone cannot be reached', () => {
  operatorTest.concurrent.for([
    ['because the API server fails', fail(500)],
    ['because nobody answers', hang],
  ] as const)('%s: the leader ends in time', async ([, fault], { subject, expect }) => {
    const leader = await startLeader(subject);
    subject.proxy.inject(LEASES, fault);
    const startedAtMs = systemClock.monotonicMs();
    const { code } = await leader.exited;
    expect(code).not.toBe(0);
    expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(15_000);
  });

  operatorTest.concurrent('for a moment: the leader stays', async ({ subject, expect }) => {
    const leader = await startLeader(subject);
    const first = await holder(subject);
    const injected = subject.proxy.inject(LEASES, fail(503), 2);
    await waitFor(() => injected.hits === 2);
    const mark = subject.proxy.log.mark();
    await waitFor(() => subject.proxy.log.writes(LEASES, mark).some(({ status }) => status === 200));
    expect(await holder(subject)).toBe(first);
    expect(await leader.health('/healthz')).toBe(200);
  });
});
