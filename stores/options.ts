/** What a store is asked, beyond the ports that it implements. */
import type { ApprovalStore } from '../approval/store.ts';
import type { RunHistory, RunReader } from '../checks/engine/history.ts';

/** ISO 8601, half open: `[from, to)`. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** How a store is opened. */
export interface StoreOptions {
  /** Whether tables are made and changed; who only reads is refused where they do not fit. */
  readonly migrate: boolean;
}

/** What both the store and its open half do. */
export interface StoreParts extends RunHistory, RunReader, ApprovalStore {
  close(): Promise<void>;
}
