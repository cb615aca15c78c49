/** Adding to the ledger: the head is locked, so that rows have no gaps and the chain has no fork whoever else writes. */
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import { entryBytes, entryHash, type LedgerEntry } from './entry.ts';

interface Head {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/**
 * The last thing that a transaction does: other writers wait from here to its end.
 * @param chain the store's id.
 * @returns the places of the entries.
 */
export async function appendEntries(
  tx: Transaction<Tables>,
  chain: string,
  entries: readonly LedgerEntry[],
  now: Date,
): Promise<readonly number[]> {
  const texts = entries.flatMap(({ personal }) => Object.values(personal ?? {}));
  if (texts.length > 0) await tx.insertInto('ledger_text').values(texts).execute();
  let head = await lockHead(tx);
  const rows = entries.map((entry) => {
    const seq = head.seq + 1;
    const bytes = entryBytes(entry, { seq, at: now, chain, previous: head.hash });
    head = { seq, hash: entryHash(bytes) };
    return { ...head, at: now.toISOString(), kind: entry.kind, entry: bytes };
  });
  await tx.insertInto('ledger').values(rows).execute();
  await tx.updateTable('ledger_head').set(head).execute();
  return rows.map(({ seq }) => seq);
}

async function lockHead(tx: Transaction<Tables>): Promise<Head> {
  const { rows } = await sql<Head>`SELECT seq, hash FROM kilo_mcp.ledger_head FOR UPDATE`.execute(tx);
  const [head] = rows;
  if (head === undefined) throw new Error('the ledger has lost its head row: restore a backup');
  return head;
}
