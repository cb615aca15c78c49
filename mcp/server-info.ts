/** A server's name for itself, fit to be shown: it ends in a status, a terminal and a table, where control characters lie. */

const MAX_LENGTH = 128;

/** Controls, format characters (bidirectional overrides, zero-width, tags), separators, surrogates, private use, unassigned. */
const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** @returns `value` without what cannot be seen, at most 128 characters; empty when it is no string. */
export function showable(value: unknown): string {
  if (typeof value !== 'string') return '';
  // Cut first: cleaning a megabyte to show a hundred characters is work for the server's pleasure.
  const cleaned = value
    .slice(0, MAX_LENGTH * 4)
    .replace(UNSHOWABLE, '')
    .trim();
  return Array.from(cleaned).slice(0, MAX_LENGTH).join('');
}
