/** How long certificates hold, and how long each step of a rotation waits for those who have not heard of it yet. */

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;

/** A CA lives at least three times as long as what it signs: it is replaced when a third of its life is left. */
export interface Lifetimes {
  readonly caMs: number;
  readonly servingMs: number;
  /** How far a certificate's beginning lies before its making: so much may the clock of who checks it be behind ours. */
  readonly backdateMs: number;
  /** From when the configurations hold a new CA until every API server surely knows: their watches carry it within seconds. */
  readonly propagationMs: number;
  /** From the first certificate that a new CA signed until its predecessor is forgotten: every replica surely serves it by then. */
  readonly overlapMs: number;
}

/**
 * A serving certificate of a month limits what a stolen key is worth, and two thirds of it leave ten days to notice that renewal
 * fails. A rotated CA's key is deleted at once, so its year is no risk that a shorter one would lessen.
 */
export const LIFETIMES: Lifetimes = {
  caMs: 365 * DAY_MS,
  servingMs: 30 * DAY_MS,
  backdateMs: HOUR_MS,
  propagationMs: 60 * SECOND_MS,
  overlapMs: DAY_MS,
};
