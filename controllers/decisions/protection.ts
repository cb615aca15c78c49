/**
 * Whether admission was whole when a decision was made. Pure. The API server stamps creations in whole seconds, so the whole second must lie in
 * a time that was observed from its beginning to its end; clocks of operator and API server are taken to agree.
 */
import type { AdmissionInterval } from '../../approval/index.ts';

const SECOND_MS = 1_000;

/** @returns from when on {@link protectionAt} can know about a decision of this time, in milliseconds of wall time. */
export function knownFromMs(at: string): number {
  return Date.parse(at) + SECOND_MS;
}

/**
 * @param intervals those that touch the time, oldest first; an earlier one does no harm.
 * @param at `metadata.creationTimestamp` of the decision.
 * @returns whether it was; undefined while nobody has looked since.
 */
export function protectionAt(intervals: readonly AdmissionInterval[], at: string): boolean | undefined {
  const startMs = Date.parse(at);
  const endMs = knownFromMs(at);
  const spans = joined(intervals);
  if (spans.some(({ fromMs, toMs }) => fromMs <= startMs && endMs <= toMs)) return true;
  return spans.some(({ toMs }) => endMs <= toMs) ? false : undefined;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One that begins when the one before ends is its continuation: the operator changed its own certificate in between. */
function joined(intervals: readonly AdmissionInterval[]): readonly Span[] {
  const spans: Span[] = [];
  for (const { from, to } of intervals) {
    const span = { fromMs: Date.parse(from), toMs: Date.parse(to) };
    const last = spans.at(-1);
    if (last !== undefined && last.toMs === span.fromMs)
      spans[spans.length - 1] = { ...last, toMs: span.toMs };
    else spans.push(span);
  }
  return spans;
}
