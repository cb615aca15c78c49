/** Deleting runs, in steps that hold locks for moments only. The ledger keeps that they were, and that they were deleted. */
import { sql, type Transaction } from 'kysely';
import type { Fence } from '../../checks/engine/history.ts';
import type { Executor } from '../executor.ts';
import type { Tables } from '../tables.ts';
import { deleteUnreferenced } from './evidence.ts';
import { storableTime } from './values.ts';

/** Findings of one transaction. */
const BATCH = 1_000;

/** @see RunHistory.deleteRuns. What an interrupted call left is deleted by the next one, and read by nobody meanwhile. */
export async function deleteRuns(
  executor: Executor,
  ownerUid: string,
  before: string,
  fence: Fence,
): Promise<number> {
  const limit = new Date(storableTime(before, 'before'));
  for (let deleted = 0; ; deleted += 1) {
    const id = await hideOldest(executor, ownerUid, limit, fence);
    if (id === undefined) return deleted;
    while (await executor.write(fence, ({ tx }) => deleteBatch(tx, id)));
    await executor.write(fence, async ({ tx, record }) => {
      await tx.deleteFrom('runs').where('id', '=', id).execute();
      record({ kind: 'RunDeleted', body: { run: id, owner: ownerUid } });
    });
  }
}

async function hideOldest(
  executor: Executor,
  ownerUid: string,
  before: Date,
  fence: Fence,
): Promise<string | undefined> {
  return executor.write(fence, async ({ tx }) => {
    const run = await tx
      .selectFrom('runs')
      .select('id')
      .where('owner_uid', '=', ownerUid)
      .where('started_at', '<', before)
      .orderBy('started_at')
      .limit(1)
      .executeTakeFirst();
    if (run === undefined) return undefined;
    await tx
      .updateTable('runs')
      .set({ deleted_at: sql<string>`coalesce(deleted_at, now())` })
      .where('id', '=', run.id)
      .execute();
    return run.id;
  });
}

/** @returns whether there may be more. */
async function deleteBatch(tx: Transaction<Tables>, runId: string): Promise<boolean> {
  const batch = tx
    .selectFrom('findings')
    .select(['run_id', 'server_uid', 'check_id', 'era'])
    .where('run_id', '=', runId)
    .limit(BATCH);
  const rows = await tx
    .deleteFrom('findings')
    .where(sql<boolean>`(run_id, server_uid, check_id, era) IN (${batch})`)
    .returning('evidence')
    .execute();
  const digests = new Map(
    rows.flatMap(({ evidence }) =>
      evidence === null ? [] : [[Buffer.from(evidence).toString('hex'), evidence]],
    ),
  );
  await deleteUnreferenced(tx, [...digests.values()]);
  return rows.length === BATCH;
}
