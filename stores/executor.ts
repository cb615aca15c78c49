/**
 * Transactions, on whichever database: a write carries its leader's epoch, buffers what goes into the ledger, and appends that last, so that
 * the ledger's head is locked for as short as can be and never before anything else.
 */
import type { Kysely, Transaction } from 'kysely';
import { FencedError } from '../checks/engine/history.ts';
import type { Clock } from '../core/clock.ts';
import { isWorthRepeating, storeError } from './errors.ts';
import { checkFence, lockChain, raiseFence, type WriterFence } from './fence.ts';
import { appendEntries } from './ledger/append.ts';
import type { LedgerEntry } from './ledger/entry.ts';
import type { Tables } from './tables.ts';

/** A running write. */
export interface Write {
  readonly tx: Transaction<Tables>;
  /** Appends to the ledger when everything else of the transaction is done; `placed` then learns where, and may write it down. */
  readonly record: (entry: LedgerEntry, placed?: (seq: number) => Promise<void>) => void;
}

/** Nothing was written where the store does not know the leader yet. */
type Attempt<T> = { readonly kind: 'written'; readonly result: T } | { readonly kind: 'unknownLeader' };

/** A transaction that met others is tried this often. */
const ATTEMPTS = 4;

/** @see module header */
export class Executor {
  readonly #db: Kysely<Tables>;
  readonly #clock: Clock;

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
  async write<T>(fence: WriterFence, work: (write: Write) => Promise<T>): Promise<T> {
    return guarded(() => repeated(() => this.#fenced(fence, work)));
  }

  /** One transaction that needs no leader, because it competes by locks of its own: the outbox. Not for the ledger. */
  async update<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return guarded(() => repeated(() => this.#db.transaction().execute((tx) => work(tx))));
  }

  /**
   * One transaction of a person's, beside whoever leads: it adds to the ledger, whose head puts all writers in order, and changes nothing else.
   * @param placed learns where the entry is, and may write that down.
   */
  async amend(
    entry: LedgerEntry,
    placed: (tx: Transaction<Tables>, seq: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const add = async (tx: Transaction<Tables>): Promise<void> => {
      const places = await appendEntries(tx, await lockChain(tx), [entry], this.#clock.now());
      for (const seq of places) await placed(tx, seq);
    };
    await guarded(() => repeated(() => this.#db.transaction().execute(add)));
  }

  async #fenced<T>(fence: WriterFence, work: (write: Write) => Promise<T>): Promise<T> {
    const first = await this.#attempt(fence, work);
    if (first.kind === 'written') return first.result;
    await raiseFence(this.#db, fence);
    const second = await this.#attempt(fence, work);
    if (second.kind === 'written') return second.result;
    throw new FencedError('another leader wrote at the same time');
  }

  async #attempt<T>(fence: WriterFence, work: (write: Write) => Promise<T>): Promise<Attempt<T>> {
    return this.#db.transaction().execute(async (tx) => {
      const { chain, known } = await checkFence(tx, fence);
      if (!known) return { kind: 'unknownLeader' };
      const recorded: Recorded[] = [];
      const result = await work({ tx, record: (entry, placed) => void recorded.push({ entry, placed }) });
      if (recorded.length > 0) await append(tx, chain, recorded, this.#clock.now());
      return { kind: 'written', result };
    });
  }
}

interface Recorded {
  readonly entry: LedgerEntry;
  readonly placed: ((seq: number) => Promise<void>) | undefined;
}

async function append(
  tx: Transaction<Tables>,
  chain: string,
  recorded: readonly Recorded[],
  now: Date,
): Promise<void> {
  const entries = recorded.map(({ entry }) => entry);
  const places = await appendEntries(tx, chain, entries, now);
  for (const [index, { placed }] of recorded.entries()) {
    const seq = places[index];
    if (seq !== undefined) await placed?.(seq);
  }
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
