/**
 * Matching with wildcards, for characters and for segments alike. Patterns and what they are held against come from different people, and
 * admission waits for the verdict: a regular expression made of a pattern with many `*` could take years, this takes at most the product
 * of both lengths.
 */

/** In a pattern: any number of items, also none. */
export const ANY = Symbol('any number of items');

/** Steps, each of which is one item, and wildcards. */
export type Wildcards<Step> = readonly (Step | typeof ANY)[];

/**
 * Whether all of `items` are what `pattern` describes. A wildcard first stands for nothing, and for one item more each time that what
 * follows it does not fit: only the last wildcard needs to be tried again, since the ones before it left the most to the rest.
 * @param same whether a step of the pattern is this item.
 */
export function matchesWildcards<Step, Item>(
  pattern: Wildcards<Step>,
  items: readonly Item[],
  same: (step: Step, item: Item) => boolean,
): boolean {
  let [place, at] = [0, 0];
  let [afterWildcard, retryAt] = [-1, 0];
  for (let item = items[at]; item !== undefined; item = items[at]) {
    const step = pattern[place];
    if (step === ANY) {
      place += 1;
      [afterWildcard, retryAt] = [place, at];
    } else if (step !== undefined && same(step, item)) {
      place += 1;
      at += 1;
    } else if (afterWildcard < 0) {
      return false;
    } else {
      retryAt += 1;
      [place, at] = [afterWildcard, retryAt];
    }
  }
  return pattern.slice(place).every((step) => step === ANY);
}
