/** Few numbers about many. */

/** The value below which `share` (0 to 1) of the values lie, by the nearest rank. @throws when there is no value. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('no values: nothing was measured');
  return value;
}

/** A figure over several runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median (of an even number: the mean of the middle two), smallest and largest. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const low = percentile(sorted, 0.5);
  const high = sorted[Math.floor(sorted.length / 2)] ?? low;
  return { median: (low + high) / 2, min: percentile(sorted, 0), max: percentile(sorted, 1) };
}
