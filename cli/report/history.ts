/** How commands reach history: the store is another room's, so whoever wires the process hands it in. */
import type { ApprovalReader } from '../../approval/index.ts';
import type { RunReader } from '../../checks/engine/history.ts';

/** History, to be closed after use. */
export interface HistoryReader extends RunReader, Pick<ApprovalReader, 'requestsChangedSince'> {
  close(): Promise<void>;
}

/** Where history is, as the command line says. */
export interface HistoryLocation {
  /** The operator's configuration file: its section `store` says it. */
  readonly configFile: string;
}

/** @throws ConfigError when the file cannot be used, or names no store. */
export type OpenHistory = (location: HistoryLocation) => Promise<HistoryReader>;
