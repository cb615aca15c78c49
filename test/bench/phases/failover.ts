/** Two operators, one leads. The leader dies, once by SIGKILL and once in order; its successor must act soon. */
import { childName } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import type { OperatorProcess } from '../../faults/process/index.ts';
import { waitFor } from '../../harness/wait.ts';
import { NAMESPACE, type Bench, type Phase } from '../bench.ts';
import { argumentOf, editServer } from '../load/servers.ts';
import { sumMetric } from '../rig/metrics.ts';

const DEADLINE_MS = 60_000;
const FLAGS = ['--leader-elect=true', '--leader-election-namespace=default'];

export const failover: Phase = {
  name: 'failover',
  run: async (bench) => {
    await bench.operator.stop();
    const replicas = [await bench.operator.spawn(FLAGS), await bench.operator.spawn(FLAGS)];
    await Promise.all(replicas.map((replica) => replica.ready(DEADLINE_MS)));
    bench.record('failoverKillSeconds', await timeFailover(bench, replicas, 'SIGKILL'));
    bench.record('failoverGracefulSeconds', await timeFailover(bench, replicas, 'SIGTERM'));
    await Promise.all(replicas.map((replica) => replica.terminate()));
  },
};

/** Ends the leader, edits a server at once, and waits for the child; a new replica takes the place of the ended one. */
async function timeFailover(
  { operator, load, names: [name = ''], deployments }: Bench,
  replicas: OperatorProcess[],
  signal: NodeJS.Signals,
): Promise<number> {
  const leader = await leaderOf(replicas);
  const argument = `--after=${signal}`;
  const seen = deployments.until(childName(name), (object) => argumentOf(object) === argument, DEADLINE_MS);
  const startedAtMs = systemClock.monotonicMs();
  leader.signal(signal);
  await editServer(load, NAMESPACE, name, argument);
  const seconds = ((await seen) - startedAtMs) / 1000;
  await leader.exited;
  replicas[replicas.indexOf(leader)] = await operator.spawn(FLAGS);
  await Promise.all(replicas.map((replica) => replica.ready(DEADLINE_MS)));
  return seconds;
}

function leaderOf(replicas: readonly OperatorProcess[]): Promise<OperatorProcess> {
  const look = async (): Promise<OperatorProcess | undefined> => {
    for (const replica of replicas) {
      if (sumMetric(await replica.metrics(), 'leader_election_master_status') === 1) return replica;
    }
    return undefined;
  };
  return waitFor(look, { deadlineMs: DEADLINE_MS, description: 'a leader' });
}
