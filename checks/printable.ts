/**
 * Values as findings show them: short, visible, and still different where the values are. They stand in a terminal, in logs and in tables,
 * and tell one finding from another.
 */
import { createHash } from 'node:crypto';

/** What Finding promises of its value. */
const MAX_LENGTH = 256;
const SHOWN_LENGTH = 230;

/** Controls, format characters (bidirectional overrides, zero-width, tags), separators, surrogates, private use, unassigned. */
const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** @returns the text, with `\u{...}` for what cannot be seen; what is too long ends in a part of its hash. */
export function printable(text: string): string {
  if (text.length <= MAX_LENGTH) {
    const shown = escape(text);
    if (shown.length <= MAX_LENGTH) return shown;
  }
  const beginning = escape(text.slice(0, SHOWN_LENGTH)).slice(0, SHOWN_LENGTH);
  return `${beginning}... (sha256:${createHash('sha256').update(text).digest('hex').slice(0, 12)})`;
}

function escape(text: string): string {
  return text.replaceAll(UNSHOWABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
