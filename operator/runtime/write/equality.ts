/** When a value of an intent and a live one are the same to the API server. Pure. */
import { isSameQuantity } from '../../../core/quantity.ts';

/** A JSON object. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** Members that the API server fills in inside atomic lists and maps, where ownership does not tell them from additions. */
const ATOMIC_DEFAULTS: JsonMap = { protocol: 'TCP', apiVersion: 'v1', divisor: '0', expirationSeconds: 3600 };

/** Maps whose values are quantities, and single fields that are one. */
const QUANTITY_MAPS = new Set([
  'limits',
  'requests',
  'hard',
  'capacity',
  'default',
  'defaultRequest',
  'max',
  'min',
]);
const QUANTITY_FIELDS = new Set(['sizeLimit', 'storage', 'averageValue', 'divisor']);

/** Equality of a value that is owned as a whole: additions count, except the API server's own. */
export function isEqualAtomic(intent: unknown, live: unknown, path: readonly string[]): boolean {
  if (Array.isArray(intent)) {
    if (!Array.isArray(live) || live.length !== intent.length) return false;
    return intent.every((item, position) => isEqualAtomic(item, live[position], path));
  }
  if (!isMap(intent)) return isEqualScalar(intent, live, path);
  if (!isMap(live)) return false;
  const names = new Set([...Object.keys(intent), ...Object.keys(live)]);
  return [...names].every((name) => isEqualMember(name, intent[name], live[name], [...path, name]));
}

function isEqualMember(name: string, intent: unknown, live: unknown, path: readonly string[]): boolean {
  if (intent === undefined || intent === null) return live === undefined || live === ATOMIC_DEFAULTS[name];
  // An empty selector means "all", no selector means "none": a missing map is never the same as an empty one.
  if (live === undefined) return isEmpty(intent) && !isMap(intent);
  return isEqualAtomic(intent, live, path);
}

/** Whether two scalars are the same, quantities by their amount. `path` tells where they stand. */
export function isEqualScalar(intent: unknown, live: unknown, path: readonly string[]): boolean {
  if (intent === live) return true;
  if (!isTextOrNumber(intent) || !isTextOrNumber(live)) return false;
  return isQuantity(path) && isSameQuantity(intent, live);
}

/** Only where the API has quantities: in an environment variable, "1k" and "1000" are different values. */
function isQuantity(path: readonly string[]): boolean {
  return QUANTITY_MAPS.has(path.at(-2) ?? '') || QUANTITY_FIELDS.has(path.at(-1) ?? '');
}

function isTextOrNumber(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Whether a value is one that the API server may drop. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isMap(value)) return Object.keys(value).length === 0;
  return value === false || value === 0 || value === '' || value === null;
}

/** Whether a value is a JSON object. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
