/** The value of `--period`. */
import { InvalidArgumentError } from 'commander';

/** ISO 8601, half open: `[from, to)`. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** A period that is not yet fixed: a number of days ends when the command runs. */
export type PeriodFlag = { readonly days: number } | Period;

const DAY_MS = 86_400_000;
const MAX_DAYS = 3_660;
const HELP =
  'Write a number of days such as 30d, or two dates such as 2026-10-01..2026-10-31 (the last day is included).';

/**
 * Reads `30d`, or `FROM..TO` of dates or RFC 3339 times. A date at the end includes that day; a time does not include itself.
 * @throws InvalidArgumentError
 */
export function parsePeriod(text: string): PeriodFlag {
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  if (days !== undefined && Number(days) > 0 && Number(days) <= MAX_DAYS) return { days: Number(days) };
  const [from, to, ...more] = text.split('..').map((part) => part.trim());
  if (from === undefined || to === undefined || more.length > 0) throw new InvalidArgumentError(HELP);
  const period = { from: startOf(from), to: endOf(to) };
  if (period.from >= period.to) throw new InvalidArgumentError('The period ends before it begins.');
  return { from: new Date(period.from).toISOString(), to: new Date(period.to).toISOString() };
}

/** @param now of the end of a number of days. */
export function fixPeriod(flag: PeriodFlag, now: Date): Period {
  if (!('days' in flag)) return flag;
  return { from: new Date(now.valueOf() - flag.days * DAY_MS).toISOString(), to: now.toISOString() };
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function startOf(text: string): number {
  const time = DATE.test(text) || TIME.test(text) ? Date.parse(text) : Number.NaN;
  // 2026-02-30 would be read as some day of March.
  const isDay = !Number.isNaN(time) && (!DATE.test(text) || new Date(time).toISOString().startsWith(text));
  if (!isDay) throw new InvalidArgumentError(HELP);
  return time;
}

function endOf(text: string): number {
  return startOf(text) + (DATE.test(text) ? DAY_MS : 0);
}
