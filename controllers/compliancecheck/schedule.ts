/**
 * When a check runs. Times are read in the time zone of the schedule: an hour that is skipped in spring runs at once after the gap, and one that
 * comes twice in autumn runs at the first, or each time when the schedule runs every hour. A time that was missed, by however much, runs once.
 */
import { sha256 } from '../../core/sha256.ts';

/** Checks with the same schedule are spread over this long, each always by the same. */
export const JITTER_MS = 60_000;

/** A schedule that can be understood. */
export interface Schedule {
  /** @returns the first time after `ms` (wall time in milliseconds), or nothing when there is none. */
  nextMs(ms: number): number | undefined;
}

export type ParsedSchedule =
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  /** `message` names the field and the fix. */
  | { readonly kind: 'invalid'; readonly message: string };

/** Parses schedules; {@link loadScheduleParser} makes one. */
export type ScheduleParser = (pattern: string, timeZone: string) => ParsedSchedule;

/** Loads what understands cron, which a process without checks has no use for. */
export async function loadScheduleParser(): Promise<ScheduleParser> {
  const { Cron } = await import('croner');
  return (pattern, timeZone) => {
    if (!isTimeZone(timeZone))
      return invalid(
        `spec.timeZone: there is no time zone ${timeZone}: use an IANA name such as Europe/Berlin`,
      );
    try {
      const cron = new Cron(pattern, { timezone: timeZone, mode: '5-part', paused: true });
      const schedule = { nextMs: (ms: number) => cron.nextRun(new Date(ms))?.getTime() };
      return { kind: 'schedule', schedule };
    } catch {
      // The parser's own words name characters and positions of its notation.
      return invalid(
        `spec.schedule: ${pattern} cannot be understood: write minute, hour, day of month, month and day of week, such as 0 */6 * * *`,
      );
    }
  };
}

function invalid(message: string): ParsedSchedule {
  return { kind: 'invalid', message };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** @returns by how many milliseconds the check of that uid comes after its schedule: the same each time, so that runs keep their distance. */
export function jitterMs(uid: string): number {
  return sha256(uid).readUInt32BE() % JITTER_MS;
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Whether the annotation's value is a time, as it must be to ask for a run. */
export function isTime(text: string): boolean {
  return RFC_3339.test(text) && !Number.isNaN(Date.parse(text));
}
