/**
 * Decides what becomes of an occurrence (client-go's correlator): a repetition extends the series of the first event; many
 * similar occurrences with differing notes become one series; an object that never stops is cut off. Pure but for its memory,
 * which is bounded.
 */
import type { Clock } from '../../../core/clock.ts';
import { TokenBucket } from '../controller/token-bucket.ts';
import type { KubernetesObject } from '../object/object.ts';
import { microTime } from '../object/micro-time.ts';
import type { EventSeries, KubernetesEvent } from './event-object.ts';
import type { EventDetails } from './recorder.ts';

/** What to do. */
export type Verdict =
  | { readonly kind: 'create'; readonly key: string }
  | {
      readonly kind: 'extend';
      readonly event: KubernetesEvent;
      readonly series: EventSeries;
      readonly key: string;
    }
  | { readonly kind: 'drop' };

interface Known {
  event: KubernetesEvent | undefined;
  count: number;
  seenAtMs: number;
}

interface Similar {
  readonly notes: Set<string>;
  seenAtMs: number;
}

const MAX_ENTRIES = 4096;
const WINDOW_MS = 600_000;
const MAX_SIMILAR = 10;
const SPAM_BUDGET = { burst: 25, perSecond: 1 / 300 };

/** Memory of what was reported. */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #known = new RecentMap<Known>();
  readonly #similar = new RecentMap<Similar>();
  readonly #budgets = new RecentMap<TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An occurrence. */
  observe(object: KubernetesObject, details: EventDetails): Verdict {
    if (this.#isSpam(object)) return { kind: 'drop' };
    const key = this.#keyOf(object, details);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#known.get(key);
    if (known?.event === undefined || nowMs - known.seenAtMs > WINDOW_MS) {
      this.#known.set(key, { event: undefined, count: 1, seenAtMs: nowMs });
      return { kind: 'create', key };
    }
    known.count += 1;
    known.seenAtMs = nowMs;
    const series = { count: known.count, lastObservedTime: microTime(this.#clock.now()) };
    return { kind: 'extend', event: known.event, series, key };
  }

  /** The event for `key` is stored, so that repetitions can extend it. */
  stored(key: string, event: KubernetesEvent): void {
    const known = this.#known.get(key);
    if (known !== undefined) known.event = event;
  }

  /** The event for `key` is gone (they live for an hour) or was never stored: the next occurrence begins anew. */
  forget(key: string): void {
    this.#known.delete(key);
  }

  #isSpam(object: KubernetesObject): boolean {
    const id =
      object.metadata.uid ?? `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const budget = this.#budgets.get(id) ?? new TokenBucket(SPAM_BUDGET, this.#clock);
    this.#budgets.set(id, budget);
    return budget.tryTakeMs() > 0;
  }

  /** Differing notes are differing events, up to a point. */
  #keyOf(object: KubernetesObject, { type, reason, action, note }: EventDetails): string {
    const { uid, name, namespace } = object.metadata;
    const group = JSON.stringify([object.kind, namespace, name, uid, type, reason, action]);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#similar.get(group);
    const similar = known === undefined || nowMs - known.seenAtMs > WINDOW_MS ? newSimilar(nowMs) : known;
    similar.seenAtMs = nowMs;
    if (similar.notes.size < MAX_SIMILAR) similar.notes.add(note);
    this.#similar.set(group, similar);
    return similar.notes.has(note) ? `${group}${note}` : group;
  }
}

function newSimilar(seenAtMs: number): Similar {
  return { notes: new Set(), seenAtMs };
}

/** A map that forgets what was not set for longest. */
class RecentMap<Value> {
  readonly #entries = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= MAX_ENTRIES) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
