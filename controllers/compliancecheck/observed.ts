/** Everything that is known when the next step of a check is decided. */
import type { WaiverApprovals } from './counting-waivers.ts';
import type { ReadProfile } from './profile.ts';
import type { AnyCheck } from './kinds.ts';
import type { CheckMemory } from './memory.ts';
import type { ParsedSchedule } from './schedule.ts';
import type { CoveredServer } from './server-evaluator.ts';

export interface Observed {
  readonly check: AnyCheck;
  readonly profile: ReadProfile | { readonly kind: 'missing' };
  /** Absent when the spec has none. */
  readonly schedule?: ParsedSchedule;
  /** Every server that the check covers, suspended ones too. */
  readonly servers: readonly CoveredServer[];
  /** In how many milliseconds the server counts as at rest. */
  readonly restInMs: (server: CoveredServer) => number;
  /** Executed approvals of a tenant's waivers; none when absent. */
  readonly approvals?: WaiverApprovals;
  /** Absent when there is no store. */
  readonly memory?: CheckMemory;
  /** Wall time in milliseconds. */
  readonly nowMs: number;
}
