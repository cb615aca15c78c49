/**
 * What an object loses before it is cached: managedFields (half of a typical object; `internOwnership` keeps what
 * matters), kubectl's last-applied copy of the whole object, and every part that is cached already, in its last version or in another
 * object of its kind. Thousands of servers have the same security context, probes and labels: they are kept once. Then it is frozen,
 * because everybody shares it.
 */
import type { KubernetesObject, ObjectMeta } from '../object/object.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Nothing that is shared lies as deep; the API server stores up to 10,000 levels that somebody made up, and each costs stack. */
const SHARED_LEVELS = 50;
/** Nor is a list that is shared as long; an object of 1.5 MB has room for half a million items, and looking at each of them holds everything up. */
const SHARED_ITEMS = 1_000;

/** What is cached already, and may be shared; each of them was stripped itself. */
export interface Cached<T> {
  /** The object as it was. */
  readonly previous?: T | undefined;
  /** Any other one of its kind. */
  readonly sibling?: T | undefined;
}

/**
 * A frozen copy of `object` without what is not cached. The parts that stay are taken over, not copied, or taken from what is cached when they
 * are equal.
 */
export function stripForCache<T extends KubernetesObject>(object: T, cached: Cached<T> = {}): T {
  const stripped = { ...object, metadata: stripMetadata(object.metadata) };
  return share(stripped, cached.previous, cached.sibling, SHARED_LEVELS);
}

/** Copying instead of deleting keeps V8's compact object layout. */
function stripMetadata(metadata: ObjectMeta): ObjectMeta {
  const { managedFields: _dropped, ...kept } = metadata;
  if (kept.annotations?.[LAST_APPLIED] === undefined) return kept;
  const { [LAST_APPLIED]: _copy, ...annotations } = kept.annotations;
  return { ...kept, annotations };
}

/** @returns the one of `first` and `second` that is equal to `value`, or `value`, frozen, with those of their parts that are equal to its own. */
function share<T>(value: T, first: unknown, second: unknown, levels: number): T;
function share(value: unknown, first: unknown, second: unknown, levels: number): unknown {
  // Equal texts are one value to JavaScript, and still two in memory.
  if (value === first) return first;
  if (value === second) return second;
  if (!isObject(value) || Object.isFrozen(value)) return value;
  if (levels === 0 || isLong(value)) return freezeDeep(value);
  const one = comparable(value, first);
  const other = comparable(value, second);
  for (const key of Object.keys(value)) value[key] = share(value[key], one[key], other[key], levels - 1);
  if (hasMembersOf(one, value)) return one;
  return hasMembersOf(other, value) ? other : Object.freeze(value);
}

/** Without recursion, which as many levels would not survive. */
function freezeDeep<T extends object>(value: T): T {
  const waiting: object[] = [value];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    Object.freeze(part);
    for (const member of Object.values(part) as unknown[])
      if (isObject(member) && !Object.isFrozen(member)) waiting.push(member);
  }
  return value;
}

function isLong(value: object): boolean {
  return Array.isArray(value) && value.length > SHARED_ITEMS;
}

type Members = Record<string, unknown>;

const INCOMPARABLE: Members = Object.freeze({});

/**
 * `candidate`, when it is an object as `value` is one, or an array as it is one. JSON may have a member of the name `__proto__`; what an object without it
 * answers to that name is not its own.
 */
function comparable(value: Members, candidate: unknown): Members {
  const isComparable = isObject(candidate) && Array.isArray(candidate) === Array.isArray(value);
  return isComparable && candidate !== Object.prototype ? candidate : INCOMPARABLE;
}

/** Whether the members of `cached` are those of `value`, each the same one. */
function hasMembersOf(cached: Members, value: Members): boolean {
  const keys = Object.keys(value);
  if (cached === INCOMPARABLE || Object.keys(cached).length !== keys.length) return false;
  return keys.every((key) => value[key] !== undefined && value[key] === cached[key]);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}
