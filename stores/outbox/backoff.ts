/** When a message that could not be delivered is tried again. */
import type { Random } from '../../core/random.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 900_000;

/** @param attempts so far, at least 1. @returns milliseconds, doubled each time and up to a half less, so that many do not come back at once. */
export function backoffMs(attempts: number, random: Random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1));
  return Math.round(full * (1 - random() / 2));
}
