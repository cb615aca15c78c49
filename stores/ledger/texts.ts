/** The personal texts beside the ledger. */
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

/** PostgreSQL takes 65,535 parameters in a statement. */
const MOST_AT_ONCE = 1_000;

/** @returns those that were not erased, by id. */
export async function textsOf(
  tx: Transaction<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
    const some = ids.slice(from, from + MOST_AT_ONCE);
    const rows = await tx.selectFrom('ledger_text').select(['id', 'text']).where('id', 'in', some).execute();
    for (const { id, text } of rows) texts.set(id, text);
  }
  return texts;
}
