/**
 * Who may write. The store remembers the Lease and the highest epoch that wrote, in one row that every write locks (shared) until it ends: a new
 * leader waits for writes under way, and what its predecessor writes later is refused. Epochs count per Lease: a Lease that was made anew, in a
 * cluster that was built again on the same database, replaces the old one for good.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { ApprovalFence } from '../approval/store.ts';
import { FencedError, type Fence } from '../checks/engine/history.ts';
import { StoreRefusedError } from './errors.ts';
import { CODE_VERSION } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/** The leader that wrote last. */
interface Leader {
  readonly lease: string;
  readonly epoch: number;
}

/** Operator and executor have a Lease each, and are fenced apart. */
export type WriterFence = Fence & Partial<Pick<ApprovalFence, 'writer'>>;

interface State extends Leader {
  readonly chain: string;
  readonly compatible_from: number;
}

/**
 * Locks the row for the transaction.
 * @returns the chain's id, and whether the store knows this leader: one that it does not is to {@link raiseFence} first.
 * @throws FencedError when a newer leader wrote before; StoreRefusedError when the database is for newer programs only.
 */
export async function checkFence(
  tx: Transaction<Tables>,
  { epoch, lease = '', writer = 'operator' }: WriterFence,
): Promise<{ readonly chain: string; readonly known: boolean }> {
  const state = await lockState(tx, 'SHARE');
  if (state.compatible_from > CODE_VERSION) throw newerSchema(state.compatible_from);
  const leader = writer === 'operator' ? state : await lockWriter(tx, writer, 'SHARE');
  if (leader.lease === lease && leader.epoch > epoch) throw fenced(leader, epoch);
  return { chain: state.chain, known: leader.lease === lease && leader.epoch === epoch };
}

/** The same for who is no leader. @throws StoreRefusedError when the database is for newer programs only. */
export async function lockChain(tx: Transaction<Tables>): Promise<string> {
  const { chain, compatible_from } = await lockState(tx, 'SHARE');
  if (compatible_from > CODE_VERSION) throw newerSchema(compatible_from);
  return chain;
}

/**
 * Makes the store know this leader. In a transaction of its own, since two writers that hold the row shared could not both change it.
 * @throws FencedError when another one has replaced it.
 */
export async function raiseFence(
  db: Kysely<Tables>,
  { epoch, lease = '', writer = 'operator' }: WriterFence,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const state = await (writer === 'operator' ? lockState(tx, 'UPDATE') : lockWriter(tx, writer, 'UPDATE'));
    if (state.lease === lease && state.epoch > epoch) throw fenced(state, epoch);
    if (state.lease !== lease) await replaceLease(tx, state.lease, lease);
    if (writer === 'operator') await tx.updateTable('store_state').set({ lease, epoch }).execute();
    else await tx.updateTable('writer_fences').set({ lease, epoch }).where('writer', '=', writer).execute();
  });
}

/** Without election there is one process and no Lease to retire, on either side. */
async function replaceLease(tx: Transaction<Tables>, old: string, next: string): Promise<void> {
  if (old === '' || next === '') return;
  const retired = await tx
    .selectFrom('retired_leases')
    .select('uid')
    .where('uid', '=', next)
    .executeTakeFirst();
  if (retired !== undefined)
    throw new FencedError('the Lease of this leader was replaced by another one, which wrote before');
  await tx
    .insertInto('retired_leases')
    .values({ uid: old })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function lockState(tx: Transaction<Tables>, strength: 'SHARE' | 'UPDATE'): Promise<State> {
  const { rows } = await sql<State>`
    SELECT chain, lease, epoch, compatible_from FROM kilo_mcp.store_state FOR ${sql.raw(strength)}`.execute(
    tx,
  );
  const [state] = rows;
  if (state === undefined) throw new StoreRefusedError('the store has lost its state row: restore a backup');
  return state;
}

async function lockWriter(
  tx: Transaction<Tables>,
  writer: string,
  strength: 'SHARE' | 'UPDATE',
): Promise<Leader> {
  const { rows } = await sql<Leader>`
    SELECT lease, epoch FROM kilo_mcp.writer_fences WHERE writer = ${writer} FOR ${sql.raw(strength)}`.execute(
    tx,
  );
  const [leader] = rows;
  if (leader === undefined)
    throw new StoreRefusedError(`the store has lost the fence of ${writer}: restore a backup`);
  return leader;
}

function fenced(state: Leader, epoch: number): FencedError {
  return new FencedError(`a newer leader (epoch ${state.epoch}) wrote before this one (epoch ${epoch})`);
}

/** The database was changed by a version of the program that this one cannot work beside. */
export function newerSchema(compatibleFrom: number): StoreRefusedError {
  return new StoreRefusedError(
    `the database needs a program that knows schema ${compatibleFrom}, and this one knows ${CODE_VERSION}: update it`,
  );
}
