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
 * Whether all of `items` are what `pattern` describes.
 * @param same whether a step of the pattern is this item.
 */
export function matchesWildcards<Step, Item>(
  pattern: Wildcards<Step>,
  items: readonly Item[],
  same: (step: Step, item: Item) => boolean,
): boolean {
  let places = placesFrom(pattern, 0);
  for (const item of items) {
    places = new Set([...places].flatMap((place) => [...nextPlaces(pattern, place, item, same)]));
  }
  return places.has(pattern.length);
}

/** Where one can be in the pattern after one more item. */
function nextPlaces<Step, Item>(
  pattern: Wildcards<Step>,
  place: number,
  item: Item,
  same: (step: Step, item: Item) => boolean,
): ReadonlySet<number> {
  const step = pattern[place];
  if (step === undefined) return NOWHERE;
  if (step === ANY) return placesFrom(pattern, place);
  return same(step, item) ? placesFrom(pattern, place + 1) : NOWHERE;
}

const NOWHERE: ReadonlySet<number> = new Set();

/** A wildcard may stand for nothing, so whoever is before one is behind it too. */
function placesFrom<Step>(pattern: Wildcards<Step>, place: number): ReadonlySet<number> {
  const places = new Set([place]);
  for (let next = place; pattern[next] === ANY; next += 1) places.add(next + 1);
  return places;
}
