/** All ApprovalPolicies that match a request, combined into one when it is opened: what is edited later changes nothing of it. */

/** The strictest of everything that the matching policies say. */
export interface PolicySnapshot {
  /** By name. Whoever decides must hold the verb on each of them. */
  readonly policies: readonly { readonly name: string; readonly uid: string; readonly generation: number }[];
  /** `sha256:` over the canonical JSON of the rest of the snapshot. */
  readonly hash: string;
  /** Whether every one of them lets this action run without a human. */
  readonly auto: boolean;
  readonly quorum: { readonly approvals: number; readonly denials: number };
  /** Of the approvers that make the quorum, so many must be in the group. */
  readonly required: readonly { readonly group: string; readonly count: number }[];
  /** Whether requester and initiators may not decide. */
  readonly separationOfDuties: boolean;
  /** Usernames of ServiceAccounts whose decisions count; never alone. */
  readonly allowServiceAccounts: readonly string[];
  readonly requireReason: { readonly approve: boolean; readonly deny: boolean; readonly override: boolean };
  /** Seconds. */
  readonly ttl: { readonly approval: number; readonly execution: number };
  /** Executions wait while one is on. */
  readonly freeze: readonly {
    /** Five fields of cron: when it begins. */
    readonly schedule: string;
    readonly timeZone: string;
    /** Seconds. */
    readonly duration: number;
  }[];
}
