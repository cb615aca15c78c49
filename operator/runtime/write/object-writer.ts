/**
 * The writer over a client and a cache. Creating is a server-side apply that only succeeds when nothing is there; correcting is
 * one apply for what differs and one JSON patch for what others added, each bound to the object that was looked at.
 */
import { ConflictError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type { Informer } from '../cache/informer.ts';
import { internOwnership, type Ownership } from '../cache/ownership.ts';
import { ApiConflictError, InvalidError, NotFoundError } from '../client/api-error.ts';
import type { KubernetesClient } from '../client/client.ts';
import type { ConsistencyStore } from '../controller/consistency.ts';
import { isSameJson } from '../object/equal.ts';
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import { formatKey, keyOf } from '../object/object.ts';
import { uidOf } from '../object/owner.ts';
import type { ResourceType } from '../object/resource.ts';
import { correctionOf, creationOf, removalOf, replacementOf, statusBody, withController } from './bodies.ts';
import { claim } from './claim.ts';
import { findDrift, isClean, type Difference, type Drift } from './drift.ts';
import { Tolerance } from './tolerance.ts';
import type { EnsureAbsentResult, EnsureResult, ObjectWriter, Owner } from './writer.ts';

/** What a writer is made of. */
export interface ObjectWriterOptions {
  readonly client: KubernetesClient;
  /** The informer that caches objects of a type: the same one, with the same selector, that the controller watches. */
  readonly informerOf: <T extends KubernetesObject>(type: ResourceType<T>) => Informer<T>;
  /** One name a controller, never changed: ownership of fields hangs on it. */
  readonly fieldManager: string;
  readonly consistency: ConsistencyStore;
  readonly logger: Logger;
}

const MAX_REPORTED_PATHS = 20;
/** The API server refuses patches of more than 10,000 operations, and a removal takes two: the rest goes with the next look. */
const MAX_REMOVALS = 4_000;

/** A writer for one controller. */
export function createObjectWriter(options: ObjectWriterOptions): ObjectWriter {
  return new ServerSideWriter(options);
}

/** One object that is being brought to its intent. */
interface Task<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  readonly intent: KubernetesObject;
  readonly owner: Owner;
  readonly informer: Informer<T>;
}

class ServerSideWriter implements ObjectWriter {
  readonly #options: ObjectWriterOptions;
  readonly #tolerance = new Tolerance();
  readonly #statusTolerance = new Tolerance();

  constructor(options: ObjectWriterOptions) {
    this.#options = options;
  }

  async ensure<T extends KubernetesObject>(
    type: ResourceType<T>,
    intent: KubernetesObject,
    owner: Owner,
    signal: AbortSignal,
  ): Promise<EnsureResult<T>> {
    const informer = this.#options.informerOf(type);
    const task = { type, intent: withController(intent, owner), owner, informer };
    const cached = informer.store.get(keyOf(intent));
    if (cached === undefined) return this.#create(task, signal);
    return this.#correct(task, cached, informer.store.ownership(keyOf(intent)) ?? [], signal);
  }

  driftOf(type: ResourceType, intent: KubernetesObject, owner: Owner): readonly string[] | undefined {
    const informer = this.#options.informerOf(type);
    const live = informer.store.get(keyOf(intent));
    if (live === undefined) return undefined;
    const ownership = informer.store.ownership(keyOf(intent)) ?? [];
    const { fieldManager } = this.#options;
    if (claim(live, ownership, { owner, fieldManager }).kind !== 'ours') return undefined;
    const task = { type, intent: withController(intent, owner), owner, informer };
    const { changed, foreign } = this.#drift(task, live, ownership);
    return reportedPaths([...changed, ...foreign]);
  }

  async ensureAbsent(
    type: ResourceType,
    key: ObjectKey,
    owner: Owner,
    signal: AbortSignal,
  ): Promise<EnsureAbsentResult> {
    const informer = this.#options.informerOf(type);
    if (informer.store.get(key) === undefined) return 'absent';
    // A delete cannot be taken back: look at the object itself, not at the cache.
    const live = await this.#options.client.get(type, key, signal);
    if (live === undefined) return 'absent';
    const { fieldManager } = this.#options;
    const { kind } = claim(live, internOwnership(live.metadata.managedFields), { owner, fieldManager });
    if (kind !== 'ours') return kind === 'foreign' ? 'foreign' : 'deleted';
    const uid = uidOf(live);
    const { resourceVersion } = live.metadata;
    const preconditions = { uid, ...(resourceVersion !== undefined && { resourceVersion }) };
    await this.#options.client.delete(type, key, preconditions, signal);
    this.#options.consistency.deletedAt(keyOf(owner.object), informer, key, uid);
    return 'deleted';
  }

