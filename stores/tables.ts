/** The tables as kysely sees them, in the schema `kilo_mcp`. What they are for stands in `migrations/`. */
import type { ColumnType, Generated } from 'kysely';

/** Written as ISO 8601, read as a Date; whole milliseconds. */
type Time = ColumnType<Date, string, string>;
type OptionalTime = ColumnType<Date | null, string | null | undefined, string | null>;

interface StoreState {
  readonly singleton: Generated<boolean>;
  readonly chain: Generated<string>;
  readonly lease: Generated<string>;
  readonly epoch: number;
  readonly version: number;
  readonly compatible_from: number;
}

interface SchemaVersion {
  readonly version: number;
  readonly name: string;
  readonly compatible_from: number;
  readonly applied_at: Generated<Date>;
}

export interface RunTable {
  readonly id: string;
  readonly owner_kind: string | null;
  readonly owner_namespace: string | null;
  readonly owner_name: string | null;
  readonly owner_uid: string | null;
  readonly profile_name: string;
  readonly profile_hash: string;
  readonly trigger: string;
  readonly tool_name: string;
  readonly tool_version: string;
  readonly started_at: Time;
  readonly finished_at: OptionalTime;
  readonly score: number | null;
  readonly coverage: number | null;
  readonly result: string | null;
  readonly deleted_at: OptionalTime;
}

export interface RunServerTable {
  readonly run_id: string;
  readonly server_uid: string;
  readonly owner_uid: string | null;
  readonly namespace: string;
  readonly name: string;
  readonly position: number;
  readonly done_at: OptionalTime;
  readonly score: number | null;
  readonly coverage: number | null;
}

interface CheckTextTable {
  readonly id: Generated<number>;
  readonly digest: Uint8Array;
  readonly body: string;
}

export interface FindingTable {
  readonly run_id: string;
  readonly server_uid: string;
  readonly check_id: string;
  readonly era: string;
  readonly check_text: number;
  readonly outcome: string;
  readonly state: string;
  readonly message: string;
  readonly body: string;
  readonly result_id: string;
  readonly first_seen_at: Time;
  readonly evaluated_at: Time;
  readonly evidence: Uint8Array | null;
}

interface EvidenceTable {
  readonly digest: Uint8Array;
  readonly media_type: string;
  readonly content: string;
}

interface ChangeTable {
  readonly key: string;
  readonly kind: string;
  readonly at: Time;
  readonly object: string;
  readonly summary: string;
  readonly changed_by: string | null;
  /** Ids of texts, as JSON. */
  readonly persons: string;
  readonly state: string | null;
  /** In the order of writing. */
  readonly number: Generated<number>;
}

interface LedgerTable {
  readonly seq: number;
  readonly at: Time;
  readonly kind: string;
  readonly entry: Uint8Array;
  readonly hash: Uint8Array;
}

interface LedgerHeadTable {
  readonly singleton: Generated<boolean>;
  readonly seq: number;
  readonly hash: Uint8Array;
}

interface LedgerTextTable {
  readonly id: string;
  readonly salt: Uint8Array;
  readonly text: string;
}

export interface ApprovalRequestTable {
  readonly request_uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly created_at: Time;
  readonly target_uid: string;
  readonly action_kind: string;
  readonly check_id: string;
  readonly digest: string;
  readonly phase: string;
  readonly is_final: boolean;
  readonly version: number;
  readonly ledger_seq: number;
  readonly body: string;
}

interface AdmissionIntervalTable {
  readonly id: Generated<number>;
  readonly fingerprint: string;
  readonly began_at: Time;
  readonly ended_at: Time;
}

interface WriterFenceTable {
  readonly writer: string;
  readonly lease: string;
  readonly epoch: number;
}

interface OutboxTable {
  readonly id: Generated<number>;
  readonly topic: string;
  readonly key: string;
  readonly payload: string;
  readonly created_at: Generated<Date>;
  readonly due_at: Generated<Date>;
  readonly expires_at: Time;
  readonly attempts: Generated<number>;
  readonly lease: string | null;
  readonly leased_until: OptionalTime;
  readonly delivered_at: OptionalTime;
  readonly dead_at: OptionalTime;
  readonly trouble: string | null;
}

/** Every table by its name. */
export interface Tables {
  readonly store_state: StoreState;
  readonly retired_leases: { readonly uid: string };
  readonly schema_version: SchemaVersion;
  readonly runs: RunTable;
  readonly run_servers: RunServerTable;
  readonly check_texts: CheckTextTable;
  readonly findings: FindingTable;
  readonly evidence: EvidenceTable;
  readonly changes: ChangeTable;
  readonly ledger: LedgerTable;
  readonly ledger_head: LedgerHeadTable;
  readonly ledger_text: LedgerTextTable;
  readonly outbox: OutboxTable;
  readonly approval_requests: ApprovalRequestTable;
  readonly approval_entries: { readonly request_uid: string; readonly seq: number };
  readonly approval_refusals: { readonly namespace: string; readonly name: string; readonly seq: number };
  readonly admission_intervals: AdmissionIntervalTable;
  readonly writer_fences: WriterFenceTable;
}
