/** Messages that leave with the transaction that caused them, and are delivered afterwards. */
import type { Migration } from './migration.ts';

export const outbox: Migration = {
  version: 3,
  name: 'outbox',
  compatibleFrom: 2,
  statements: [
    `CREATE TABLE kilo_mcp.outbox (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       topic text NOT NULL,
       key text NOT NULL,
       payload text NOT NULL CHECK (octet_length(payload) <= 262144),
       created_at timestamptz NOT NULL DEFAULT now(),
       due_at timestamptz NOT NULL DEFAULT now(),
       expires_at timestamptz NOT NULL,
       attempts integer NOT NULL DEFAULT 0,
       lease uuid,
       leased_until timestamptz,
       delivered_at timestamptz,
       dead_at timestamptz,
       trouble text,
       UNIQUE (topic, key)
     )`,
    'CREATE INDEX outbox_due ON kilo_mcp.outbox (due_at, id) WHERE delivered_at IS NULL AND dead_at IS NULL',
    `CREATE INDEX outbox_over ON kilo_mcp.outbox (created_at)
       WHERE delivered_at IS NOT NULL OR dead_at IS NOT NULL`,
  ],
};
