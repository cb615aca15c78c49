/** What a run is to do, decided before it begins. */
import type { Waiver } from '../../api/index.ts';
import type { RunTrigger, ServerReference } from '../../checks/engine/record.ts';
import type { OpenRun } from './memory.ts';
import type { RunProfile } from './profile.ts';
import type { Thresholds } from './summary.ts';

export interface RunPlan {
  readonly profile: RunProfile;
  readonly trigger: RunTrigger;
  /** Whether it is over all servers of the check. */
  readonly isFull: boolean;
  /** Generation of the check. */
  readonly generation: number;
  /** The request that this run answers. */
  readonly request?: string;
  readonly servers: readonly ServerReference[];
  readonly waivers: readonly Waiver[];
  readonly thresholds: Thresholds;
  /** Milliseconds that runs are kept. */
  readonly keepMs: number;
  /** The run to go on with, in place of a new one. */
  readonly resumed?: OpenRun;
}
