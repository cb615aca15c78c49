/** History of any size, made by the database itself; and the five questions that are asked of it all the time. */
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Client, Pool, types } from 'pg';
import { systemClock } from '../../core/clock.ts';
import { OpenStore } from '../../stores/open-store.ts';
import { clientClass } from '../../stores/postgres/client.ts';
import { openPostgres } from '../../stores/postgres/index.ts';
import type { StoreSettings } from '../../stores/index.ts';
import type { Tables } from '../../stores/tables.ts';

/** How much: runs of each owner times servers times checks are findings. */
export interface HistorySize {
  readonly owners: number;
  readonly runs: number;
  readonly servers: number;
  readonly checks: number;
}

/** The index that each hot query has to use, by its name. */
export const HOT_QUERIES = {
  'last run of an owner': 'runs_last',
  'previous findings of a server': 'run_servers_last',
  'results of a run': 'findings_pkey',
  'runs of a period': 'runs_started',
  'open run of an owner': 'runs_open',
} as const;
export type HotQuery = keyof typeof HOT_QUERIES;

/** Runs are hourly from this time on; the last one of each owner is open. */
const START = '2026-01-01T00:00:00Z';

/** Fills an empty store. The owner of run `n` is `owner-O`; a server's uid is `uid-S`. */
export async function fillHistory(settings: StoreSettings, size: HistorySize): Promise<void> {
  const { db, close } = await openPostgres({ ...settings, statementTimeoutSeconds: 3_600 });
  const { owners, runs, servers, checks } = size;
  const statements = [
    sql`INSERT INTO kilo_mcp.check_texts (digest, body)
      SELECT sha256(convert_to(c::text, 'UTF8')), '{"title":"t","family":"S","severity":"high","scored":true,"remediation":{"kind":"none","text":"t"},"references":[],"controls":{}}'
      FROM generate_series(1, ${checks}::int) c`,
    sql`INSERT INTO kilo_mcp.runs (id, owner_kind, owner_namespace, owner_name, owner_uid, profile_name, profile_hash, trigger, tool_name, tool_version, started_at, finished_at, score, coverage, result)
      SELECT md5(o || '/' || r)::uuid, 'ComplianceCheck', 'ns', 'name', 'owner-' || o, 'p', 'h', 'Schedule', 'kilo-mcp', '0',
        ${START}::timestamptz + r * interval '1 hour' + o * interval '1 second',
        CASE WHEN r < ${runs}::int THEN ${START}::timestamptz + r * interval '1 hour' + interval '10 minutes' END, 80, 100, 'NonCompliant'
      FROM generate_series(1, ${owners}::int) o, generate_series(1, ${runs}::int) r`,
    sql`INSERT INTO kilo_mcp.run_servers (run_id, server_uid, owner_uid, namespace, name, position, done_at, score, coverage)
      SELECT r.id, 'uid-' || s, r.owner_uid, 'ns', 'server-' || s, s, r.started_at + interval '5 minutes', 80, 100
      FROM kilo_mcp.runs r, generate_series(1, ${servers}::int) s`,
    // In the order in which a store gets them, server by server: where a row lies decides what reading a run costs.
    sql`INSERT INTO kilo_mcp.findings (run_id, server_uid, check_id, era, check_text, outcome, state, message, body, result_id, first_seen_at, evaluated_at)
      SELECT rs.run_id, rs.server_uid, 'MCP-S' || c, 'modern', c, CASE WHEN c % 10 = 0 THEN 'Fail' ELSE 'Pass' END, 'unchanged',
        'A sentence about this server that says what was found.', '{"fields":[]}', '0123456789abcdef', rs.done_at, rs.done_at
      FROM kilo_mcp.run_servers rs, generate_series(1, ${checks}::int) c
      ORDER BY rs.done_at, rs.run_id, rs.position, c`,
    sql`VACUUM ANALYZE`,
  ];
  try {
    for (const statement of statements) await statement.execute(db);
  } finally {
    await close();
  }
}

/** A store whose statements can be looked at. */
export interface WatchedStore {
  /** Asks one of the hot questions about the owner and the server of that number. */
  ask(query: HotQuery, number: number): Promise<number>;
  /** The plan of every SELECT that the question takes. */
  plans(query: HotQuery): Promise<readonly Plan[]>;
  close(): Promise<void>;
}

/** A node of `EXPLAIN (FORMAT JSON)`. */
export interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

/** Opens the store with a look at its statements. */
export function watchStore(settings: StoreSettings, size: HistorySize): WatchedStore {
  const seen: { readonly text: string; readonly values: readonly unknown[] }[] = [];
  const pool = new Pool({ Client: clientClass(settings, settings), max: 1 });
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => void seen.push({ text: query.sql, values: query.parameters }),
  }).withSchema('kilo_mcp');
  const close = (): Promise<void> => db.destroy();
  const store = new OpenStore({ db, close, pool: () => ({ size: 1, waiting: 0 }) }, systemClock);
  const ask = async (query: HotQuery, number: number): Promise<number> => {
    const owner = `owner-${1 + (number % size.owners)}`;
    const run = await sql<{
      id: string;
    }>`SELECT md5(${`${1 + (number % size.owners)}/${1 + (number % size.runs)}`})::uuid AS id`.execute(db);
    seen.length = 0;
    const startedAtMs = systemClock.monotonicMs();
    await answers(store, owner, number, run.rows[0]?.id ?? '', size)[query]();
    return systemClock.monotonicMs() - startedAtMs;
  };
  const plans = async (query: HotQuery): Promise<readonly Plan[]> => {
    await ask(query, 7);
    const selects = seen.filter(({ text }) => /^(select|with)/i.test(text));
    return Promise.all(selects.map(({ text, values }) => explain(settings, text, values)));
  };
  return { ask, plans, close };
}

function answers(
  store: OpenStore,
  owner: string,
  number: number,
  run: string,
  size: HistorySize,
): Readonly<Record<HotQuery, () => Promise<unknown>>> {
  const from = new Date(Date.parse(START) + (number % size.runs) * 3_600_000);
  const period = { from: from.toISOString(), to: new Date(from.getTime() + 86_400_000).toISOString() };
  return {
    'last run of an owner': () => store.lastRun(owner),
    'previous findings of a server': () =>
      store.previousFindings(owner, `uid-${1 + (number % size.servers)}`),
    'results of a run': () => store.results(run),
    'runs of a period': () => store.runs(period, 50),
    'open run of an owner': () => store.openRun(owner),
  };
}

async function explain(settings: StoreSettings, text: string, values: readonly unknown[]): Promise<Plan> {
  const { host, port, database, user } = settings;
  const client = new Client({ host, port, database, user, types });
  await client.connect();
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(
      `EXPLAIN (FORMAT JSON) ${text}`,
      [...values],
    );
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
    if (plan === undefined) throw new Error('EXPLAIN gave no plan');
    return plan;
  } finally {
    await client.end();
  }
}

/** A plan and everything below it. */
export function nodesOf(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
