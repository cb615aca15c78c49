/**
 * What the store answers at 1 and at 5 million findings: the 95th percentile of each hot query, and that its plan still goes by its index. The
 * operator has no part in it.
 */
import { PostgresServer } from '../../harness/postgres.ts';
import {
  fillHistory,
  HOT_QUERIES,
  nodesOf,
  watchStore,
  type HistorySize,
  type HotQuery,
  type WatchedStore,
} from '../../harness/history-data.ts';
import type { Bench, Phase } from '../bench.ts';
import { percentile } from '../report/statistics.ts';

/** A run of 20 servers and 50 checks is 1,000 findings. */
const ONE_MILLION: HistorySize = { owners: 20, runs: 50, servers: 20, checks: 50 };
const FIVE_MILLION: HistorySize = { ...ONE_MILLION, runs: 250 };
const SAMPLES = 100;
/** Tables that must not be read whole; of a thousand runs the planner may well do so. */
const LARGE: readonly (string | undefined)[] = ['findings', 'run_servers'];

export const history: Phase = {
  name: 'history',
  run: async (bench) => {
    await bench.operator.stop();
    const server = await PostgresServer.start('18', { configuration: ['max_wal_size = 4GB'] });
    try {
      bench.record('history1MSlowestP95Ms', await slowest(bench, server, ONE_MILLION));
      bench.record('history5MSlowestP95Ms', await slowest(bench, server, FIVE_MILLION));
    } finally {
      await server.stop();
    }
  },
};

async function slowest({ report }: Bench, server: PostgresServer, size: HistorySize): Promise<number> {
  const settings = await server.createDatabase();
  await fillHistory(settings, size);
  const store = watchStore(settings, size);
  const percentiles: number[] = [];
  try {
    for (const query of Object.keys(HOT_QUERIES) as HotQuery[]) {
      await requireIndex(store, query);
      const p95Ms = percentile(await timesOf(store, query), 0.95);
      report(
        `    ${size.owners * size.runs * size.servers * size.checks} findings, ${query}: ${p95Ms.toFixed(1)} ms`,
      );
      percentiles.push(p95Ms);
    }
  } finally {
    await store.close();
  }
  return Math.max(...percentiles);
}

async function requireIndex(store: WatchedStore, query: HotQuery): Promise<void> {
  const nodes = (await store.plans(query)).flatMap(nodesOf);
  if (!nodes.some((node) => node['Index Name'] === HOT_QUERIES[query]))
    throw new Error(`${query} does not go by ${HOT_QUERIES[query]}`);
  const scan = nodes.find(
    (node) => node['Node Type'] === 'Seq Scan' && LARGE.includes(node['Relation Name']),
  );
  if (scan !== undefined) throw new Error(`${query} reads all of ${scan['Relation Name']}`);
}

async function timesOf(store: WatchedStore, query: HotQuery): Promise<readonly number[]> {
  const times: number[] = [];
  for (let number = 0; number < SAMPLES; number += 1) times.push(await store.ask(query, number * 7919));
  return times;
}
