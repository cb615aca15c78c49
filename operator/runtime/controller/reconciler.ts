/**
 * The contract between a controller and the runtime. Reconciliation is level-based: a reconciler gets a key, never an event,
 * reads what is, decides what should be, and writes the difference. It may be called at any time, any number of times.
 */
import type { Logger } from '../../../core/logger.ts';
import type { ObjectKey } from '../object/object.ts';

/** What happens to the key next. A throw means: retry with backoff (TerminalError: do not). */
export type ReconcileResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'requeue'; readonly afterMs: number }
  | { readonly kind: 'terminal'; readonly reason: string };

/** What the runtime gives each reconcile. */
export interface ReconcileContext {
  /** Aborts on shutdown, on loss of leadership and when the reconcile's deadline passes. */
  readonly signal: AbortSignal;
  /** Carries controller, key and reconcileID. */
  readonly logger: Logger;
  readonly reconcileID: string;
}

/** Brings one object to its desired state. Never called twice at once for the same key. */
export interface Reconciler {
  reconcile(key: ObjectKey, context: ReconcileContext): Promise<ReconcileResult>;
}
