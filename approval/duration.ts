/** Durations as policies write them: whole numbers with units, the largest first, such as `24h`, `1h30m`, `7d`. */
import { TerminalError } from '../core/errors.ts';

const DURATION = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;
const SECONDS_OF_UNITS = [86_400, 3600, 60, 1] as const;

/**
 * @param path of the field, for the error.
 * @returns seconds, more than 0.
 * @throws TerminalError that names the field and the fix.
 */
export function durationSeconds(text: string, path: string): number {
  const units = DURATION.exec(text)?.slice(1) ?? [];
  const seconds = SECONDS_OF_UNITS.reduce((sum, unit, index) => sum + unit * Number(units[index] ?? 0), 0);
  if (seconds > 0) return seconds;
  throw new TerminalError(
    `${path}: ${text} is no duration above zero: write days, hours, minutes, seconds, such as 24h or 1h30m`,
  );
}
