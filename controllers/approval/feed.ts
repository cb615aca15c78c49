/**
 * The store as the controllers of approval use it: one that knows whether it can be used, who leads, and which requests are open. It looks every
 * second for what others wrote, the executor above all: one question, whatever is open.
 */
import type { ApprovalFence, ApprovalRow, ApprovalStore, Transition } from '../../approval/index.ts';
import { isStoresOwn } from '../../checks/engine/history.ts';
import { pause, type Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Leadership, ObjectKey, Runnable, Watch } from '../../operator/runtime/index.ts';
import { OpenRows } from './rows.ts';

const POLL_MS = 1_000;
const PAGE = 200;

export interface FeedOptions {
  readonly store: ApprovalStore;
  /** Number of the ledger's last row; 0 while there is none. */
  readonly ledgerHead: () => Promise<number>;
  /** Namespaces that this operator serves; empty for all. */
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Told of each row that is news. */
export type RowListener = (row: ApprovalRow) => void;

/** @see module header */
export class ApprovalFeed implements Runnable {
  readonly rows = new OpenRows();
  readonly #options: FeedOptions;
  readonly #listeners = new Set<RowListener>();
  readonly #returns = new Set<() => void>();
  readonly #leading: Promise<Leadership>;
  #lead: (leadership: Leadership) => void = () => undefined;
  #seq = 0;
  #isLoaded = false;
  #loading: Promise<void> | undefined;
  #problem: string | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#leading = new Promise((resolve) => (this.#lead = resolve));
  }

  /** Why the store cannot be used; undefined when it can be. In words without credentials. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves once every open request is known: nothing is decided before. @throws what the store rejects with. */
  async ready(): Promise<void> {
    if (this.#isLoaded) return;
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  async run(stop: AbortSignal, _abort: AbortSignal, leadership: Leadership): Promise<void> {
    this.#lead(leadership);
    const signal = AbortSignal.any([stop, leadership.signal]);
    while (!signal.aborted) {
      await this.#look();
      await pause(this.#options.clock, POLL_MS, signal);
    }
  }

  /** Calls `listener` for each row that is news, and for every open one when the store is lost and found. Returns what stops it. */
  onRow(listener: RowListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Names the keys that `map` makes of rows that are news. */
  watch(map: (row: ApprovalRow) => readonly ObjectKey[]): Watch {
    return {
      hasSynced: () => true,
      start: (enqueue) => this.onRow((row) => map(row).forEach((key) => enqueue(key, 0))),
    };
  }

  /** Names what `keys` returns when the store was lost and is found: what could not even be looked at meanwhile. */
  watchReturn(keys: () => readonly ObjectKey[]): Watch {
    return {
      hasSynced: () => true,
      start: (enqueue) => {
        const tell = (): void => keys().forEach((key) => enqueue(key, 0));
        this.#returns.add(tell);
        return () => void this.#returns.delete(tell);
      },
    };
  }

  /** @throws StoreUnavailableError and what else the store rejects with. */
  async read<T>(call: (store: ApprovalStore) => Promise<T>): Promise<T> {
    return this.#noting(call(this.#options.store));
  }

  /** Opens a request. */
  async open(opening: {
    readonly row: Parameters<ApprovalStore['openRequest']>[0];
    readonly event: Parameters<ApprovalStore['openRequest']>[1];
    readonly messages: Transition['messages'];
  }): Promise<ApprovalRow> {
    const { row, event, messages } = opening;
    const fence = await this.fence();
    return this.#noted(await this.#noting(this.#options.store.openRequest(row, event, messages, fence)));
  }

  /** @throws ApprovalConflictError when somebody else changed the row first. */
  async advance({ row, events, messages }: Transition): Promise<ApprovalRow> {
    const fence = await this.fence();
    // The ledger is how others see that something changed.
    const told =
      events.length > 0
        ? events
        : [
            {
              event: 'WaitingChanged',
              person: '',
              details: { waiting: row.waiting, digest: row.derived.digest },
            },
          ];
    return this.#noted(await this.#noting(this.#options.store.advanceRequest(row, told, messages, fence)));
  }

  /** Who writes, once this process leads. */
  async fence(): Promise<ApprovalFence> {
    const { epoch, lease } = await this.#leading;
    return { epoch, writer: 'operator', ...(lease !== undefined && { lease }) };
  }

  #noted(row: ApprovalRow): ApprovalRow {
    this.#tell(row);
    return row;
  }

  async #noting<T>(call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      this.#setProblem(undefined);
      return result;
    } catch (error) {
      if (isStoresOwn(error)) this.#setProblem(errorMessage(error));
      throw error;
    }
  }

  /** Says so of all that is open: none of it moves meanwhile. What is open when the store is found is told when that is read. */
  #setProblem(problem: string | undefined): void {
    const isNews = (this.#problem === undefined) !== (problem === undefined);
    this.#problem = problem;
    if (!isNews) return;
    // What comes back may be another database, or this one as it was before.
    this.#isLoaded = false;
    if (problem === undefined) this.#options.logger.info('the store can be used again');
    else this.#options.logger.warn('the store cannot be used', { error: problem });
    if (problem === undefined) for (const tell of this.#returns) tell();
    else this.#tellAll(this.rows.list());
  }

  async #look(): Promise<void> {
    try {
      await this.ready();
      await this.#follow();
    } catch (error) {
      if (!isStoresOwn(error)) this.#options.logger.error('requests could not be read', { error });
    }
  }

  async #load(): Promise<void> {
    const { seq, open } = await this.#noting(this.#readOpen());
    const before = this.rows.list();
    this.#seq = seq;
    this.#isLoaded = true;
    this.rows.clear();
    for (const row of open) this.#tell(row);
    // What was open, and is no longer, or never was in this database.
    this.#tellAll(before.filter(({ requestUid }) => this.rows.get(requestUid) === undefined));
  }

  /** In this order: what is written in between is seen twice rather than never. */
  async #readOpen(): Promise<{ readonly seq: number; readonly open: readonly ApprovalRow[] }> {
    const { ledgerHead, store } = this.#options;
    const seq = await ledgerHead();
    return { seq, open: await store.openRequests() };
  }

  #tellAll(rows: readonly ApprovalRow[]): void {
    for (const row of rows) for (const listener of this.#listeners) listener(row);
  }

  async #follow(): Promise<void> {
    for (;;) {
      const changed = await this.#noting(this.#options.store.requestsChangedSince(this.#seq, PAGE));
      for (const row of changed) this.#tell(row);
      this.#seq = changed.at(-1)?.ledgerSeq ?? this.#seq;
      if (changed.length < PAGE) return;
    }
  }

  #tell(row: ApprovalRow): void {
    if (!this.#isServed(row) || !this.rows.put(row)) return;
    for (const listener of this.#listeners) listener(row);
  }

  /** Requests of namespaces that another operator serves are none of our business. */
  #isServed({ namespace }: ApprovalRow): boolean {
    const { namespaces } = this.#options;
    return namespaces.length === 0 || namespaces.includes(namespace);
  }
}
