/** Text that others wrote, in a form that cannot move the cursor of the terminal that shows it. */

/**
 * @returns indented JSON in which every invisible character is escaped: what a server says about itself must not move the
 *   cursor of the terminal that shows it.
 */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value, null, 2));
}

/** @returns the text with every invisible character but line breaks escaped as JSON does: what a file holds must not move the cursor either. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
