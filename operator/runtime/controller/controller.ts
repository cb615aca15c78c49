/**
 * The loop around a reconciler: watches name keys, workers take them one by one, and what a reconcile returns or throws decides
 * when its key is looked at again. Nothing that one object does reaches another: its errors back off alone, its deadline ends
 * alone, and its events are limited by a bucket of its own.
 */
import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { ConflictError, errorMessage, TerminalError, TransientError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import { nextTurn } from '../../../core/next-turn.ts';
import { DeadlineExceededError, withDeadline } from '../client/deadline.ts';
import { formatKey, parseKey } from '../object/object.ts';
import { createConsistencyStore, type ConsistencyStore } from './consistency.ts';
import { UNOBSERVED_CONTROLLER, type ControllerObserver } from './observer.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import type { Reconciler, ReconcileResult } from './reconciler.ts';
import { TokenBuckets, type BucketOptions } from './token-bucket.ts';
import { PRIORITY_NORMAL, type Watch } from './watch.ts';
import { createWorkQueue, type QueuedKey, type WorkQueue } from './workqueue.ts';

/** What a controller is made of. */
export interface ControllerOptions {
  /** Lower case; the label of its metrics and log lines. */
  readonly name: string;
  readonly reconciler: Reconciler;
  readonly watches: readonly Watch[];
  /** Reconciles at the same time; they wait for the API server most of the time. Default 8. */
  readonly concurrency?: number;
  /** The one that the controller's writer uses. */
  readonly consistency?: ConsistencyStore;
  readonly logger: Logger;
  readonly observer?: ControllerObserver;
  readonly clock?: Clock;
  /** For one reconcile. Default 60 s. */
  readonly reconcileTimeoutMs?: number;
  /** How often one key may be reconciled. Default: bursts of 10, then 1 a second. */
  readonly keyBudget?: BucketOptions;
  /** How long to wait for the first lists. Default 2 minutes. */
  readonly syncTimeoutMs?: number;
}

/** A controller, to be run by a manager. */
export interface Controller {
  readonly name: string;
  /**
   * Runs until `stop` aborts, when no more keys are taken, and the last reconcile has ended. `abort` ends running reconciles; by
   * default both are the same.
   * @throws TransientError when the watches do not sync in time.
   */
  run(stop: AbortSignal, abort?: AbortSignal): Promise<void>;
}

const DEFAULT_CONCURRENCY = 8;
/**
 * Of the workers: they leave initial lists to the others, so that a user's edit finds one that is free, and an API server that does not have all of
 * them as its callers at once.
 */
const RESERVED_SHARE = 1 / 2;
const DEFAULT_RECONCILE_TIMEOUT_MS = 60_000;
const DEFAULT_SYNC_TIMEOUT_MS = 120_000;
const DEFAULT_KEY_BUDGET: BucketOptions = { burst: 10, perSecond: 1 };
const SYNC_POLL_MS = 10;
const BEHIND_RETRY_MS = 100;

/** A controller that does nothing until it runs. */
export function createController(options: ControllerOptions): Controller {
  return new ReconcileLoop(options);
}

class ReconcileLoop implements Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #observer: ControllerObserver;
  readonly #consistency: ConsistencyStore;
  readonly #queue: WorkQueue;
  readonly #failures: RateLimiter;
  readonly #budgets: TokenBuckets;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger.child({ controller: options.name });
    this.#observer = options.observer ?? UNOBSERVED_CONTROLLER;
    this.#consistency = options.consistency ?? createConsistencyStore(this.#clock);
    this.#queue = createWorkQueue(this.#clock, this.#observer.queue);
    this.#failures = createRateLimiter(this.#clock);
    this.#budgets = new TokenBuckets(options.keyBudget ?? DEFAULT_KEY_BUDGET, this.#clock);
  }

  async run(stop: AbortSignal, abort: AbortSignal = stop): Promise<void> {
    const workers = this.#options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#observer.workers(workers);
    this.#observer.unfinished(() => this.#queue.unfinishedMs());
    const unwatches = this.#options.watches.map((watch) =>
      watch.start((key, priority) => this.#queue.add(formatKey(key), priority)),
    );
    const onAbort = (): void => this.#queue.shutDown();
    stop.addEventListener('abort', onAbort, { once: true });
    if (stop.aborted) onAbort();
    try {
      await this.#waitForSync(stop);
      this.#logger.info('controller started', { workers });
      const reserved = Math.floor(workers * RESERVED_SHARE);
      await Promise.all(
        Array.from({ length: workers }, (_, index) =>
          this.#work(abort, index < reserved ? PRIORITY_NORMAL : undefined),
        ),
      );
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      for (const unwatch of unwatches) unwatch();
      this.#queue.shutDown();
      stop.removeEventListener('abort', onAbort);
    }
  }

  async #waitForSync(signal: AbortSignal): Promise<void> {
    const timeoutMs = this.#options.syncTimeoutMs ?? DEFAULT_SYNC_TIMEOUT_MS;
    const endMs = this.#clock.monotonicMs() + timeoutMs;
    while (!this.#options.watches.every((watch) => watch.hasSynced())) {
      if (this.#clock.monotonicMs() > endMs) {
        throw new TransientError(`controller ${this.name}: its watches did not sync within ${timeoutMs} ms`);
      }
      await this.#clock.sleep(SYNC_POLL_MS, signal);
    }
  }

  /** @param minimum the least priority of the keys that it takes. */
  async #work(abort: AbortSignal, minimum: number | undefined): Promise<void> {
    for (;;) {
      const item = await this.#queue.get(minimum);
      if (item === undefined) return;
      try {
        await this.#process(item, abort);
      } finally {
        this.#queue.done(item.key);
      }
      // A reconcile with nothing to write waits for nobody: thousands of them in a row, as after a restart, would be one turn of the event loop.
      await nextTurn();
    }
  }

  async #process(item: QueuedKey, abort: AbortSignal): Promise<void> {
    const { key, priority } = item;
    const behind = this.#consistency.behind(parseKey(key));
    if (behind !== undefined) {
      this.#observer.skippedStale(behind);
      this.#queue.addAfter(key, BEHIND_RETRY_MS, priority);
      return;
    }
    const waitMs = this.#budgets.tryTakeMs(key);
    if (waitMs > 0) return this.#queue.addAfter(key, waitMs, priority);
    await this.#reconcile(item, abort);
  }

  async #reconcile(item: QueuedKey, abort: AbortSignal): Promise<void> {
    const reconcileID = randomUUID();
    const logger = this.#logger.child({ key: item.key, reconcileID });
    const startedAtMs = this.#clock.monotonicMs();
    this.#observer.active(1);
    try {
      const timeoutMs = this.#options.reconcileTimeoutMs ?? DEFAULT_RECONCILE_TIMEOUT_MS;
      const result = await withDeadline(this.#clock, timeoutMs, abort, (signal) =>
        this.#options.reconciler.reconcile(parseKey(item.key), { signal, logger, reconcileID }),
      );
      this.#succeeded(item, result, logger);
    } catch (error) {
      if (!abort.aborted) this.#failed(item, error, logger);
    } finally {
      this.#observer.active(-1);
      this.#observer.took(this.#clock.monotonicMs() - startedAtMs);
    }
  }

  #succeeded({ key, priority }: QueuedKey, result: ReconcileResult, logger: Logger): void {
    this.#failures.forget(key);
    switch (result.kind) {
      case 'done':
        return this.#observer.ended('success');
      case 'requeue':
        this.#queue.addAfter(key, result.afterMs, priority);
        return this.#observer.ended('requeue_after');
      case 'terminal':
        logger.warn('reconcile cannot succeed until its input changes', { reason: result.reason });
        return this.#observer.endedTerminally();
    }
  }

  #failed({ key, priority }: QueuedKey, error: unknown, logger: Logger): void {
    if (error instanceof TerminalError) {
      logger.error('reconcile failed for good', { error });
      return this.#observer.endedTerminally();
    }
    const delayMs = this.#failures.delayMs(key);
    this.#queue.addAfter(key, delayMs, priority);
    this.#observer.queue.retried();
    // A lost race is part of normal life; the next look settles it.
    if (error instanceof ConflictError) {
      logger.debug('reconcile lost a race', { error: errorMessage(error), delayMs });
      return this.#observer.ended('requeue');
    }
    if (error instanceof DeadlineExceededError) this.#observer.timedOut();
    else if (!(error instanceof TransientError)) this.#observer.panicked();
    logger.error('reconcile failed', {
      error,
      delayMs: Math.round(delayMs),
      attempt: this.#failures.failures(key),
    });
    this.#observer.ended('error');
  }
}
