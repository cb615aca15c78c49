/** Randomness as a dependency: a function that returns a number in [0, 1). Tests pass a constant or a seeded one. */
export type Random = () => number;

/** The runtime's own generator: for jitter, never for secrets. */
export const systemRandom: Random = Math.random;
