/**
 * Where compliance history is kept: PostgreSQL, yours or an embedded one. Loads no driver before a store is used.
 */
export { Store } from './store.ts';
export type { Period } from './options.ts';
export { checkStoreSettings, type StoreSettings } from './settings.ts';
export { StoreRefusedError } from './errors.ts';
export {
  Checkpointer,
  compareLedger,
  type Checkpoint,
  type CheckpointSink,
  type CheckpointSource,
  type Continuity,
  type LedgerStanding,
} from './ledger/checkpoint.ts';
export type { LedgerHead, Verification } from './ledger/verify.ts';
export type { LeasedMessage, Outbox, OutboxDepth, OutboxMessage } from './outbox/outbox.ts';
export { OutboxWorker, type Deliver } from './outbox/worker.ts';
