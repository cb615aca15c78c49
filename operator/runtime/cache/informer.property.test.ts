/**
 * An informer against a model of the API server: whatever happens to the objects and to the watch, in any legal order, handlers
 * hear one consistent story and the store never claims to have seen what it has not.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../core/logger.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { apiErrorOf, ConnectionError } from '../client/api-error.ts';
import type { ListOptions, ObjectList, WatchOptions } from '../client/client.ts';
import type { WatchEvent } from '../client/watch-event.ts';
import { formatKey, keyOf, type KubernetesObject } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import { NAMESPACE_INDEX, OWNER_UID_INDEX, type Change, type Indexer } from './informer.ts';
import { SharedInformer } from './shared-informer.ts';

const TYPE: ResourceType = { group: '', version: 'v1', kind: 'Sample', plural: 'samples', namespaced: true };
const PAGE_SIZE = 2;

/** What happens next: to an object, or to the connection. */
type Step =
  | {
      readonly kind: 'write' | 'delete' | 'replace';
      readonly key: string;
      readonly labels: readonly string[];
    }
  /** Write that the watch never tells: API servers have lost events (kubernetes/kubernetes#123072). */
  | { readonly kind: 'lose'; readonly step: Step }
  | { readonly kind: 'bookmark' | 'end' | 'reset' | 'refuse' | 'expire' | 'listen' };

const KEYS = ['a/one', 'a/two', 'a/three', 'b/one', 'b/four'];
const key = fc.constantFrom(...KEYS);
const labels = fc.subarray(['red', 'green', 'blue']);
const mutation = fc.record({ kind: fc.constantFrom('write', 'delete', 'replace'), key, labels });
const faithful: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: mutation, weight: 4 },
  fc.record({ kind: fc.constantFrom('bookmark', 'end', 'reset', 'refuse', 'expire', 'listen') }),
);
const lossy: fc.Arbitrary<Step> = fc.oneof(
  faithful,
  fc.record({ kind: fc.constant('lose'), step: mutation }),
);

const byLabel: Indexer<KubernetesObject> = ({ metadata }) => Object.keys(metadata.labels ?? {});
const byOwner: Indexer<KubernetesObject> = ({ metadata }) =>
  (metadata.ownerReferences ?? []).map(({ uid }) => uid);
const INDEXERS = {
  label: byLabel,
  [OWNER_UID_INDEX]: byOwner,
  [NAMESPACE_INDEX]: ({ metadata }: KubernetesObject) => [metadata.namespace ?? ''],
};

/** An API server that plays its script whenever the informer asks it for something. */
class ModelServer {
  readonly objects = new Map<string, KubernetesObject>();
  /** When each uid was deleted. */
  readonly deletions = new Map<string, number>();
  version = 10;
  /** The script is at its end, and a watch has told everything. */
  isIdle = false;
  readonly #script: Step[];
  readonly #history: (WatchEvent<KubernetesObject> & { readonly at: number })[] = [];
  readonly #listen: () => void;
  #expiredUpTo = 0;

  constructor(script: readonly Step[], listen: () => void) {
    this.#script = [...script];
    this.#listen = listen;
    for (const name of KEYS) this.#write(name, ['red'], true);
  }

  /** A snapshot, in pages; things go on happening between them. */
  list(options: ListOptions): ObjectList<KubernetesObject> {
    const snapshot: { readonly items: KubernetesObject[]; readonly resourceVersion: string } =
      options.continue === undefined
        ? { items: [...this.objects.values()], resourceVersion: String(this.version) }
        : JSON.parse(options.continue);
    const kind = this.#play();
    if (kind === 'reset') throw reset();
    if (kind === 'expire') throw expired();
    const rest = { ...snapshot, items: snapshot.items.slice(PAGE_SIZE) };
    return {
      items: snapshot.items.slice(0, PAGE_SIZE),
      resourceVersion: snapshot.resourceVersion,
      ...(rest.items.length > 0 && { continue: JSON.stringify(rest) }),
    };
  }

  async *watch(options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent<KubernetesObject>> {
    let seen = Number(options.resourceVersion);
    if (seen < this.#expiredUpTo) throw expired();
    while (true) {
      for (const event of this.#history.filter(({ at }) => at > seen)) {
        seen = event.at;
        yield event;
      }
      this.isIdle = this.#script.length === 0;
      if (this.isIdle) await untilAborted(signal);
      const kind = this.#play();
      if (kind === 'end') break;
      if (kind === 'reset') throw reset();
      if (kind === 'refuse') throw new ConnectionError('refused', { refused: true });
      if (kind === 'expire') throw expired();
      if (kind === 'bookmark') yield { type: 'BOOKMARK', resourceVersion: String(this.version) };
    }
  }

  #play(): Step['kind'] | undefined {
    const step = this.#script.shift();
    if (step === undefined) return undefined;
    if (step.kind === 'listen') this.#listen();
    if (step.kind === 'expire') this.#expiredUpTo = this.version;
    this.#change(step, true);
    return step.kind;
  }

  #change(step: Step, isTold: boolean): void {
    if (step.kind === 'lose') return this.#change(step.step, false);
    if (step.kind !== 'write' && step.kind !== 'delete' && step.kind !== 'replace') return;
    if (step.kind !== 'write') this.#delete(step.key, isTold);
    if (step.kind !== 'delete') this.#write(step.key, step.labels, isTold);
  }

