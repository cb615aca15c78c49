/** Nothing changes: nothing should be done. */
import { systemClock } from '../../../core/clock.ts';
import { countDuring, type Phase } from '../bench.ts';
import type { FigureKey } from '../report/catalogue.ts';

/** Status updates of the load that are still on their way must not count as idle work. */
const SETTLE_MS = 3_000;
const MINUTE_MS = 60_000;

/** An idle phase that records its writes and its processor time, scaled to a minute. */
export function idle(name: string, writes: FigureKey, cpuSeconds: FigureKey): Phase {
  return {
    name,
    run: async (bench) => {
      const { operator, settings, signal, record } = bench;
      await systemClock.sleep(SETTLE_MS, signal);
      const durationMs = settings.idleSeconds * 1000;
      const before = await operator.process.cpuSeconds();
      const calls = await countDuring(bench, () => systemClock.sleep(durationMs, signal));
      const used = (await operator.process.cpuSeconds()) - before;
      record(writes, (calls.writes + calls.events) * (MINUTE_MS / durationMs));
      record(cpuSeconds, used * (MINUTE_MS / durationMs));
    },
  };
}
