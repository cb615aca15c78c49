/** Freezes: times in which nothing is executed, though everything can be decided. */
import { Cron } from 'croner';
import type { PolicySnapshot } from './policy-snapshot.ts';

/** One window of a policy. */
export type Freeze = PolicySnapshot['freeze'][number];

/** Nobody waits longer than this for windows that touch each other for ever. */
const HORIZON_MS = 366 * 86_400_000;
/** More windows that touch each other are taken for endless: nobody writes so many, and each one costs a look at every schedule. */
const MAX_WINDOWS = 500;

/**
 * @returns the end of the freeze that is on at `now`, over all windows that overlap or touch; undefined when none is on. A window that cannot be
 * understood is always on (admission refuses it, see {@link freezeProblem}); what never ends ends at a horizon of 366 days.
 */
export function freezeEnd(freeze: readonly Freeze[], now: Date): Date | undefined {
  const startMs = now.getTime();
  const horizonMs = startMs + HORIZON_MS;
  const windows = freeze.map(endOfWindow);
  let endMs = startMs;
  for (let count = 0; count < MAX_WINDOWS; count += 1) {
    const next = endAfter(windows, endMs);
    if (next === undefined) return endMs === startMs ? undefined : new Date(endMs);
    if (next >= horizonMs) break;
    endMs = next;
  }
  return new Date(horizonMs);
}

/** @returns what is wrong with the window, with the fix; undefined when it can be understood. */
export function freezeProblem({
  schedule,
  timeZone,
}: Pick<Freeze, 'schedule' | 'timeZone'>): string | undefined {
  const problem = cronOf(schedule, timeZone);
  return typeof problem === 'string' ? problem : undefined;
}

/** When the window that is on at a time ends, in milliseconds. */
type EndOfWindow = (ms: number) => number | undefined;

function endAfter(windows: readonly EndOfWindow[], ms: number): number | undefined {
  const ends = windows.map((end) => end(ms)).filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function endOfWindow({ schedule, timeZone, duration }: Freeze): EndOfWindow {
  const cron = cronOf(schedule, timeZone);
  if (typeof cron === 'string') return () => Number.POSITIVE_INFINITY;
  const durationMs = duration * 1000;
  return (ms) => {
    // The first beginning after ms - duration: a window that began earlier is over.
    const beginMs = cron.nextRun(new Date(ms - durationMs))?.getTime();
    return beginMs !== undefined && beginMs <= ms ? beginMs + durationMs : undefined;
  };
}

function cronOf(schedule: string, timeZone: string): Cron | string {
  try {
    Intl.DateTimeFormat('en', { timeZone }).resolvedOptions();
  } catch {
    return `there is no time zone ${timeZone}: use an IANA name such as Europe/Berlin`;
  }
  try {
    return new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true });
  } catch {
    // The parser's own words name characters and positions of its notation.
    return `${schedule} cannot be understood: write minute, hour, day of month, month and day of week, such as 0 18 * * 5`;
  }
}
