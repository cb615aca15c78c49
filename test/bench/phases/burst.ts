/** All servers are created as fast as the load generator can, without anything that would make pods ready. */
import { systemClock } from '../../../core/clock.ts';
import { countDuring, deadlineMs, isCurrent, NAMESPACE, type Phase } from '../bench.ts';
import { createServers } from '../load/servers.ts';

export const burst: Phase = {
  name: 'burst',
  run: async (bench) => {
    const { load, names, servers, record } = bench;
    const startedAtMs = systemClock.monotonicMs();
    let endedAtMs = startedAtMs;
    const calls = await countDuring(bench, async () => {
      const current = servers.untilCount(names.length, isCurrent, deadlineMs(bench));
      await Promise.all([createServers(load, NAMESPACE, names), current.then((atMs) => (endedAtMs = atMs))]);
      await bench.operator.quiet(names.length);
    });
    const seconds = (endedAtMs - startedAtMs) / 1000;
    record('burstSeconds', seconds);
    record('burstServersPerSecond', names.length / seconds);
    record('pendingWritesPerServer', (calls.writes - calls.policyWrites) / names.length);
    record('readsPerServer', calls.reads / names.length);
  },
};
