/**
 * What the role for everyday work may do, when another role owns the tables: add to the ledger, never change it. The list is held against the
 * code by a test that does everything with that role.
 */

/** Privileges by table. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  // FOR SHARE and FOR UPDATE need UPDATE.
  store_state: 'SELECT, UPDATE',
  retired_leases: 'SELECT, INSERT',
  schema_version: 'SELECT',
  runs: 'SELECT, INSERT, UPDATE, DELETE',
  run_servers: 'SELECT, INSERT, UPDATE, DELETE',
  check_texts: 'SELECT, INSERT',
  evidence: 'SELECT, INSERT, UPDATE, DELETE',
  findings: 'SELECT, INSERT, DELETE',
  changes: 'SELECT, INSERT',
  ledger: 'SELECT, INSERT',
  ledger_head: 'SELECT, UPDATE',
  ledger_text: 'SELECT, INSERT, DELETE',
  outbox: 'SELECT, INSERT, UPDATE, DELETE',
  approval_requests: 'SELECT, INSERT, UPDATE',
  approval_entries: 'SELECT, INSERT',
  approval_refusals: 'SELECT, INSERT',
  admission_intervals: 'SELECT, INSERT, UPDATE',
  writer_fences: 'SELECT, UPDATE',
};

/** @returns statements for the owner of the tables; they may be repeated. */
export function grantsFor(role: string): readonly string[] {
  const name = quoted(role);
  return [
    `GRANT USAGE ON SCHEMA kilo_mcp TO ${name}`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA kilo_mcp FROM ${name}`,
    ...Object.entries(PRIVILEGES).map(
      ([table, privileges]) => `GRANT ${privileges} ON kilo_mcp.${table} TO ${name}`,
    ),
  ];
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
