/**
 * How a check of the catalogue is written: what is known of it, and a judgement that yields what is wrong.
 */
import type { Finding } from './finding.ts';
import type { CheckRule } from './rule.ts';
import { shownValue } from './shown-value.ts';
import type { Subject } from './subject.ts';

/** What a check says of one field; the rest of a {@link Finding} is the check's own. */
export type Breach = Pick<Finding, 'path' | 'value' | 'message' | 'fix'>;

/** @returns the check, whose findings carry its name and severity, and values that can be shown. */
export function defineCheck(
  about: Omit<CheckRule, 'evaluate'>,
  judge: (subject: Subject) => readonly Breach[],
): CheckRule {
  return {
    ...about,
    evaluate: (subject) =>
      judge(subject).map(({ path, value, message, fix }) => ({
        rule: about.id,
        severity: about.severity,
        path,
        value: shownValue(value),
        message,
        fix,
      })),
  };
}
