/**
 * Text that others wrote, made fit for a status, a finding or an error: one line, no control or direction-changing characters, no
 * half characters (the API server would store others in their place), bounded.
 */

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]+/gu;
const HALF_A_CHARACTER = /\p{Cs}$/u;

/** At most `maxLength` characters of `text` on one line. */
export function excerpt(text: string, maxLength = 300): string {
  const line = text.replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim();
  if (line.length <= maxLength) return line;
  return `${line
    .slice(0, maxLength - 1)
    .replace(HALF_A_CHARACTER, '')
    .trimEnd()}…`;
}
