/** One server's share of a run: recorded whole or not at all, and at most once. */
import { sql } from 'kysely';
import type { Fence, RecordedServer } from '../../checks/engine/history.ts';
import type { FindingRecord, ServerResult } from '../../checks/engine/record.ts';
import { digest } from '../../core/canonical-json.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Executor, Write } from '../executor.ts';
import { insertChange } from './changes.ts';
import { insertEvidence } from './evidence.ts';
import {
  compareText,
  FINDING_COLUMNS,
  findingReader,
  insertFindings,
  readCheckTexts,
  storableFindings,
  type FindingRow,
} from './findings.ts';
import { unknownRun } from './runs.ts';
import { optional } from './values.ts';

/** @see RunHistory.recordServer */
export async function recordServer(
  executor: Executor,
  runId: string,
  result: RecordedServer,
  fence: Fence,
  now: Date,
): Promise<void> {
  const findings = storableFindings(result.findings);
  await executor.write(fence, async (write) => {
    if (await isDone(write, runId, result)) return;
    await insertEvidence(write.tx, result.evidence, findings);
    await insertFindings(write.tx, runId, result.server.uid, findings);
    await markDone(write, runId, result, now);
    write.record(entryOf(runId, { ...result, findings }));
    if (result.change !== undefined) await insertChange(write, result.change);
  });
}

/** The lock is held until the end: a second leader's record of the same server waits and then finds it done. */
async function isDone({ tx }: Write, runId: string, { server }: ServerResult): Promise<boolean> {
  const { rows } = await sql<{ readonly done: boolean; readonly open: boolean }>`
    SELECT s.done_at IS NOT NULL AS done, r.finished_at IS NULL AND r.deleted_at IS NULL AS open
    FROM kilo_mcp.run_servers s JOIN kilo_mcp.runs r ON r.id = s.run_id
    WHERE s.run_id = ${runId} AND s.server_uid = ${server.uid} FOR UPDATE OF s FOR SHARE OF r`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw unknownRun(`${runId} with server ${server.uid}`);
  if (!row.done && !row.open) throw new TerminalError(`run ${runId} is finished: it takes no more findings`);
  return row.done;
}

async function markDone(
  { tx }: Write,
  runId: string,
  { server, score, coverage }: ServerResult,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('run_servers')
    .set({ done_at: now.toISOString(), score: score ?? null, coverage: coverage ?? null })
    .where('run_id', '=', runId)
    .where('server_uid', '=', server.uid)
    .execute();
}

/** Binds the findings by the hash of their canonical JSON: who reads them back can show that they are what was recorded. */
function entryOf(runId: string, { server, findings, score, coverage }: ServerResult) {
  return {
    kind: 'ServerRecorded' as const,
    body: {
      run: runId,
      server,
      findings: findings.length,
      findingsDigest: digest(findings),
      ...optional('score', score),
      ...optional('coverage', coverage),
    },
  };
}

/** @see RunHistory.results. Findings come sorted by check and era; evidence stays where it is, and is read by its digest. */
export async function results(executor: Executor, runId: string): Promise<readonly ServerResult[]> {
  return executor.snapshot(async (tx) => {
    const servers = await tx
      .selectFrom('run_servers')
      .innerJoin('runs', 'runs.id', 'run_servers.run_id')
      .select(['server_uid as uid', 'namespace', 'name', 'run_servers.score', 'run_servers.coverage'])
      .where('run_id', '=', runId)
      .where('done_at', 'is not', null)
      .where('deleted_at', 'is', null)
      .orderBy('position')
      .execute();
    if (servers.length === 0) return [];
    const rows = await tx
      .selectFrom('findings')
      .select(FINDING_COLUMNS)
      .where('run_id', '=', runId)
      .execute();
    const texts = await readCheckTexts(tx, rows);
    const read = findingReader(texts);
    const byServer = Map.groupBy(rows, ({ server_uid }) => server_uid);
    return servers.map(({ namespace, name, uid, score, coverage }) => {
      const server = { namespace, name, uid };
      return {
        server,
        findings: sorted(byServer.get(uid) ?? []).map((row) => read(row, server)),
        evidence: [],
        ...optional('score', score),
        ...optional('coverage', coverage),
      };
    });
  });
}

/** @see RunHistory.previousFindings */
export async function previousFindings(
  executor: Executor,
  ownerUid: string,
  serverUid: string,
): Promise<readonly FindingRecord[]> {
  const rows = await executor.read((db) =>
    db
      .with('last', (cte) =>
        cte
          .selectFrom('run_servers')
          .innerJoin('runs', 'runs.id', 'run_servers.run_id')
          .select(['run_servers.run_id', 'run_servers.namespace', 'run_servers.name'])
          .where('run_servers.owner_uid', '=', ownerUid)
          .where('run_servers.server_uid', '=', serverUid)
          .where('run_servers.done_at', 'is not', null)
          .where('runs.finished_at', 'is not', null)
          .where('runs.deleted_at', 'is', null)
          .orderBy('run_servers.done_at', 'desc')
          .limit(1),
      )
      .selectFrom('last')
      .innerJoin('findings', 'findings.run_id', 'last.run_id')
      .select(FINDING_COLUMNS)
      .select(['last.namespace', 'last.name'])
      .where('findings.server_uid', '=', serverUid)
      .execute(),
  );
  const texts = await executor.read((db) => readCheckTexts(db, rows));
  const read = findingReader(texts);
  return sorted(rows).map((row) =>
    read(row, { namespace: row.namespace, name: row.name, uid: row.server_uid }),
  );
}

/** Here and not in SQL, where the order depends on the database's collation. */
function sorted<Row extends FindingRow>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted(
    (one, other) => compareText(one.check_id, other.check_id) || compareText(one.era, other.era),
  );
}
