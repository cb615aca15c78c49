/** Why a request waits: the closed set that `status.waiting` and events speak in. */
export type { WaitingReason } from '../api/index.ts';
