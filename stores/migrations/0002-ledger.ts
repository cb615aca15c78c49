/** The ledger: rows are added, never changed. Personal text is kept beside it, where it can be erased. */
import type { Migration } from './migration.ts';

export const ledger: Migration = {
  version: 2,
  name: 'ledger',
  compatibleFrom: 2,
  statements: [
    `CREATE TABLE kilo_mcp.ledger (
       seq bigint PRIMARY KEY,
       at timestamptz NOT NULL,
       kind text NOT NULL,
       entry bytea NOT NULL CHECK (octet_length(entry) <= 65536),
       hash bytea NOT NULL CHECK (octet_length(hash) = 32)
     )`,
    'CREATE INDEX ledger_at ON kilo_mcp.ledger (at, seq)',
    `CREATE TABLE kilo_mcp.ledger_head (
       singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
       seq bigint NOT NULL,
       hash bytea NOT NULL
     )`,
    String.raw`INSERT INTO kilo_mcp.ledger_head (seq, hash) VALUES (0, '\x')`,
    `CREATE TABLE kilo_mcp.ledger_text (
       id uuid PRIMARY KEY,
       salt bytea NOT NULL,
       text text NOT NULL
     )`,
    'CREATE INDEX ledger_text_text ON kilo_mcp.ledger_text (text)',
    `CREATE TABLE kilo_mcp.changes (
       key text PRIMARY KEY,
       kind text NOT NULL,
       at timestamptz NOT NULL,
       object text NOT NULL,
       summary text NOT NULL,
       changed_by uuid
     )`,
    'CREATE INDEX changes_at ON kilo_mcp.changes (at)',
  ],
};
