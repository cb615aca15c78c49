/** The five hot queries go by their indexes. `make bench` asserts the same plans, and times them, at 1 and 5 million findings. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fillHistory,
  HOT_QUERIES,
  nodesOf,
  watchStore,
  type HotQuery,
  type WatchedStore,
} from '../harness/history-data.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { POSTGRES_VERSIONS } from '../harness/postgres-binaries.ts';

const SIZE = { owners: 20, runs: 40, servers: 10, checks: 10 };
/** Small for ever: a check has one text. */
const SMALL = 'check_texts';

describe.each(POSTGRES_VERSIONS)('plans on PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let store: WatchedStore;
  beforeAll(async () => {
    server = await PostgresServer.start(version);
    const settings = await server.createDatabase();
    await fillHistory(settings, SIZE);
    store = watchStore(settings, SIZE);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it.each(Object.entries(HOT_QUERIES) as [HotQuery, string][])('%s goes by %s', async (query, index) => {
    const nodes = (await store.plans(query)).flatMap(nodesOf);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    const scanned = nodes.filter(
      (node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] !== SMALL,
    );
    expect(scanned).toEqual([]);
  });
});
