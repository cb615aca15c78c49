/**
 * As many servers again wait for an operator that is not there. It starts, and while it works through them a user edits one after the
 * other: that user must not wait behind the crowd.
 */
import { childName } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Phase } from '../bench.ts';
import { ObjectView } from '../load/object-view.ts';
import { argumentOf, createNamespace, createServers, deploymentsPath, editServer } from '../load/servers.ts';
import { percentile } from '../report/statistics.ts';

const NAMESPACE = 'bench-startup';
const DEADLINE_MS = 600_000;
/** The last servers of the list are the last of the crowd. */
const EDITS = 50;

export const startupEdits: Phase = {
  name: 'startup-edits',
  run: async (bench) => {
    const { operator, load, names, signal, record } = bench;
    await operator.stop();
    await createNamespace(load, NAMESPACE);
    await createServers(load, NAMESPACE, names);
    const deployments = await ObjectView.open(load, deploymentsPath(NAMESPACE), signal);
    await operator.start();
    const durations: number[] = [];
    for (const [index, name] of names.slice(-EDITS).toReversed().entries()) {
      const argument = `--startup=${index}`;
      const seen = deployments.until(
        childName(name),
        (object) => argumentOf(object) === argument,
        DEADLINE_MS,
      );
      const startedAtMs = systemClock.monotonicMs();
      await editServer(load, NAMESPACE, name, argument);
      durations.push((await seen) - startedAtMs);
      if (deployments.list().length >= names.length) break;
    }
    await operator.quiet(2 * names.length);
    record('startupEditP50Ms', percentile(durations, 0.5));
    record('startupEditP99Ms', percentile(durations, 0.99));
  },
};
