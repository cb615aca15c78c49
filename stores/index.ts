/**
 * Where compliance history is kept: PostgreSQL, yours or an embedded one. Loads no driver before a store is used.
 */
export { Store, type Period } from './store.ts';
export { StoreSettingsSchema, checkStoreSettings, type StoreSettings } from './settings.ts';
export { StoreRefusedError } from './errors.ts';
export {
  Checkpointer,
  NotContinuedError,
  type Checkpoint,
  type CheckpointSink,
  type CheckpointSource,
  type Continuity,
} from './ledger/checkpoint.ts';
export type { LedgerHead, Verification } from './ledger/verify.ts';
export { OutboxWorker, type Deliver } from './outbox/worker.ts';
export type { LeasedMessage, OutboxDepth, OutboxMessage } from './outbox/outbox.ts';
