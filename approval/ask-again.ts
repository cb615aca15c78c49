/** Whether the same thing is asked once more, and when. Detecting the same problem again is no reason. */
import { isFinal } from './phase.ts';
import type { ApprovalRow } from './request.ts';

/** What was refused is not asked again for so long. */
export const QUIET_AFTER_DENIAL_MS = 7 * 86_400_000;
/** The wait after the first attempt; it doubles with each. */
export const FIRST_BACKOFF_MS = 3_600_000;
const MAX_BACKOFF_MS = QUIET_AFTER_DENIAL_MS;

/** `Open`: the request that is there is the answer. `Later`: not before `after`. */
export type AskAgain =
  | { readonly ask: 'Now'; readonly attempt: number }
  | { readonly ask: 'Open'; readonly name: string }
  | { readonly ask: 'Later'; readonly after: Date };

/** @param previousRows in any order; those with another digest do not matter. */
export function askAgain(previousRows: readonly ApprovalRow[], digest: string, now: Date): AskAgain {
  const same = previousRows.filter(({ derived }) => derived.digest === digest);
  const open = same.find(({ phase }) => !isFinal(phase));
  if (open !== undefined) return { ask: 'Open', name: open.name };
  const attempts = same.map(({ attempt }) => attempt);
  const last = same.find(({ attempt }) => attempt === Math.max(...attempts));
  if (last === undefined) return { ask: 'Now', attempt: 1 };
  const after = new Date(endedAt(last) + quietMs(last));
  return now < after ? { ask: 'Later', after } : { ask: 'Now', attempt: last.attempt + 1 };
}

/** Whoever cancelled did not want it either. What was superseded is asked at once: things changed, and changed back. */
function quietMs({ phase, attempt }: ApprovalRow): number {
  if (phase === 'Superseded') return 0;
  if (phase === 'Denied' || phase === 'Cancelled') return QUIET_AFTER_DENIAL_MS;
  return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
}

function endedAt({ phase, conditions, createdAt }: ApprovalRow): number {
  return Date.parse(conditions.find(({ type }) => type === phase)?.at ?? createdAt);
}
