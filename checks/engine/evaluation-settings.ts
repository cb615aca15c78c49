/** What one run decides for all of its servers, and one profile for all of its runs. */
import type { Clock } from '../../core/clock.ts';
import type { Severity } from '../finding.ts';
import type { Check } from './check.ts';
import type { FindingRecord } from './record.ts';

/** One check of a profile. */
export interface ProfileCheck {
  readonly id: string;
  /** Instead of the check's own. */
  readonly severity?: Severity;
  /** Over the check's own defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What one run decides for all of its servers. */
export interface EvaluationSettings {
  /** All that this version knows. */
  readonly checks: readonly Check[];
  /** What to run of them, in the order of the findings. */
  readonly profile: readonly ProfileCheck[];
  /** @returns the waiver that covers a failure of this check at this server. */
  readonly waived?: (checkId: string) => FindingRecord['waiver'];
  /** @returns framework to controls. Default: those that come with the program. */
  readonly controls?: (checkId: string) => FindingRecord['controls'];
  /** What was found of this server before. */
  readonly previous?: readonly FindingRecord[];
  readonly tool: { readonly name: string; readonly version: string };
  readonly clock?: Clock;
  /** Of one check in one era. Default 30 seconds. */
  readonly checkTimeoutMs?: number;
  /** Of all checks together; what is left then is Untestable. Default two minutes. */
  readonly serverTimeoutMs?: number;
  /** Called after each check. */
  readonly onCheck?: (checkId: string) => void;
}
