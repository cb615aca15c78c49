/** Requests for approval, in which times admission was whole, and the fence of the process that executes. */
import type { Migration } from './migration.ts';

export const approval: Migration = {
  version: 4,
  name: 'approval',
  compatibleFrom: 2,
  statements: [
    // The row is the authority over a request. What is searched has a column; the rest is in the body.
    `CREATE TABLE kilo_mcp.approval_requests (
       request_uid text PRIMARY KEY,
       namespace text NOT NULL,
       name text NOT NULL,
       created_at timestamptz NOT NULL,
       target_uid text NOT NULL,
       action_kind text NOT NULL,
       check_id text NOT NULL,
       digest text NOT NULL,
       phase text NOT NULL,
       is_final boolean NOT NULL,
       version bigint NOT NULL,
       ledger_seq bigint NOT NULL,
       body text NOT NULL CHECK (octet_length(body) <= 262144)
     )`,
    'CREATE INDEX approval_requests_name ON kilo_mcp.approval_requests (namespace, name, created_at DESC)',
    'CREATE INDEX approval_requests_open ON kilo_mcp.approval_requests (created_at, request_uid) WHERE NOT is_final',
    'CREATE INDEX approval_requests_changed ON kilo_mcp.approval_requests (ledger_seq)',
    `CREATE INDEX approval_requests_target ON kilo_mcp.approval_requests
       (target_uid, action_kind, check_id, created_at DESC)`,
    // Which entries of the ledger are about a request: the entries themselves are bytes.
    `CREATE TABLE kilo_mcp.approval_entries (
       request_uid text NOT NULL,
       seq bigint NOT NULL,
       PRIMARY KEY (request_uid, seq)
     )`,
    // Refused tries are found by what they were about: those who made them may have named any uid. Apart from the entries, which a flood of
    // refused tries does not make slower to read.
    `CREATE TABLE kilo_mcp.approval_refusals (
       namespace text NOT NULL,
       name text NOT NULL,
       seq bigint NOT NULL,
       PRIMARY KEY (namespace, name, seq)
     )`,
    // Texts, as JSON: whom a change is about.
    `ALTER TABLE kilo_mcp.changes ADD COLUMN persons text NOT NULL DEFAULT '[]'`,
    `CREATE TABLE kilo_mcp.admission_intervals (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       fingerprint text NOT NULL,
       began_at timestamptz NOT NULL,
       ended_at timestamptz NOT NULL
     )`,
    'CREATE INDEX admission_intervals_end ON kilo_mcp.admission_intervals (ended_at)',
    // The executor has a Lease of its own: it and the operator do not depose each other.
    `CREATE TABLE kilo_mcp.writer_fences (
       writer text PRIMARY KEY,
       lease text NOT NULL DEFAULT '',
       epoch bigint NOT NULL DEFAULT 0
     )`,
    `INSERT INTO kilo_mcp.writer_fences (writer) VALUES ('executor')`,
  ],
};
