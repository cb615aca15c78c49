/** Nothing changes: nothing should be done. */
import { systemClock } from '../../../core/clock.ts';
import { waitFor } from '../../harness/wait.ts';
import { countDuring, type Bench, type Phase } from '../bench.ts';
import type { FigureKey } from '../report/catalogue.ts';

/** Long enough that whatever is still being written, statuses and Events about what happened before, shows in it. */
const SETTLE_MS = 12_000;
/** A whole pass of the garbage collector takes several times as much. */
const SETTLED_CPU_SECONDS = 0.05;
const SETTLED_WITHIN_MS = 300_000;
const MINUTE_MS = 60_000;

/** An idle phase that records its writes and its processor time, scaled to a minute. */
export function idle(name: string, writes: FigureKey, cpuSeconds: FigureKey): Phase {
  return {
    name,
    run: async (bench) => {
      const { operator, settings, signal, record } = bench;
      await settle(bench);
      const durationMs = settings.idleSeconds * 1000;
      const before = await operator.process.cpuSeconds();
      const calls = await countDuring(bench, () => systemClock.sleep(durationMs, signal));
      const used = (await operator.process.cpuSeconds()) - before;
      record(writes, (calls.writes + calls.events) * (MINUTE_MS / durationMs));
      record(cpuSeconds, used * (MINUTE_MS / durationMs));
    },
  };
}

/**
 * Waits for a while without a write and without work: Events are written behind everything else, on a slow API server for long, and V8 gives
 * back what the work before left in the seconds after it.
 */
async function settle(bench: Bench): Promise<void> {
  const { operator, signal } = bench;
  const isQuiet = async (): Promise<boolean> => {
    const before = await operator.process.cpuSeconds();
    const { writes, events } = await countDuring(bench, () => systemClock.sleep(SETTLE_MS, signal));
    const used = (await operator.process.cpuSeconds()) - before;
    return writes + events === 0 && used <= SETTLED_CPU_SECONDS;
  };
  await waitFor(isQuiet, {
    deadlineMs: SETTLED_WITHIN_MS,
    intervalMs: 0,
    description: 'the operator to write nothing more and to come to rest',
  });
}
