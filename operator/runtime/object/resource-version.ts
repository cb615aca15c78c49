/**
 * Resource versions compare as integers (KEP-5504). What does not look like one is never an answer: callers fail open, that is,
 * act as if the cache were current.
 */

/** Whether `seen` is `wanted` or newer. True when either is not a number. */
export function hasReached(seen: string, wanted: string): boolean {
  const seenNumber = parse(seen);
  const wantedNumber = parse(wanted);
  if (seenNumber === undefined || wantedNumber === undefined) return true;
  return seenNumber >= wantedNumber;
}

function parse(resourceVersion: string): bigint | undefined {
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined;
}
