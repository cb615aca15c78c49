/** @returns the words of `text`, which stands in lines so that a long list can be read. */
export function setOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
