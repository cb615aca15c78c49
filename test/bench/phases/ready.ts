/** Pods become ready, all at once. */
import { systemClock } from '../../../core/clock.ts';
import { connectPlainly } from '../../harness/plain-client.ts';
import { countDuring, deadlineMs, isReady, NAMESPACE, type Phase } from '../bench.ts';
import { playKubelet } from '../rig/kubelet.ts';

export const ready: Phase = {
  name: 'ready',
  run: async (bench) => {
    const { controlPlane, names, servers, signal, record } = bench;
    const client = await connectPlainly(await controlPlane.kubeconfigFor('bench-kubelet'));
    signal.addEventListener('abort', () => void client.close(), { once: true });
    const startedAtMs = systemClock.monotonicMs();
    const calls = await countDuring(bench, async () => {
      await playKubelet(client, NAMESPACE, signal);
      const endedAtMs = await servers.untilCount(names.length, isReady, deadlineMs(bench));
      record('readySeconds', (endedAtMs - startedAtMs) / 1000);
      await bench.operator.quiet(names.length);
    });
    record('readyWritesPerServer', calls.writes / names.length);
    record('eventsPerServer', calls.events / names.length);
  },
};
