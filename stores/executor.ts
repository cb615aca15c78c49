/**
 * Transactions, on whichever database: a write carries its leader's epoch, buffers what goes into the ledger, and appends that last, so that
 * the ledger's head is locked for as short as can be and never before anything else.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import { FencedError, type Fence } from '../checks/engine/history.ts';
import type { Clock } from '../core/clock.ts';
import { isWorthRepeating, storeError, StoreRefusedError } from './errors.ts';
import { appendEntries } from './ledger/append.ts';
import type { LedgerEntry } from './ledger/entry.ts';
import { CODE_VERSION } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/** A running write. */
export interface Write {
  readonly tx: Transaction<Tables>;
  /** Appends to the ledger when everything else of the transaction is done. */
  readonly record: (entry: LedgerEntry) => void;
}

/** A transaction that met others is tried this often. */
const ATTEMPTS = 4;

/** @see module header */
export class Executor {
  readonly #db: Kysely<Tables>;
  readonly #clock: Clock;
  /** The highest epoch that this process has made the store know. */
  #raisedTo = -1;

  constructor(db: Kysely<Tables>, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** One statement, or several that need not agree. */
  async read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return guarded(() => work(this.#db));
  }

  /** Several statements that see the same moment. */
  async snapshot<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return guarded(() =>
      this.#db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((tx) => work(tx)),
    );
  }

  /**
   * One transaction of a leader.
   * @throws FencedError when a newer leader wrote before.
   */
  async write<T>(fence: Fence, work: (write: Write) => Promise<T>): Promise<T> {
    return guarded(() => repeated(() => this.#fenced(fence, work)));
  }

  /** One transaction that needs no leader, because it competes by locks of its own: the outbox. Not for the ledger. */
  async update<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return guarded(() => repeated(() => this.#db.transaction().execute((tx) => work(tx))));
  }

  async #fenced<T>(fence: Fence, work: (write: Write) => Promise<T>): Promise<T> {
    if (this.#raisedTo < fence.epoch) await this.#raise(fence);
    return this.#db.transaction().execute(async (tx) => {
      const chain = await checkFence(tx, fence);
      const entries: LedgerEntry[] = [];
      const result = await work({ tx, record: (entry) => void entries.push(entry) });
      if (entries.length > 0) await appendEntries(tx, chain, entries, this.#clock.now());
      return result;
    });
  }

  /** In a transaction of its own: two writers that both hold the row shared could not both change it. */
  async #raise({ epoch }: Fence): Promise<void> {
    await this.#db.updateTable('store_state').set({ epoch }).where('epoch', '<', epoch).execute();
    this.#raisedTo = epoch;
  }
}

/** The lock keeps a newer leader from raising the epoch until this transaction has ended. @returns the chain's id. */
async function checkFence(tx: Transaction<Tables>, { epoch }: Fence): Promise<string> {
  const { rows } = await sql<{
    readonly epoch: number;
    readonly chain: string;
    readonly compatible_from: number;
  }>`SELECT epoch, chain, compatible_from FROM kilo_mcp.store_state FOR SHARE`.execute(tx);
  const [state] = rows;
  if (state === undefined) throw new StoreRefusedError('the store has lost its state row: restore a backup');
  if (state.compatible_from > CODE_VERSION) throw newerSchema(state.compatible_from);
  if (state.epoch > epoch)
    throw new FencedError(`a newer leader (epoch ${state.epoch}) wrote before this one (epoch ${epoch})`);
  return state.chain;
}

/** The database was changed by a version of the program that this one cannot work beside. */
export function newerSchema(compatibleFrom: number): StoreRefusedError {
  return new StoreRefusedError(
    `the database needs a program that knows schema ${compatibleFrom}, and this one knows ${CODE_VERSION}: update it`,
  );
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isWorthRepeating(error)) throw error;
    }
  }
}
