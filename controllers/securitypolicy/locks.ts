/** What keeps a server that breaks an enforced policy out of the cluster, as the condition Enforced tells it. */

/** Whether each lock of the door is there, and shut. */
export interface Locks {
  /** The API server asks this operator: its webhook configuration is as it should be. */
  readonly webhook: boolean;
  /** The ValidatingAdmissionPolicies that refuse the worst without a webhook are there and bound. */
  readonly secondLock: boolean;
}

/** What the controller asks of whoever looks at the locks. */
export interface LocksPort {
  locks(): Locks;
  /** Whether {@link locks} knows the cluster yet. */
  hasSynced(): boolean;
  /** Calls `tell` whenever the answer may be another one. Returns the function that stops it. */
  onChange(tell: () => void): () => void;
}
