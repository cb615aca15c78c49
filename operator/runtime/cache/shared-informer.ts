/**
 * One watched kind and selector: a store, the reflectors that feed it (one for the whole cluster, or one a namespace), and the
 * handlers that are told. Handlers run in the order of the changes, in the reflector's turn of the event loop.
 */
import type { Clock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type { Random } from '../../../core/random.ts';
import type { KubernetesClient } from '../client/client.ts';
import type { KubernetesObject } from '../object/object.ts';
import { formatKey, keyOf } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import { HandlerFeed } from './handler-feed.ts';
import type { Change, ChangeHandler, Indexer, Informer } from './informer.ts';
import { Reflector, type ReflectorObserver, type ReflectorTarget } from './reflector.ts';
import { IndexedStore } from './store.ts';

/** What an informer is made of. */
export interface SharedInformerOptions<T extends KubernetesObject> {
  readonly client: KubernetesClient;
  readonly type: ResourceType<T>;
  /** `['']` watches all namespaces. */
  readonly namespaces: readonly string[];
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly: boolean;
  /** @see InformerOptions.keep */
  readonly keep?: (object: T) => T;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer: ReflectorObserver;
}

interface ScopeState {
  resourceVersion: string;
  listed: Set<string> | undefined;
  synced: boolean;
  /** When the store was last known to be complete. */
  progressAtMs: number;
  /** When the reflector last did anything. */
  activeAtMs: number;
}

/** @see module header. */
export class SharedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly type: ResourceType<T>;
  readonly store = new IndexedStore<T>();
  readonly #options: SharedInformerOptions<T>;
  readonly #scopes = new Map<string, ScopeState>();
  readonly #feeds = new Set<HandlerFeed<T>>();

  constructor(options: SharedInformerOptions<T>) {
    this.#options = options;
    this.type = options.type;
    const nowMs = options.clock.monotonicMs();
    const initial = {
      resourceVersion: '',
      listed: undefined,
      synced: false,
      progressAtMs: nowMs,
      activeAtMs: nowMs,
    };
    for (const namespace of options.namespaces) this.#scopes.set(namespace, { ...initial });
  }

  addIndexers(indexers: Readonly<Record<string, Indexer<T>>>): void {
    for (const [name, indexer] of Object.entries(indexers)) this.store.addIndexer(name, indexer);
  }

  addHandler(handler: ChangeHandler<T>): () => void {
    const feed = new HandlerFeed(this.store.list(), (change) => this.#tell(handler, change));
    this.#feeds.add(feed);
    return () => {
      this.#feeds.delete(feed);
      feed.stop();
    };
  }

  hasSynced(): boolean {
    return [...this.#scopes.values()].every((scope) => scope.synced);
  }

  lastSyncResourceVersion(namespace: string): string {
    return (this.#scopes.get('') ?? this.#scopes.get(namespace))?.resourceVersion ?? '';
  }

  /** Since the reflector that is furthest behind last heard anything: an event, a bookmark or a list. */
  progressAgeMs(): number {
    return this.#longestSince((scope) => scope.progressAtMs);
  }

  /** Since the quietest reflector last did anything, even in vain. */
  idleMs(): number {
    return this.#longestSince((scope) => scope.activeAtMs);
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const loops = [...this.#scopes].map(([namespace, scope]) =>
      this.#reflector(namespace, scope).run(signal),
    );
    await Promise.all(loops);
  }

  #longestSince(timeOf: (scope: ScopeState) => number): number {
    const times = [...this.#scopes.values()].map(timeOf);
    return this.#options.clock.monotonicMs() - Math.min(...times);
  }

  #reflector(namespace: string, scope: ScopeState): Reflector<T> {
    const { labelSelector, fieldSelector, metadataOnly } = this.#options;
    return new Reflector<T>({
      ...this.#options,
      target: this.#target(namespace, scope),
      scope: {
        namespace,
        metadataOnly,
        ...(labelSelector !== undefined && { labelSelector }),
        ...(fieldSelector !== undefined && { fieldSelector }),
      },
    });
  }

  #target(namespace: string, scope: ScopeState): ReflectorTarget<T> {
    return {
      listStarted: () => {
        scope.listed = new Set();
      },
      listed: (items) => {
        for (const item of items) {
          scope.listed?.add(formatKey(keyOf(item)));
          this.#tellAll(this.store.upsert(this.#kept(item), !scope.synced));
        }
      },
      listCompleted: () => {
        this.#tellAll(this.store.removeAllExcept(scope.listed ?? new Set(), namespace));
        scope.listed = undefined;
        scope.synced = true;
      },
      changed: ({ type, object }) => {
        const kept = this.#kept(object);
        this.#tellAll(type === 'DELETED' ? this.store.remove(kept) : this.store.upsert(kept, false));
      },
      advanced: (resourceVersion) => {
        scope.resourceVersion = resourceVersion;
        scope.progressAtMs = this.#options.clock.monotonicMs();
        scope.activeAtMs = scope.progressAtMs;
      },
      attempted: () => {
        scope.activeAtMs = this.#options.clock.monotonicMs();
      },
    };
  }

  #kept(object: T): T {
    const { keep } = this.#options;
    return keep === undefined ? object : keep(object);
  }

  #tellAll(changes: readonly Change<T>[]): void {
    for (const change of changes) for (const feed of this.#feeds) feed.push(change);
  }

  /** A handler that throws is a bug; it must not cost the other handlers, or the watch, this change. */
  #tell(handler: ChangeHandler<T>, change: Change<T>): void {
    try {
      handler(change);
    } catch (error) {
      this.#options.logger.error('a change handler failed', {
        kind: this.type.kind,
        key: formatKey(keyOf(change.object)),
        error: errorMessage(error),
      });
    }
  }
}
