/** Whether session ids can be guessed, by their pattern alone: what is random cannot be told from three of them, what counts can. */

/** Letters and digits that are no separator; an id is made of them. */
const PARTS = /[0-9A-Za-z]+/g;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
/** Three numbers that are drawn from even 40 bits lie this close together once in a million times a million. */
const CLOSE = 1_048_576n;
const DAY_MS = 86_400_000n;
/** Milliseconds in a unit in which times are counted, as a fraction: seconds, milliseconds, microseconds, nanoseconds. */
const UNITS: readonly (readonly [bigint, bigint])[] = [
  [1_000n, 1n],
  [1n, 1n],
  [1n, 1_000n],
  [1n, 1_000_000n],
];
/** UUIDs of versions 1, 2 and 6 are a time and the address of a machine. */
const TIME_BASED_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[126][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Whether HTTP and the specification allow `id`: only characters from 0x21 to 0x7E. */
export function isVisibleAscii(id: string): boolean {
  return VISIBLE_ASCII.test(id);
}

/**
 * @param ids of sessions that were opened one after the other.
 * @param nowMs when, to recognise times.
 * @returns whether everything that differs between them is a counter or a time.
 */
export function isGuessable(ids: readonly string[], nowMs: number): boolean {
  if (ids.every((id) => TIME_BASED_UUID.test(id))) return true;
  const rows = ids.map((id) => id.match(PARTS) ?? []);
  const [first = []] = rows;
  if (rows.some((row) => row.length !== first.length)) return false;
  const columns = first.map((_part, index) => rows.map((row) => row[index] ?? ''));
  const varying = columns.filter((column) => new Set(column).size > 1);
  return varying.length > 0 && varying.every((column) => isCounted(column) || isTime(column, BigInt(nowMs)));
}

/** Numbers, decimal or hexadecimal, that lie close together, with whatever they all begin with taken off. */
function isCounted(column: readonly string[]): boolean {
  const tails = withoutCommonLetters(column);
  const base = tails.every((tail) => /^\d+$/.test(tail)) ? '' : '0x';
  if (!tails.every((tail) => /^[0-9a-f]+$/i.test(tail))) return false;
  const numbers = tails.map((tail) => BigInt(`${base}${tail}`));
  const [low, high] = extremes(numbers);
  return high - low < CLOSE;
}

/** `session1`, `session2`: the letters that all share are a name, not a number. */
function withoutCommonLetters(column: readonly string[]): readonly string[] {
  const [first = ''] = column;
  const letters = /^[A-Za-z]*/.exec(first)?.[0] ?? '';
  const isShared = column.every((part) => part.startsWith(letters) && part.length > letters.length);
  return isShared ? column.map((part) => part.slice(letters.length)) : column;
}

function isTime(column: readonly string[], nowMs: bigint): boolean {
  return column.every((part) => /^\d{10,19}$/.test(part) && isNear(BigInt(part), nowMs));
}

function isNear(value: bigint, nowMs: bigint): boolean {
  return UNITS.some(([numerator, denominator]) => {
    const difference = (value * numerator) / denominator - nowMs;
    return difference < DAY_MS && difference > -DAY_MS;
  });
}

function extremes(numbers: readonly bigint[]): readonly [bigint, bigint] {
  const sorted = numbers.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  return [sorted[0] ?? 0n, sorted.at(-1) ?? 0n];
}
