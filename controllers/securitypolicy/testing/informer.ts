/** An informer without an API server: a test puts objects in and takes them out, and handlers are told as the real one tells them. */
import {
  formatKey,
  keyOf,
  NAMESPACE_INDEX,
  type Change,
  type Informer,
  type KubernetesObject,
  type ObjectKey,
  type ResourceType,
} from '../../../operator/runtime/index.ts';

type Handler<T extends KubernetesObject> = (change: Change<T>) => void;

export class FakeInformer<T extends KubernetesObject> implements Informer<T> {
  readonly type: ResourceType<T>;
  readonly #objects = new Map<string, T>();
  readonly #handlers = new Set<Handler<T>>();
  readonly store = {
    get: (key: ObjectKey): T | undefined => this.#objects.get(formatKey(key)),
    list: (): readonly T[] => [...this.#objects.values()],
    byIndex: (name: string, value: string): readonly T[] => this.#inNamespace(name, value),
    ownership: (): undefined => undefined,
    size: 0,
  };

  constructor(type: ResourceType<T>, ...objects: readonly T[]) {
    this.type = type;
    for (const object of objects) this.put(object);
  }

  addHandler(handler: Handler<T>): () => void {
    for (const object of this.#objects.values()) handler({ kind: 'add', object, initial: true });
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  hasSynced(): boolean {
    return true;
  }

  lastSyncResourceVersion(): string {
    return '1';
  }

  put(object: T): void {
    const previous = this.store.get(keyOf(object));
    this.#objects.set(formatKey(keyOf(object)), object);
    this.store.size = this.#objects.size;
    this.#tell(
      previous === undefined ? { kind: 'add', object, initial: false } : { kind: 'update', object, previous },
    );
  }

  remove(object: T): void {
    this.#objects.delete(formatKey(keyOf(object)));
    this.store.size = this.#objects.size;
    this.#tell({ kind: 'delete', object, finalStateUnknown: false });
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) handler(change);
  }

  #inNamespace(name: string, value: string): readonly T[] {
    if (name !== NAMESPACE_INDEX) throw new RangeError(`there is no index "${name}"`);
    return this.store.list().filter(({ metadata }) => metadata.namespace === value);
  }
}
