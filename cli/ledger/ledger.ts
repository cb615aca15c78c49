/** How `ledger` reaches a ledger: the store is another room's, so whoever wires the process hands it in. */
import type { ApprovalReader } from '../../approval/index.ts';

/** Where a ledger is, as the command line says: a configuration file, or flags, which win over it. */
export interface LedgerLocation {
  /** The operator's configuration file, of which the section `store` counts. */
  readonly configFile?: string;
  /** Settings of the store by their keys, such as `url`. */
  readonly store: Readonly<Record<string, string>>;
}

/** A place in the ledger that was kept outside of the database. */
export interface KeptCheckpoint {
  readonly chain: string;
  readonly seq: number;
  /** Hexadecimal. */
  readonly hash: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Where the ledger ends. */
interface Head {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

/** What walking the ledger gave; `problem` is half a sentence about the row or the checkpoint. */
export type LedgerVerdict =
  | { readonly kind: 'intact'; readonly head: Head; readonly rows: number; readonly checkpoints: number }
  | {
      readonly kind: 'badRow' | 'badCheckpoint';
      readonly head: Head;
      readonly seq: number;
      readonly problem: string;
    };

/** Which cluster, and where in it the operator keeps checkpoints. */
export interface ClusterLocation {
  /** Path; the usual places when absent. */
  readonly kubeconfig?: string;
  /** Of the operator. */
  readonly namespace: string;
  /** Of the process: `KUBECONFIG` and `HOME` are looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What came of an acknowledgement. */
export type Acknowledgement =
  /** There is nothing to acknowledge. */
  | { readonly kind: 'continued'; readonly head: Head }
  | {
      readonly kind: 'acknowledged';
      /** Who, as the API server knows the person. */
      readonly by: string;
      /** What the ledger was to its checkpoint. */
      readonly continuity: 'restored' | 'rewritten' | 'other';
      readonly checkpoint: KeptCheckpoint;
      /** Where the ledger ended before. */
      readonly head: Head;
      /** Where it ends with the row about this: the new checkpoint. */
      readonly recorded: KeptCheckpoint;
    };

/** A ledger, to be closed after use. */
export interface OpenedLedger {
  /** Requests for approval, and what the ledger says of them. */
  readonly requests: Pick<ApprovalReader, 'request' | 'requestNamed' | 'entriesOf' | 'refusalsOf'>;
  verify(checkpoints: readonly KeptCheckpoint[], signal: AbortSignal): Promise<LedgerVerdict>;
  /** Records that a person has looked, and lets checkpoints begin anew. The only method that writes. */
  acknowledge(cluster: ClusterLocation, reason: string, signal: AbortSignal): Promise<Acknowledgement>;
  close(): Promise<void>;
}

/** Never changes tables. @throws ConfigError when the location cannot be used. */
export type OpenLedger = (location: LedgerLocation) => Promise<OpenedLedger>;
