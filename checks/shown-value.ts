/** Values as findings show them: one line, bounded, and still different where the values are, since they tell one finding from another. */
import { excerpt } from '../core/excerpt.ts';
import { sha256Hex } from '../core/sha256.ts';

/** What a finding promises of its value, in characters. */
const MAX_LENGTH = 256;
const MARK_LENGTH = ' (sha256:0123456789ab)'.length;

/** @returns the value as it is, or what can be shown of it and a part of its hash. */
export function shownValue(value: string): string {
  if (excerpt(value, MAX_LENGTH) === value) return value;
  const hash = sha256Hex(value).slice(0, 12);
  return `${excerpt(value, MAX_LENGTH - MARK_LENGTH)} (sha256:${hash})`;
}
