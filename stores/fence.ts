/**
 * Who may write. The store remembers the Lease and the highest epoch that wrote, in one row that every write locks (shared) until it ends: a new
 * leader waits for writes under way, and what its predecessor writes later is refused. Epochs count per Lease: a Lease that was made anew, in a
 * cluster that was built again on the same database, replaces the old one for good.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import { FencedError, type Fence } from '../checks/engine/history.ts';
import { StoreRefusedError } from './errors.ts';
import { CODE_VERSION } from './migrations/index.ts';
import type { Tables } from './tables.ts';

interface State {
  readonly chain: string;
  readonly lease: string;
  readonly epoch: number;
  readonly compatible_from: number;
}

/**
 * Locks the row for the transaction.
 * @returns the chain's id, and whether the store knows this leader: one that it does not is to {@link raiseFence} first.
 * @throws FencedError when a newer leader wrote before; StoreRefusedError when the database is for newer programs only.
 */
export async function checkFence(
  tx: Transaction<Tables>,
  { epoch, lease = '' }: Fence,
): Promise<{ readonly chain: string; readonly known: boolean }> {
  const state = await lockState(tx, 'SHARE');
  if (state.compatible_from > CODE_VERSION) throw newerSchema(state.compatible_from);
  if (state.lease === lease && state.epoch > epoch) throw fenced(state, epoch);
  return { chain: state.chain, known: state.lease === lease && state.epoch === epoch };
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
export async function raiseFence(db: Kysely<Tables>, { epoch, lease = '' }: Fence): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const state = await lockState(tx, 'UPDATE');
    if (state.lease === lease && state.epoch > epoch) throw fenced(state, epoch);
    if (state.lease !== lease) await replaceLease(tx, state.lease, lease);
    await tx.updateTable('store_state').set({ lease, epoch }).execute();
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

function fenced(state: State, epoch: number): FencedError {
  return new FencedError(`a newer leader (epoch ${state.epoch}) wrote before this one (epoch ${epoch})`);
}

/** The database was changed by a version of the program that this one cannot work beside. */
export function newerSchema(compatibleFrom: number): StoreRefusedError {
  return new StoreRefusedError(
    `the database needs a program that knows schema ${compatibleFrom}, and this one knows ${CODE_VERSION}: update it`,
  );
}
