/** Runs: they begin, they are found again after a restart, and they end. */
import type { Selectable } from 'kysely';
import type { Fence, RunHistory } from '../../checks/engine/history.ts';
import type { RunRecord, ServerReference } from '../../checks/engine/record.ts';
import { digest } from '../../core/canonical-json.ts';
import { ConflictError, TerminalError } from '../../core/errors.ts';
import { StatementError } from '../errors.ts';
import type { Executor, Write } from '../executor.ts';
import type { RunTable } from '../tables.ts';
import { optional, periodOf, storableTime } from './values.ts';

/** Rows of one INSERT: far below the 65,535 parameters of the protocol. */
const CHUNK = 1_000;

/** @see RunHistory.beginRun */
export async function beginRun(
  executor: Executor,
  run: RunRecord,
  servers: readonly ServerReference[],
  fence: Fence,
): Promise<void> {
  try {
    await executor.write(fence, (write) => insertRun(write, run, servers));
  } catch (error) {
    if (!(error instanceof StatementError && error.constraint === 'runs_open')) throw error;
    throw new ConflictError('another run of this owner is open: finish it first', { cause: error });
  }
}

async function insertRun(
  { tx, record }: Write,
  run: RunRecord,
  servers: readonly ServerReference[],
): Promise<void> {
  const inserted = await tx
    .insertInto('runs')
    .values(rowOf(run))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) return;
  const rows = servers.map(({ uid, namespace, name }, position) => ({
    run_id: run.id,
    server_uid: uid,
    owner_uid: run.owner?.uid ?? null,
    namespace,
    name,
    position,
    score: null,
    coverage: null,
  }));
  for (let from = 0; from < rows.length; from += CHUNK)
    await tx
      .insertInto('run_servers')
      .values(rows.slice(from, from + CHUNK))
      .execute();
  record({ kind: 'RunBegan', body: { run, servers: servers.length, serversDigest: digest(servers) } });
}

/** @see RunHistory.finishRun */
export async function finishRun(
  executor: Executor,
  runId: string,
  end: Parameters<RunHistory['finishRun']>[1],
  fence: Fence,
): Promise<void> {
  const finishedAt = storableTime(end.finishedAt, 'finishedAt');
  const { result, score, coverage } = end;
  await executor.write(fence, async ({ tx, record }) => {
    const updated = await tx
      .updateTable('runs')
      .set({ finished_at: finishedAt, result, score: score ?? null, coverage: coverage ?? null })
      .where('id', '=', runId)
      .where('finished_at', 'is', null)
      .where('deleted_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (updated !== undefined)
      return record({
        kind: 'RunFinished',
        body: {
          run: runId,
          finishedAt,
          result,
          ...optional('score', score),
          ...optional('coverage', coverage),
        },
      });
    const there = await tx.selectFrom('runs').select('id').where('id', '=', runId).executeTakeFirst();
    if (there === undefined) throw unknownRun(runId);
  });
}

/** @see RunHistory.openRun */
export async function openRun(executor: Executor, ownerUid: string): ReturnType<RunHistory['openRun']> {
  return executor.snapshot(async (tx) => {
    const row = await tx
      .selectFrom('runs')
      .selectAll()
      .where('owner_uid', '=', ownerUid)
      .where('finished_at', 'is', null)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const servers = await tx
      .selectFrom('run_servers')
      .select(['server_uid as uid', 'namespace', 'name', 'done_at'])
      .where('run_id', '=', row.id)
      .orderBy('position')
      .execute();
    return {
      run: runOf(row),
      servers: servers.map(({ namespace, name, uid }) => ({ namespace, name, uid })),
      done: servers.filter(({ done_at }) => done_at !== null).map(({ uid }) => uid),
    };
  });
}

/** @see RunHistory.lastRun */
export async function lastRun(executor: Executor, ownerUid: string): Promise<RunRecord | undefined> {
  const row = await executor.read((db) =>
    db
      .selectFrom('runs')
      .selectAll()
      .where('owner_uid', '=', ownerUid)
      .where('finished_at', 'is not', null)
      .where('deleted_at', 'is', null)
      .orderBy('finished_at', 'desc')
      .limit(1)
      .executeTakeFirst(),
  );
  return row === undefined ? undefined : runOf(row);
}

/** @see RunReader.run */
export async function run(executor: Executor, id: string): Promise<RunRecord | undefined> {
  if (!isUuid(id)) return undefined;
  const row = await executor.read((db) =>
    db.selectFrom('runs').selectAll().where('id', '=', id).where('deleted_at', 'is', null).executeTakeFirst(),
  );
  return row === undefined ? undefined : runOf(row);
}

/** @see RunReader.runs */
export async function runs(
  executor: Executor,
  period: { readonly from: string; readonly to: string },
  limit: number,
): Promise<readonly RunRecord[]> {
  const { from, to } = periodOf(period);
  const rows = await executor.read((db) =>
    db
      .selectFrom('runs')
      .selectAll()
      .where('started_at', '>=', from)
      .where('started_at', '<', to)
      .where('deleted_at', 'is', null)
      .orderBy('started_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute(),
  );
  return rows.map(runOf);
}

/** What was asked of a run that is not there, or not any more. */
export function unknownRun(id: string): TerminalError {
  return new TerminalError(`there is no run ${id}`);
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function rowOf(run: RunRecord) {
  const { profile, tool } = run;
  if (!isUuid(run.id)) throw new TerminalError('id: the id of a run must be a UUID');
  return {
    id: run.id,
    ...ownerColumns(run.owner),
    profile_name: profile.name,
    profile_hash: profile.hash,
    trigger: run.trigger,
    tool_name: tool.name,
    tool_version: tool.version,
    started_at: storableTime(run.startedAt, 'startedAt'),
    finished_at: run.finishedAt === undefined ? null : storableTime(run.finishedAt, 'finishedAt'),
    score: run.score ?? null,
    coverage: run.coverage ?? null,
    result: run.result ?? null,
  };
}

function ownerColumns(owner: RunRecord['owner']) {
  if (owner === undefined)
    return { owner_kind: null, owner_namespace: null, owner_name: null, owner_uid: null };
  const { kind, namespace, name, uid } = owner;
  return { owner_kind: kind, owner_namespace: namespace, owner_name: name, owner_uid: uid };
}

function runOf(row: Selectable<RunTable>): RunRecord {
  return {
    id: row.id,
    ...ownerOf(row),
    profile: { name: row.profile_name, hash: row.profile_hash },
    trigger: row.trigger as RunRecord['trigger'],
    tool: { name: row.tool_name, version: row.tool_version },
    startedAt: row.started_at.toISOString(),
    ...optional('finishedAt', row.finished_at?.toISOString()),
    ...optional('score', row.score),
    ...optional('coverage', row.coverage),
    ...optional('result', row.result as NonNullable<RunRecord['result']> | null),
  };
}

function ownerOf(row: Selectable<RunTable>): Pick<RunRecord, 'owner'> {
  if (row.owner_uid === null) return {};
  return {
    owner: {
      kind: row.owner_kind ?? '',
      namespace: row.owner_namespace ?? '',
      name: row.owner_name ?? '',
      uid: row.owner_uid,
    },
  };
}
