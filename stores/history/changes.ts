/** Changes that auditors ask about: each once in the ledger, and in a table to be found by. Who changed something can be erased. */
import type { ChangeRecord, Fence } from '../../checks/engine/history.ts';
import type { Executor, Write } from '../executor.ts';
import { personalText } from '../ledger/entry.ts';
import { periodOf, storableText, storableTime } from './values.ts';

/** @see RunHistory.recordChange */
export async function recordChange(executor: Executor, change: ChangeRecord, fence: Fence): Promise<void> {
  await executor.write(fence, (write) => insertChange(write, change));
}

/** Records a change in the transaction of something else, if it is not there yet. */
export async function insertChange({ tx, record }: Write, change: ChangeRecord): Promise<void> {
  const { key, kind, object } = change;
  const at = storableTime(change.at, 'at');
  const summary = storableText(change.summary);
  const changedBy = change.changedBy === '' ? undefined : personalText(storableText(change.changedBy));
  const inserted = await tx
    .insertInto('changes')
    .values({ key, kind, at, object: JSON.stringify(object), summary, changed_by: changedBy?.id ?? null })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  if (inserted === undefined) return;
  record({
    kind,
    body: { key, object, summary, at },
    ...(changedBy === undefined ? {} : { personal: { changedBy } }),
  });
}

/** @see RunReader.changes. The oldest first; `changedBy` is empty where it was erased. */
export async function changes(
  executor: Executor,
  period: { readonly from: string; readonly to: string },
): Promise<readonly ChangeRecord[]> {
  const { from, to } = periodOf(period);
  const rows = await executor.read((db) =>
    db
      .selectFrom('changes')
      .leftJoin('ledger_text', 'ledger_text.id', 'changes.changed_by')
      .select(['key', 'kind', 'at', 'object', 'summary', 'ledger_text.text as changed_by'])
      .where('at', '>=', from)
      .where('at', '<', to)
      .orderBy('at')
      .orderBy('key')
      .execute(),
  );
  return rows.map(({ key, kind, at, object, summary, changed_by }) => ({
    key,
    kind: kind as ChangeRecord['kind'],
    object: JSON.parse(object) as ChangeRecord['object'],
    changedBy: changed_by ?? '',
    summary,
    at: at.toISOString(),
  }));
}
