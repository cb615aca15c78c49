/** The values of `check`'s flags. */
import { InvalidArgumentError } from 'commander';
import { SEVERITIES } from '../../checks/finding.ts';

/** The values of `--output`. */
export const CHECK_FORMATS = ['table', 'json', 'sarif'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

/** The values of `--fail-on`. */
export const FAIL_ON_SEVERITIES = [...SEVERITIES, 'never'] as const;

/**
 * @returns a whole number from 0 to 100.
 * @throws InvalidArgumentError
 */
export function parsePercent(text: string): number {
  const percent = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (percent <= 100) return percent;
  throw new InvalidArgumentError('Write a whole number from 0 to 100.');
}
