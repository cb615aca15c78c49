/**
 * Which failures the transport answers itself by trying again, and when. The rule is client-go's: a 429 was refused before it
 * had any effect, so every verb may try again; a 5xx that carries Retry-After likewise. Without it, only reads are repeated,
 * because a write may have happened. A first 401 is repeated at once, with credentials that were read anew.
 */
import type { Random } from '../../../core/random.ts';

/** How an attempt ended, if not with success. */
export type FailedAttempt =
  | { readonly kind: 'answer'; readonly code: number; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'network' };

const MAX_ATTEMPTS = 10;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
const DEFAULT_429_DELAY_MS = 1_000;

/**
 * How long to wait before the next attempt.
 * @param attempt how many attempts were made, from 1.
 * @returns undefined when the failure is the caller's to handle.
 */
export function retryDelayMs(
  method: string,
  failed: FailedAttempt,
  attempt: number,
  random: Random,
): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  if (failed.kind === 'network') return isRead(method) ? backoffMs(attempt, random) : undefined;
  if (failed.code === 401) return attempt === 1 ? 0 : undefined;
  if (failed.code === 429) return withJitter(failed.retryAfterMs ?? DEFAULT_429_DELAY_MS, random);
  if (failed.code < 500) return undefined;
  if (failed.retryAfterMs !== undefined) return withJitter(failed.retryAfterMs, random);
  return isRead(method) ? backoffMs(attempt, random) : undefined;
}

/**
 * Reads a Retry-After header: seconds, as the API server sends it.
 * @returns undefined when absent or not a positive number (a date is not used by Kubernetes).
 */
export function parseRetryAfterMs(header: string | readonly string[] | undefined): number | undefined {
  const text = typeof header === 'string' ? header : header?.[0];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function isRead(method: string): boolean {
  return method === 'GET';
}

function backoffMs(attempt: number, random: Random): number {
  return withJitter(Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS), random);
}

/** Never earlier than asked, and up to a tenth later, so that many clients do not come back at once. */
function withJitter(delayMs: number, random: Random): number {
  return delayMs * (1 + 0.1 * random());
}