  async applyStatus(
    type: ResourceType,
    object: KubernetesObject,
    status: object,
    signal: AbortSignal,
    ownPart: (live: unknown) => unknown = (live) => live,
  ): Promise<boolean> {
    const { client, fieldManager, informerOf, consistency } = this.#options;
    const informer = informerOf(type);
    const current = ownPart(statusOf(informer.store.get(keyOf(object)) ?? object));
    if (isClean(this.#statusTolerance.reduce(uidOf(object), status, statusDrift(status, current))))
      return false;
    try {
      const options = { fieldManager, force: true, subresource: 'status' };
      const stored = await client.apply(type, statusBody(object, status), options, signal);
      consistency.wroteAt(keyOf(object), informer, stored);
      const answered = ownPart(statusOf(stored));
      this.#statusTolerance.add(uidOf(object), status, statusDrift(status, answered).changed);
      return true;
    } catch (error) {
      // The object is gone, and its status with it.
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  async #create<T extends KubernetesObject>(task: Task<T>, signal: AbortSignal): Promise<EnsureResult<T>> {
    const { client, fieldManager } = this.#options;
    try {
      const object = await client.apply(task.type, creationOf(task.intent), { fieldManager }, signal);
      const { changed, foreign } = this.#wrote(task, object);
      this.#tolerance.add(uidOf(object), task.intent, [...changed, ...foreign]);
      this.#options.logger.debug('created', { object: describe(object) });
      return { kind: 'created', object };
    } catch (error) {
      if (!(error instanceof ApiConflictError)) throw error;
      const live = await client.get(task.type, keyOf(task.intent), signal);
      // Gone again in the meantime: the retry will find the way free.
      if (live === undefined) throw error;
      return this.#correct(task, live, internOwnership(live.metadata.managedFields), signal);
    }
  }

  async #correct<T extends KubernetesObject>(
    task: Task<T>,
    live: T,
    ownership: Ownership,
    signal: AbortSignal,
  ): Promise<EnsureResult<T>> {
    const { fieldManager } = this.#options;
    const claimed = claim(live, ownership, { owner: task.owner, fieldManager });
    if (claimed.kind !== 'ours') return claimed;
    const drift = this.#drift(task, live, ownership);
    if (isClean(drift)) return { kind: 'unchanged', object: live };
    const applied = drift.changed.length > 0 ? await this.#put(task, live, drift.foreign, signal) : undefined;
    const foreign = applied === undefined ? drift.foreign : this.#driftOf(task, applied).foreign;
    const object = await this.#remove(task, applied ?? live, foreign, signal);
    const paths = reportedPaths([...drift.changed, ...drift.foreign]);
    this.#options.logger.info('set right', { object: describe(object), paths });
    return { kind: 'updated', object, paths };
  }

  /** Applies the intent; where additions make that invalid, everything is replaced at once. */
  async #put<T extends KubernetesObject>(
    task: Task<T>,
    live: T,
    foreign: readonly Difference[],
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await this.#apply(task, live, signal);
    } catch (error) {
      if (!(error instanceof InvalidError) || foreign.length === 0) throw error;
      const { client, fieldManager } = this.#options;
      const operations = replacementOf(task.intent, live);
      const object = await client.patchJson(task.type, keyOf(live), operations, { fieldManager }, signal);
      this.#wrote(task, object);
      return object;
    }
  }

  async #apply<T extends KubernetesObject>(task: Task<T>, live: T, signal: AbortSignal): Promise<T> {
    const { client, fieldManager } = this.#options;
    const body = correctionOf(task.intent, live);
    const object = await client.apply(task.type, body, { fieldManager, force: true }, signal);
    // All of these were forced just now. Additions are another matter: an apply does not even try to remove them.
    this.#tolerance.add(uidOf(object), task.intent, this.#wrote(task, object).changed);
    return object;
  }

  /** Removes what others added. */
  async #remove<T extends KubernetesObject>(
    task: Task<T>,
    live: T,
    additions: readonly Difference[],
    signal: AbortSignal,
  ): Promise<T> {
    if (additions.length === 0) return live;
    const foreign = additions.slice(0, MAX_REMOVALS);
    const { client, fieldManager, logger } = this.#options;
    const operations = removalOf(live, foreign);
    try {
      const object = await client.patchJson(task.type, keyOf(live), operations, { fieldManager }, signal);
      // Only what was removed and is there again: somebody may have added more in the meantime.
      this.#tolerance.add(uidOf(object), task.intent, inBoth(foreign, this.#wrote(task, object).foreign));
      return object;
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      // A failed test has no causes: what was to be removed is not what was looked at. With causes, the API server will not let
      // go of the field.
      if (error.status.causes.length === 0)
        throw new ConflictError(`${describe(live)} changed`, { cause: error });
      const paths = reportedPaths(foreign);
      logger.warn('an addition cannot be removed', { object: describe(live), paths, error: error.message });
      this.#tolerance.add(uidOf(live), task.intent, foreign);
      return live;
    }
  }

  #drift<T extends KubernetesObject>(task: Task<T>, live: T, ownership: Ownership): Drift {
    const drift = findDrift(task.intent, live, ownership, this.#options.fieldManager);
    if (isClean(drift)) return drift;
    return this.#tolerance.reduce(uidOf(live), task.intent, drift);
  }

  #driftOf<T extends KubernetesObject>(task: Task<T>, live: T): Drift {
    return this.#drift(task, live, internOwnership(live.metadata.managedFields));
  }

  /** Notes a write. @returns what its answer still shows: exactly the state after it, with nobody's later write. */
  #wrote<T extends KubernetesObject>(task: Task<T>, object: T): Drift {
    this.#options.consistency.wroteAt(keyOf(task.owner.object), task.informer, object);
    const ownership = internOwnership(object.metadata.managedFields);
    return findDrift(task.intent, object, ownership, this.#options.fieldManager);
  }
}

function statusOf(object: KubernetesObject): unknown {
  return 'status' in object ? object.status : undefined;
}

function statusDrift(status: object, live: unknown): Drift {
  const changed = isSameJson(status, live) ? [] : [{ path: '/status', live }];
  return { changed, foreign: [] };
}

function inBoth(one: readonly Difference[], other: readonly Difference[]): readonly Difference[] {
  return one.filter(({ path, live }) =>
    other.some((match) => match.path === path && isSameJson(match.live, live)),
  );
}

function reportedPaths(differences: readonly Difference[]): readonly string[] {
  return differences.slice(0, MAX_REPORTED_PATHS).map(({ path }) => path);
}

function describe(object: KubernetesObject): string {
  return `${object.kind} ${formatKey(keyOf(object))}`;
}
