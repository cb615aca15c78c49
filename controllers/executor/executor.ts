/**
 * The executor's loop: it follows the store, as the operator does, and takes the next step of every request that is Approved or Executing. One look at
 * the store a second, whatever their number, and requests beside each other up to a limit.
 */
import {
  ApprovalConflictError,
  isFinal,
  type ApprovalFence,
  type ApprovalRow,
  type ApprovalStore,
} from '../../approval/index.ts';
import { FencedError } from '../../checks/engine/history.ts';
import { pause, type Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Leadership, Runnable } from '../../operator/runtime/index.ts';
import type { Again } from './execution.ts';

export interface ExecutorOptions {
  readonly store: Pick<ApprovalStore, 'openRequests' | 'requestsChangedSince'>;
  /** Number of the ledger's last row; 0 while there is none. */
  readonly ledgerHead: () => Promise<number>;
  /** The next step of one request. */
  readonly step: (row: ApprovalRow, fence: ApprovalFence, signal: AbortSignal) => Promise<Again>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Requests at the same time. */
  readonly concurrency: number;
}

const LOOK_EVERY_MS = 1_000;
const PAGE = 500;
const FAILED_AGAIN_MS = 5_000;

interface Followed {
  readonly row: ApprovalRow;
  /** By the monotonic clock. */
  readonly dueMs: number;
}

/** From when this process leads until it does not. */
interface Term {
  readonly fence: ApprovalFence;
  /** Ends what runs. */
  readonly signal: AbortSignal;
  /** Aborts when another executor leads. */
  readonly fenced: AbortController;
  /** Nothing begins any more. */
  readonly stop: AbortSignal;
}

/** @see module header */
export class Executor implements Runnable {
  readonly #options: ExecutorOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #busy = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Up to where in the ledger changes are known. */
  #seq = Number.POSITIVE_INFINITY;
  /** Whether the next look reads what is open anew. */
  #isOutdated = true;
  /** Why the store could not be read at the last look; undefined when it could. */
  #trouble: string | undefined;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** @throws FencedError when another executor leads. */
  async run(stop: AbortSignal, abort: AbortSignal, { epoch, lease }: Leadership): Promise<void> {
    const { clock } = this.#options;
    const fence: ApprovalFence = { epoch, ...(lease !== undefined && { lease }), writer: 'executor' };
    const fenced = new AbortController();
    const signal = AbortSignal.any([abort, fenced.signal]);
    const over = AbortSignal.any([stop, fenced.signal]);
    while (!over.aborted) {
      await this.#look();
      this.#start({ fence, signal, fenced, stop });
      await pause(clock, LOOK_EVERY_MS, over);
    }
    await Promise.all(this.#running);
    if (fenced.signal.aborted) throw fenced.signal.reason;
  }

  /** A store that is down is looked at again the next time; nothing moves meanwhile. */
  async #look(): Promise<void> {
    const isAnew = this.#isOutdated;
    // Before anything is asked: what turns out to be outdated meanwhile is for the next look.
    this.#isOutdated = false;
    try {
      if (isAnew) await this.#readOpen();
      await this.#readChanged();
      this.#say(undefined);
    } catch (error) {
      this.#say(errorMessage(error));
      this.#forget();
    }
  }

  /**
   * The head first: what is written in between is seen twice rather than never. Where changes are known up to a place before it, they are read from
   * there, so that what ended meanwhile is no longer followed; a database that was restored has its head before that place.
   */
  async #readOpen(): Promise<void> {
    const { store, ledgerHead } = this.#options;
    const head = await ledgerHead();
    for (const row of await store.openRequests()) this.#follow(row);
    this.#seq = Math.min(this.#seq, head);
  }

  async #readChanged(): Promise<void> {
    for (;;) {
      const changed = await this.#options.store.requestsChangedSince(this.#seq, PAGE);
      for (const row of changed) this.#follow(row);
      this.#seq = changed.at(-1)?.ledgerSeq ?? this.#seq;
      if (changed.length < PAGE) return;
    }
  }

  /** What comes back may be another database, or this one as it was before: it is read from the beginning. */
  #forget(): void {
    this.#isOutdated = true;
    for (const requestUid of this.#followed.keys())
      if (!this.#busy.has(requestUid)) this.#followed.delete(requestUid);
  }

  /** When it begins, when it changes and when it ends: not at every look. */
  #say(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    const { logger } = this.#options;
    if (trouble === undefined) logger.info('the store can be read again');
    else logger.warn('the store cannot be read', { error: trouble });
  }

  #follow(row: ApprovalRow): void {
    const known = this.#followed.get(row.requestUid);
    if (known !== undefined && known.row.version >= row.version) return;
    if (isFinal(row.phase)) this.#followed.delete(row.requestUid);
    else this.#followed.set(row.requestUid, { row, dueMs: 0 });
  }

  /** As many as may run at once; whoever ends lets the next one begin, which does not wait for the next look. */
  #start(term: Term): void {
    const { fence, signal, fenced, stop } = term;
    if (stop.aborted || fenced.signal.aborted) return;
    const nowMs = this.#options.clock.monotonicMs();
    for (const [requestUid, followed] of this.#followed) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#busy.has(requestUid) || followed.dueMs > nowMs || !isDue(followed.row)) continue;
      const running: Promise<void> = this.#work(followed, fence, signal)
        .catch((error: unknown) => fenced.abort(error))
        .finally(() => {
          this.#running.delete(running);
          this.#start(term);
        });
      this.#running.add(running);
    }
  }

  /** Step after step, as long as one follows at once. */
  async #work({ row: first }: Followed, fence: ApprovalFence, signal: AbortSignal): Promise<void> {
    const { requestUid } = first;
    this.#busy.add(requestUid);
    try {
      let again: Again = { row: first, afterMs: 0 };
      while (again?.afterMs === 0 && !signal.aborted) again = await this.#step(again.row, fence, signal);
      this.#remember(requestUid, again);
    } finally {
      this.#busy.delete(requestUid);
    }
  }

  /** Whoever was faster has written, or the store is not the one that it was: the next look reads what is open anew, whatever its version. */
  #outdated(): Again {
    this.#isOutdated = true;
    return undefined;
  }

  /** What somebody else wrote meanwhile is newer, and due at once. */
  #remember(requestUid: string, again: Again): void {
    const known = this.#followed.get(requestUid);
    if (again === undefined) this.#followed.delete(requestUid);
    else if (known === undefined || known.row.version <= again.row.version)
      this.#followed.set(requestUid, {
        row: again.row,
        dueMs: this.#options.clock.monotonicMs() + again.afterMs,
      });
  }

  async #step(row: ApprovalRow, fence: ApprovalFence, signal: AbortSignal): Promise<Again> {
    const { step, logger } = this.#options;
    try {
      return await step(row, fence, signal);
    } catch (error) {
      if (error instanceof FencedError) throw error;
      if (error instanceof ApprovalConflictError) return this.#outdated();
      if (signal.aborted) return { row, afterMs: LOOK_EVERY_MS };
      logger.warn('a step of a request failed and is tried again', {
        request: `${row.namespace}/${row.name}`,
        error: errorMessage(error),
      });
      return { row, afterMs: FAILED_AGAIN_MS };
    }
  }
}

function isDue({ phase }: ApprovalRow): boolean {
  return phase === 'Approved' || phase === 'Executing';
}