  #write(at: string, names: readonly string[], isTold: boolean): void {
    const [namespace = '', name = ''] = at.split('/');
    const known = this.objects.get(at);
    this.version += 1;
    const uid = known?.metadata.uid ?? `uid-${this.version}`;
    const controller = {
      apiVersion: 'v1',
      kind: 'Owner',
      name: 'o',
      uid: names[0] ?? 'none',
      controller: true,
    };
    const object: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Sample',
      metadata: {
        name,
        namespace,
        uid,
        resourceVersion: String(this.version),
        labels: Object.fromEntries(names.map((label) => [label, ''])),
        ownerReferences: [controller],
      },
    };
    this.objects.set(at, object);
    if (isTold)
      this.#history.push({ type: known === undefined ? 'ADDED' : 'MODIFIED', object, at: this.version });
  }

  #delete(at: string, isTold: boolean): void {
    const known = this.objects.get(at);
    if (known === undefined) return;
    this.version += 1;
    this.objects.delete(at);
    this.deletions.set(known.metadata.uid ?? '', this.version);
    const object = { ...known, metadata: { ...known.metadata, resourceVersion: String(this.version) } };
    if (isTold) this.#history.push({ type: 'DELETED', object, at: this.version });
  }
}

/** A handler that believes what it is told, and complains about what cannot be. */
class Listener {
  readonly known = new Map<string, KubernetesObject>();

  hear(change: Change<KubernetesObject>): void {
    const at = formatKey(keyOf(change.object));
    const before = this.known.get(at);
    if (change.kind === 'add') expect(before, `a second add of ${at}`).toBeUndefined();
    else expect(before?.metadata.uid, `${change.kind} of another ${at}`).toBe(change.object.metadata.uid);
    if (change.kind === 'update') expect(change.previous).toBe(before);
    if (change.kind === 'delete') this.known.delete(at);
    else this.known.set(at, change.object);
  }
}

const reset = () => new ConnectionError('reset', { refused: false });
const expired = () => apiErrorOf(410, { reason: 'Expired' }, undefined);
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const byKey = (objects: Iterable<KubernetesObject>) =>
  new Map([...objects].map((object) => [formatKey(keyOf(object)), object]));

/** Plays the script to its end. @returns what server, store and handlers have then. */
async function play(script: readonly Step[], check: (subject: Subject) => void) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const complaints: unknown[] = [];
  const listeners: Listener[] = [];
  const listen = (): void => {
    const listener = new Listener();
    listeners.push(listener);
    informer.addHandler((change) => guard(() => listener.hear(change)));
  };
  const server = new ModelServer(script, listen);
  /** The informer survives handlers that throw, so that failures are kept for the end. */
  const guard = (assertion: () => void): void => {
    try {
      assertion();
    } catch (error) {
      complaints.push(error);
    }
  };
  const client = {
    list: (_type: unknown, options: ListOptions) => {
      guard(() => check({ informer, server }));
      return server.list(options);
    },
    watch: (_type: unknown, options: WatchOptions, signal: AbortSignal) => server.watch(options, signal),
  };
  const ignore = () => undefined;
  const informer = new SharedInformer({
    // The two methods that a reflector uses.
    client: client as never,
    type: TYPE,
    namespaces: [''],
    metadataOnly: false,
    clock,
    random: () => 0,
    logger: silentLogger,
    observer: { listStarted: ignore, watchStarted: ignore, gone: ignore },
  });
  informer.addIndexers({ label: byLabel });
  listen();
  informer.addHandler(() => guard(() => check({ informer, server })));
  const running = informer.run(stop.signal);
  for (let turns = 0; turns < 1_000 && !server.isIdle; turns++) await clock.advance(60_000);
  stop.abort(new Error('stop'));
  await running;
  if (complaints.length > 0) throw complaints[0];
  return { informer, server, listeners };
}

interface Subject {
  readonly informer: SharedInformer<KubernetesObject>;
  readonly server: ModelServer;
}

function expectIndexes({ informer: { store } }: Subject): void {
  for (const [name, indexer] of Object.entries(INDEXERS)) {
    const values = new Set(['red', 'green', 'blue', 'none', 'a', 'b', ...store.list().flatMap(indexer)]);
    for (const value of values) {
      const naive = store.list().filter((object) => indexer(object).includes(value));
      expect(new Set(store.byIndex(name, value)), `${name}=${value}`).toEqual(new Set(naive));
    }
  }
}

/** Whoever waits for a resource version finds in the store what was written up to it. */
function expectNothingMissed({ informer, server }: Subject): void {
  const seen = Number(informer.lastSyncResourceVersion(''));
  for (const object of server.objects.values()) {
    if (Number(object.metadata.resourceVersion) > seen) continue;
    expect(informer.store.get(keyOf(object))?.metadata).toEqual(object.metadata);
  }
  for (const { metadata } of informer.store.list()) {
    expect(server.deletions.get(metadata.uid ?? '') ?? Infinity).toBeGreaterThan(seen);
  }
}

function expectAgreement({ informer, server, listeners }: Awaited<ReturnType<typeof play>>): void {
  expect(byKey(informer.store.list())).toEqual(server.objects);
  for (const { known } of listeners) expect(known).toEqual(server.objects);
}

describe('an informer', () => {
  it('tells one consistent story, has seen what it says, and ends up with what the server has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(faithful, { maxLength: 40, size: 'max' }), async (script) => {
        const end = await play(script, (subject) => {
          expectIndexes(subject);
          expectNothingMissed(subject);
        });
        expectAgreement(end);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('tells a consistent story even when events are lost, and is right again after the next list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(lossy, { maxLength: 40, size: 'max' }), async (script) => {
        expectAgreement(await play([...script, { kind: 'expire' }], expectIndexes));
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
