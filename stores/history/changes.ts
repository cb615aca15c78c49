/** Changes that auditors ask about: each once in the ledger, and in a table to be found by. Who changed something, and whom it is about, can be erased. */
import { sql, type Transaction } from 'kysely';
import type { ChangeRecord, Fence, StatedChange } from '../../checks/engine/history.ts';
import type { Executor, Write } from '../executor.ts';
import { personalText } from '../ledger/entry.ts';
import { textsOf } from '../ledger/texts.ts';
import type { Tables } from '../tables.ts';
import { periodOf, storableText, storableTime } from './values.ts';

/** @see RunHistory.recordChange */
export async function recordChange(executor: Executor, change: StatedChange, fence: Fence): Promise<void> {
  await executor.write(fence, (write) => insertChange(write, change));
}

/** Records a change in the transaction of something else, if it is not there yet. */
export async function insertChange({ tx, record }: Write, change: StatedChange): Promise<void> {
  if (await isToldAlready(tx, change)) return;
  const { key, kind, object, state = null } = change;
  const at = storableTime(change.at, 'at');
  const summary = storableText(change.summary);
  const changedBy = change.changedBy === '' ? undefined : personalText(storableText(change.changedBy));
  const persons = (change.persons ?? []).map((person) => personalText(storableText(person)));
  const inserted = await tx
    .insertInto('changes')
    .values({
      key,
      kind,
      at,
      object: JSON.stringify(object),
      summary,
      changed_by: changedBy?.id ?? null,
      persons: JSON.stringify(persons.map(({ id }) => id)),
      state,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  if (inserted === undefined) return;
  const about = persons.map((person, index) => [`person${index + 1}`, person] as const);
  record({
    kind,
    body: { key, object, summary, at },
    personal: { ...(changedBy && { changedBy }), ...Object.fromEntries(about) },
  });
}

/** Whether the newest change of the object says the same. Whoever was erased since is nobody that it named. */
async function isToldAlready(
  tx: Transaction<Tables>,
  { kind, object, state, persons = [] }: StatedChange,
): Promise<boolean> {
  if (state === undefined) return false;
  const newest = await tx
    .selectFrom('changes')
    .select(['state', 'persons'])
    .where('kind', '=', kind)
    .where(sql<string>`object::json ->> 'uid'`, '=', object.uid)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (newest?.state !== state) return false;
  const ids = JSON.parse(newest.persons) as readonly string[];
  const textOf = await textsOf(tx, ids);
  const told = persons.map(storableText);
  return ids.length === told.length && ids.every((id, index) => textOf.get(id) === told[index]);
}

/** @see RunReader.changes. The oldest first; `changedBy` is empty where it was erased, and `persons` has those that were not. */
export async function changes(
  executor: Executor,
  period: { readonly from: string; readonly to: string },
): Promise<readonly ChangeRecord[]> {
  const { from, to } = periodOf(period);
  return executor.snapshot(async (tx) => {
    const rows = await tx
      .selectFrom('changes')
      .leftJoin('ledger_text', 'ledger_text.id', 'changes.changed_by')
      .select(['key', 'kind', 'at', 'object', 'summary', 'ledger_text.text as changed_by', 'persons'])
      .where('at', '>=', from)
      .where('at', '<', to)
      .orderBy('at')
      .orderBy('key')
      .execute();
    const known = rows.map(({ persons, ...row }) => ({
      ...row,
      ids: JSON.parse(persons) as readonly string[],
    }));
    const textOf = await textsOf(
      tx,
      known.flatMap(({ ids }) => ids),
    );
    return known.map((row) => changeOf(row, textOf));
  });
}

interface ChangeRow {
  readonly key: string;
  readonly kind: string;
  readonly at: Date;
  readonly object: string;
  readonly summary: string;
  readonly changed_by: string | null;
  readonly ids: readonly string[];
}

function changeOf(
  { key, kind, at, object, summary, changed_by, ids }: ChangeRow,
  textOf: ReadonlyMap<string, string>,
): ChangeRecord {
  const persons = ids.flatMap((id) => textOf.get(id) ?? []);
  return {
    key,
    kind: kind as ChangeRecord['kind'],
    object: JSON.parse(object) as ChangeRecord['object'],
    changedBy: changed_by ?? '',
    summary,
    ...(persons.length > 0 && { persons }),
    at: at.toISOString(),
  };
}
