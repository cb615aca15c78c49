/** Why a request is in its phase, and why it waits: the closed sets that conditions, `status.waiting` and events speak in. */
export { APPROVAL_REASONS, WAITING_REASONS, type WaitingReason } from '../api/index.ts';
