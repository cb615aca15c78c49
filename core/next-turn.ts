/** Resolves when the event loop has done what waits for it now: input and output included, which a resolved promise would pass. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
