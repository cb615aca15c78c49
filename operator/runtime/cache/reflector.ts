/**
 * Keeps a store equal to the API server: list once, then watch from there, for ever. It ends only when its signal aborts; every
 * failure has one answer (`nextStep`), and none of them is to stop. The shape is client-go's reflector:
 *
 *   list -> watch -> (closed, refused, reset, 429) watch again from the last resource version
 *                 -> (410, or failing again and again) list
 */
import type { Clock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import { nextTurn } from '../../../core/next-turn.ts';
import type { Random } from '../../../core/random.ts';
import { apiStatusOf, ConnectionError, GoneError, TooManyRequestsError } from '../client/api-error.ts';
import type { KubernetesClient, ListOptions, ObjectList } from '../client/client.ts';
import type { WatchEvent } from '../client/watch-event.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import { Backoff, REFLECTOR_BACKOFF } from './backoff.ts';

/** Where a reflector delivers to. Its methods must not throw and do not wait. */
export interface ReflectorTarget<T extends KubernetesObject> {
  /** A list begins; an earlier one that did not complete is void. */
  listStarted(): void;
  /** Some of the list's objects. */
  listed(items: readonly T[]): void;
  /** The list is complete: what no page contained is gone. */
  listCompleted(): void;
  /** A change. */
  changed(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void;
  /** The store is now complete up to here (list, event or bookmark). */
  advanced(resourceVersion: string): void;
  /** An attempt to list or to watch begins: the loop turns, whatever comes of it. */
  attempted(): void;
}

/** Counts what reflectors do. */
export interface ReflectorObserver {
  listStarted(): void;
  watchStarted(): void;
  /** A resource version was too old (410), so that everything is listed again. */
  gone(): void;
}

/** What to keep equal to what. */
export interface ReflectorOptions<T extends KubernetesObject> {
  readonly client: KubernetesClient;
  readonly type: ResourceType<T>;
  readonly scope: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'>;
  readonly target: ReflectorTarget<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer: ReflectorObserver;
}

/** How the reflector goes on after a failure. */
export type NextStep = 'watch' | 'list';

/** As fast as kubectl's 500, and 2,000 servers peak 15 MiB lower: what a page leaves behind is never all of it at once. */
const PAGE_SIZE = 250;
/** Handling a page in one go would block the event loop: pause after this many objects. */
const OBJECTS_PER_TURN = 200;
const WATCH_TIMEOUT_SECONDS = { min: 300, max: 600 };
/** Two missed bookmarks and a half. */
const WATCH_INACTIVITY_MS = 150_000;
/** A watch that ends this soon, with no event, failed whatever it says. */
const SHORTEST_WATCH_MS = 1_000;
const MAX_WATCH_FAILURES = 5;
const MAX_ASKED_DELAY_MS = 60_000;

/** One list-and-watch loop over one scope. */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  #resourceVersion = '';
  #watchFailures = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(REFLECTOR_BACKOFF, options.clock, options.random);
  }

  /** Runs until `signal` aborts, which is not an error. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === '') await this.#list(signal);
        await this.#watch(signal);
        this.#watchFailures = 0;
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, signal);
      }
    }
  }

  async #recover(failure: unknown, signal: AbortSignal): Promise<void> {
    const { type, logger, observer, clock } = this.#options;
    if (!isServerBusy(failure)) this.#watchFailures += 1;
    if (nextStep(failure, this.#watchFailures) === 'list') {
      this.#resourceVersion = '';
      this.#watchFailures = 0;
    }
    if (failure instanceof GoneError) observer.gone();
    const delayMs = Math.round(Math.max(this.#backoff.nextMs(), askedDelayMs(failure)));
    const step = this.#resourceVersion === '' ? 'list' : 'watch';
    logger.warn(`watching ${type.plural} was interrupted`, {
      error: errorMessage(failure),
      next: step,
      delayMs,
    });
    await clock.sleep(delayMs, signal).catch(ignoreAbort);
  }

  /** A consistent list: the empty resource version is answered no older than now (KEP-2340). */
  async #list(signal: AbortSignal): Promise<void> {
    const { client, type, scope, target, observer } = this.#options;
    observer.listStarted();
    target.attempted();
    target.listStarted();
    let token: string | undefined;
    do {
      const page: ObjectList<T> = await client.list(
        type,
        { ...scope, limit: PAGE_SIZE, ...(token !== undefined && { continue: token }) },
        signal,
      );
      await this.#deliver(page.items, signal);
      token = page.continue;
      if (token === undefined) this.#resourceVersion = page.resourceVersion;
    } while (token !== undefined);
    target.listCompleted();
    target.advanced(this.#resourceVersion);
  }

  async #deliver(items: readonly T[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < items.length; start += OBJECTS_PER_TURN) {
      this.#options.target.listed(items.slice(start, start + OBJECTS_PER_TURN));
      await nextTurn();
      signal.throwIfAborted();
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, type, scope, clock, random, observer, target } = this.#options;
    const { min, max } = WATCH_TIMEOUT_SECONDS;
    const startedAtMs = clock.monotonicMs();
    let received = 0;
    observer.watchStarted();
    target.attempted();
    const options = {
      ...scope,
      resourceVersion: this.#resourceVersion,
      timeoutSeconds: Math.round(min + random() * (max - min)),
      inactivityMs: WATCH_INACTIVITY_MS,
    };
    for await (const event of client.watch(type, options, signal)) {
      received += 1;
      this.#watchFailures = 0;
      this.#handle(event);
    }
    if (received === 0 && clock.monotonicMs() - startedAtMs < SHORTEST_WATCH_MS) {
      throw new ConnectionError('the watch was closed at once, without an event', { refused: false });
    }
  }

  #handle(event: WatchEvent<T>): void {
    const { target } = this.#options;
    const resourceVersion =
      event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
    if (event.type !== 'BOOKMARK') target.changed(event);
    if (resourceVersion === undefined || resourceVersion === '') return;
    this.#resourceVersion = resourceVersion;
    target.advanced(resourceVersion);
  }
}

/**
 * The answer to a failure. A refused or busy server says nothing about our resource version, so the watch goes on from it: a
 * thousand operators that list at once would only keep the server down. Anything unknown leads to a list when it repeats.
 */
export function nextStep(error: unknown, failuresInRow: number): NextStep {
  if (error instanceof GoneError) return 'list';
  if (isServerBusy(error)) return 'watch';
  return failuresInRow >= MAX_WATCH_FAILURES ? 'list' : 'watch';
}

/** Refused or busy: it says nothing about our resource version, however often it does. */
function isServerBusy(error: unknown): boolean {
  return error instanceof TooManyRequestsError || (error instanceof ConnectionError && error.refused);
}

/** What Retry-After asks for, within reason: a watch must not stay closed for an hour because a proxy says so. */
function askedDelayMs(error: unknown): number {
  return Math.min(apiStatusOf(error)?.retryAfterMs ?? 0, MAX_ASKED_DELAY_MS);
}

/** The loop looks at the signal itself. */
function ignoreAbort(): void {}
