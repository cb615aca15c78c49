/**
 * Aliases share what they stand for, in YAML and in what a parser makes of it. Everybody behind the parser takes objects for trees, so
 * they are made trees here, as far as that is reasonable.
 */

/**
 * @param limit of values and characters together.
 * @returns a copy that shares nothing.
 * @throws Error when the value contains itself, or is larger than `limit` once nothing is shared.
 */
export function expand(value: unknown, limit: number): unknown {
  const around = new Set<object>();
  let size = 0;
  const copy = (part: unknown): unknown => {
    size += typeof part === 'string' ? part.length + 1 : 1;
    if (size > limit) throw new Error('aliases stand for more than a file may hold');
    if (typeof part !== 'object' || part === null) return part;
    if (around.has(part)) throw new Error('an anchor contains itself');
    around.add(part);
    const copied = Array.isArray(part)
      ? part.map(copy)
      : Object.fromEntries(Object.entries(part).map(([name, field]) => [name, copy(field)]));
    around.delete(part);
    return copied;
  };
  return copy(value);
}
