/** Runs, what was found in them, and what shows it. */
import type { Migration } from './migration.ts';

export const history: Migration = {
  version: 1,
  name: 'history',
  compatibleFrom: 1,
  statements: [
    // Which database this is, who may write, and which code may: one row, locked (shared) by every write.
    `CREATE TABLE kilo_mcp.store_state (
       singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
       chain uuid NOT NULL DEFAULT gen_random_uuid(),
       lease text NOT NULL DEFAULT '',
       epoch bigint NOT NULL,
       version integer NOT NULL,
       compatible_from integer NOT NULL
     )`,
    'INSERT INTO kilo_mcp.store_state (epoch, version, compatible_from) VALUES (0, 0, 0)',
    // Leases that another one replaced: their leaders never write again.
    'CREATE TABLE kilo_mcp.retired_leases (uid text PRIMARY KEY)',
    `CREATE TABLE kilo_mcp.runs (
       id uuid PRIMARY KEY,
       owner_kind text, owner_namespace text, owner_name text, owner_uid text,
       profile_name text NOT NULL, profile_hash text NOT NULL,
       trigger text NOT NULL,
       tool_name text NOT NULL, tool_version text NOT NULL,
       started_at timestamptz NOT NULL,
       finished_at timestamptz,
       score smallint, coverage smallint, result text,
       deleted_at timestamptz
     )`,
    // Runs of one owner never overlap.
    'CREATE UNIQUE INDEX runs_open ON kilo_mcp.runs (owner_uid) WHERE finished_at IS NULL AND deleted_at IS NULL',
    `CREATE INDEX runs_last ON kilo_mcp.runs (owner_uid, finished_at DESC)
       WHERE finished_at IS NOT NULL AND deleted_at IS NULL`,
    'CREATE INDEX runs_started ON kilo_mcp.runs (started_at DESC, id DESC) WHERE deleted_at IS NULL',
    'CREATE INDEX runs_retention ON kilo_mcp.runs (owner_uid, started_at)',
    `CREATE TABLE kilo_mcp.run_servers (
       run_id uuid NOT NULL REFERENCES kilo_mcp.runs ON DELETE CASCADE,
       server_uid text NOT NULL,
       owner_uid text,
       namespace text NOT NULL, name text NOT NULL,
       position integer NOT NULL,
       done_at timestamptz,
       score smallint, coverage smallint,
       PRIMARY KEY (run_id, server_uid)
     )`,
    `CREATE INDEX run_servers_last ON kilo_mcp.run_servers (owner_uid, server_uid, done_at DESC)
       WHERE done_at IS NOT NULL`,
    // What a check says of itself is the same in thousands of findings.
    `CREATE TABLE kilo_mcp.check_texts (
       id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
       body text NOT NULL CHECK (octet_length(body) <= 65536)
     )`,
    `CREATE TABLE kilo_mcp.evidence (
       digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
       media_type text NOT NULL,
       content text NOT NULL CHECK (octet_length(content) <= 65536)
     )`,
    // jsonb refuses U+0000 and rewrites numbers: what is read back as it was written is text.
    `CREATE TABLE kilo_mcp.findings (
       run_id uuid NOT NULL,
       server_uid text NOT NULL,
       check_id text NOT NULL,
       era text NOT NULL,
       check_text integer NOT NULL REFERENCES kilo_mcp.check_texts,
       outcome text NOT NULL, state text NOT NULL,
       message text NOT NULL,
       body text NOT NULL CHECK (octet_length(body) <= 65536),
       result_id text NOT NULL,
       first_seen_at timestamptz NOT NULL, evaluated_at timestamptz NOT NULL,
       evidence bytea REFERENCES kilo_mcp.evidence,
       PRIMARY KEY (run_id, server_uid, check_id, era),
       FOREIGN KEY (run_id, server_uid) REFERENCES kilo_mcp.run_servers ON DELETE CASCADE
     )`,
    'CREATE INDEX findings_evidence ON kilo_mcp.findings (evidence) WHERE evidence IS NOT NULL',
  ],
};
