/**
 * The shared informers of a process: one per kind and selector, started together and stopped together. With `namespaces`, each
 * namespaced kind is watched in just these, merged behind one store.
 */
import { systemClock, type Clock } from '../../../core/clock.ts';
import { TransientError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import { systemRandom, type Random } from '../../../core/random.ts';
import type { KubernetesClient } from '../client/client.ts';
import type { KubernetesObject } from '../object/object.ts';
import { resourceName, type ResourceType } from '../object/resource.ts';
import type { Informer, InformerOptions, Informers, PartialObjectMetadata } from './informer.ts';
import type { ReflectorObserver } from './reflector.ts';
import { SharedInformer } from './shared-informer.ts';

/** What informers are made of. */
export interface InformerRegistryOptions {
  readonly client: KubernetesClient;
  /** Watch only these namespaces; absent or empty means all. */
  readonly namespaces?: readonly string[];
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Counts for the metrics of one kind. */
  readonly observe?: (kind: string) => ReflectorObserver;
}

/** State of one informer, for health checks and metrics. */
export interface InformerState {
  readonly kind: string;
  readonly objects: number;
  readonly synced: boolean;
  /** Since the last event, bookmark or list. */
  readonly progressAgeMs: number;
  /** Since the last attempt of anything. */
  readonly idleMs: number;
}

/** {@link Informers} with a life cycle. */
export interface InformerRegistry extends Informers {
  /** Starts every informer, also those asked for later. They run until `signal` aborts. */
  start(signal: AbortSignal): void;
  /**
   * Resolves when every informer has its first list.
   * @throws TransientError naming the kinds that did not make it within `timeoutMs`.
   */
  waitForSync(timeoutMs: number, signal: AbortSignal): Promise<void>;
  states(): readonly InformerState[];
  /** Resolves when all have ended after the abort. */
  stopped(): Promise<void>;
}

const SYNC_POLL_MS = 10;
const SILENT_OBSERVER: ReflectorObserver = {
  listStarted: () => undefined,
  watchStarted: () => undefined,
  gone: () => undefined,
};

/** An empty registry. */
export function createInformers(options: InformerRegistryOptions): InformerRegistry {
  return new SharedInformers(options);
}

class SharedInformers implements InformerRegistry {
  readonly #options: InformerRegistryOptions;
  readonly #clock: Clock;
  readonly #informers = new Map<string, SharedInformer<KubernetesObject>>();
  readonly #running: Promise<void>[] = [];
  #signal: AbortSignal | undefined;

  constructor(options: InformerRegistryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  for<T extends KubernetesObject>(type: ResourceType<T>, options: InformerOptions<T> = {}): Informer<T> {
    return this.#shared(type, options, false);
  }

  forMetadata(
    type: ResourceType,
    options: InformerOptions<PartialObjectMetadata> = {},
  ): Informer<PartialObjectMetadata> {
    return this.#shared(type, options, true);
  }

  start(signal: AbortSignal): void {
    this.#signal = signal;
    for (const informer of this.#informers.values()) this.#running.push(informer.run(signal));
  }

  async waitForSync(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const endMs = this.#clock.monotonicMs() + timeoutMs;
    for (let waiting = this.#unsynced(); waiting.length > 0; waiting = this.#unsynced()) {
      if (this.#clock.monotonicMs() > endMs) {
        throw new TransientError(
          `no first list of ${waiting.join(', ')} within ${timeoutMs} ms: are they installed, and may we list them?`,
        );
      }
      await this.#clock.sleep(SYNC_POLL_MS, signal);
    }
  }

  states(): readonly InformerState[] {
    return [...this.#informers.values()].map((informer) => ({
      kind: informer.type.kind,
      objects: informer.store.size,
      synced: informer.hasSynced(),
      progressAgeMs: informer.progressAgeMs(),
      idleMs: informer.idleMs(),
    }));
  }

  async stopped(): Promise<void> {
    await Promise.all(this.#running);
  }

  #unsynced(): readonly string[] {
    return [...this.#informers.values()]
      .filter((informer) => !informer.hasSynced())
      .map((informer) => resourceName(informer.type));
  }

  #shared<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: InformerOptions<T>,
    metadataOnly: boolean,
  ): SharedInformer<T> {
    const { namespace, labelSelector, fieldSelector } = options;
    const selection = [namespace, labelSelector, fieldSelector, metadataOnly];
    const id = JSON.stringify([resourceName(type), type.version, ...selection]);
    // The id contains the type, so the informer under it holds objects of T.
    const known = this.#informers.get(id) as unknown as SharedInformer<T> | undefined;
    const informer = known ?? this.#create(id, type, options, metadataOnly);
    informer.addIndexers(options.indexers ?? {});
    return informer;
  }

  #create<T extends KubernetesObject>(
    id: string,
    type: ResourceType<T>,
    options: InformerOptions<T>,
    metadataOnly: boolean,
  ): SharedInformer<T> {
    const { namespace, labelSelector, fieldSelector, keep } = options;
    const informer = new SharedInformer<T>({
      client: this.#options.client,
      type,
      namespaces: namespace === undefined ? this.#namespacesOf(type) : [namespace],
      metadataOnly,
      clock: this.#clock,
      random: this.#options.random ?? systemRandom,
      logger: this.#options.logger,
      observer: this.#options.observe?.(type.kind) ?? SILENT_OBSERVER,
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(keep !== undefined && { keep }),
    });
    this.#informers.set(id, informer as unknown as SharedInformer<KubernetesObject>);
    if (this.#signal !== undefined) this.#running.push(informer.run(this.#signal));
    return informer;
  }

  #namespacesOf(type: ResourceType): readonly string[] {
    const { namespaces } = this.#options;
    return !type.namespaced || namespaces === undefined || namespaces.length === 0 ? [''] : namespaces;
  }
}
