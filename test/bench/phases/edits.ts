/**
 * A user edits one server after the other, and somebody deletes one child after the other; each waits until everything that followed
 * from the one before has come to rest, so that latency is measured and not throughput.
 */
import { childName } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import { isCurrent, isReady, NAMESPACE, type Bench, type Phase, type SeenDeployment } from '../bench.ts';
import { argumentOf, deploymentsPath, editServer } from '../load/servers.ts';
import { percentile } from '../report/statistics.ts';

const DEADLINE_MS = 30_000;
/** For the last echoes: the old pod's end, and the status that it leads to. */
const REST_MS = 50;

export const edits: Phase = {
  name: 'edits',
  run: async (bench) => {
    const { record } = bench;
    const durations: number[] = [];
    for (const [index, name] of chosen(bench).entries())
      durations.push(await timeEdit(bench, name, `--edit=${index}`));
    record('editP50Ms', percentile(durations, 0.5));
    record('editP99Ms', percentile(durations, 0.99));
  },
};

export const deletedChildren: Phase = {
  name: 'deleted-children',
  run: async (bench) => {
    const { record } = bench;
    const durations: number[] = [];
    for (const name of chosen(bench)) durations.push(await timeDelete(bench, name));
    record('deletedChildP50Ms', percentile(durations, 0.5));
    record('deletedChildP99Ms', percentile(durations, 0.99));
  },
};

/** Servers spread over all of them, each at most once in a phase while there are enough. */
export function chosen({ names, settings }: Bench): readonly string[] {
  return Array.from({ length: settings.edits }, (_, index) => names[(index * 7919) % names.length] ?? '');
}

/** From the edit's request until the Deployment with it was seen, in milliseconds. */
async function timeEdit(bench: Bench, name: string, argument: string): Promise<number> {
  const { load, deployments } = bench;
  const seen = deployments.until(childName(name), (object) => argumentOf(object) === argument, DEADLINE_MS);
  const startedAtMs = systemClock.monotonicMs();
  await editServer(load, NAMESPACE, name, argument);
  const durationMs = (await seen) - startedAtMs;
  await atRest(bench, name);
  return durationMs;
}

async function timeDelete(bench: Bench, name: string): Promise<number> {
  const { load, deployments } = bench;
  const child = childName(name);
  const uid = deployments.get(child)?.metadata.uid;
  const back = deployments.until(child, (object) => object.metadata.uid !== uid, DEADLINE_MS);
  const startedAtMs = systemClock.monotonicMs();
  await load.demand('DELETE', `${deploymentsPath(NAMESPACE)}/${child}`);
  const durationMs = (await back) - startedAtMs;
  await atRest(bench, name);
  return durationMs;
}

/** The server is Ready again: its new pod runs and has been probed. Without pods there is nothing to wait for but its status. */
async function atRest({ servers, deployments, signal }: Bench, name: string): Promise<void> {
  const hasPods = deployments.list().some(({ status }) => (status?.readyReplicas ?? 0) > 0);
  const isCovered = ({ status, metadata }: SeenDeployment): boolean =>
    status?.observedGeneration === metadata.generation;
  if (hasPods) await deployments.until(childName(name), isCovered, DEADLINE_MS);
  await servers.until(name, hasPods ? isReady : isCurrent, DEADLINE_MS);
  await systemClock.sleep(REST_MS, signal);
}
