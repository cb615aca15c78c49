/** The operator is stopped and started again, and nothing has changed: it should look, and keep its hands off. */
import { systemClock } from '../../../core/clock.ts';
import { countDuring, type Phase } from '../bench.ts';

const SETTLE_MS = 3_000;

export const restart: Phase = {
  name: 'restart',
  run: async (bench) => {
    const { operator, names, record, signal } = bench;
    await operator.stop();
    const calls = await countDuring(bench, async () => {
      const startedAtMs = systemClock.monotonicMs();
      await operator.start();
      await operator.quiet(names.length);
      record('restartQuietSeconds', (systemClock.monotonicMs() - startedAtMs) / 1000);
      await systemClock.sleep(SETTLE_MS, signal);
    });
    record('restartWrites', calls.writes + calls.events);
  },
};
