/**
 * Brings a database to this code's version, once, whoever else tries at the same time. Each migration is a transaction that holds an advisory
 * lock, looks at the version, does its part and writes the version down: what fails half-way leaves the version before.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import { StoreRefusedError } from '../errors.ts';
import { newerSchema } from '../fence.ts';
import type { Tables } from '../tables.ts';
import { grantsFor } from './grants.ts';
import { CODE_VERSION, MIGRATIONS, type Migration } from './index.ts';

/** "kilo-mcp" in ASCII, as one number: which of a database's advisory locks is ours. */
const LOCK_KEY = '7739836659372221296';
/** For another process's migration to end. */
const LOCK_TIMEOUT = '5min';
/** For writers of an older replica to end their transactions. */
const TABLE_LOCK_TIMEOUT = '30s';

/** What a database says of itself. */
interface SchemaState {
  readonly version: number;
  readonly compatibleFrom: number;
}

/** How to migrate. */
export interface MigrateOptions {
  /** Who is granted everyday work afterwards; undefined when the migrating role does that as well. */
  readonly applicationRole?: string;
  /** A test's own; otherwise every migration. */
  readonly migrations?: readonly Migration[];
}

/**
 * Migrates where it is needed, and grants where a role is named.
 * @throws StoreRefusedError when a newer program has changed the database so that this one cannot use it.
 */
export async function migrate(db: Kysely<Tables>, options: MigrateOptions = {}): Promise<void> {
  const { applicationRole, migrations = MIGRATIONS } = options;
  const state = await schemaState(db);
  refuseNewer(state);
  for (const migration of migrations) if (migration.version > state.version) await apply(db, migration);
  if (applicationRole !== undefined) await grant(db, applicationRole);
}

/** @throws StoreRefusedError unless the database fits this code. */
export async function requireSchema(db: Kysely<Tables>): Promise<void> {
  const state = await schemaState(db);
  refuseNewer(state);
  if (state.version < CODE_VERSION)
    throw new StoreRefusedError(
      `the database is at schema ${state.version} and this program needs ${CODE_VERSION}: let it migrate (docs/store.md)`,
    );
}

function refuseNewer({ version, compatibleFrom }: SchemaState): void {
  if (version > CODE_VERSION && compatibleFrom > CODE_VERSION) throw newerSchema(compatibleFrom);
}

async function schemaState(db: Kysely<Tables>): Promise<SchemaState> {
  const { rows } = await sql<{
    readonly there: boolean;
  }>`SELECT to_regclass('kilo_mcp.store_state') IS NOT NULL AS there`.execute(db);
  if (rows[0]?.there !== true) return { version: 0, compatibleFrom: 0 };
  const state = await db
    .selectFrom('store_state')
    .select(['version', 'compatible_from'])
    .executeTakeFirstOrThrow();
  return { version: state.version, compatibleFrom: state.compatible_from };
}

async function apply(db: Kysely<Tables>, migration: Migration): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lock(tx);
    const { version } = await schemaState(tx);
    if (version >= migration.version) return;
    if (version === 0) await prepare(tx);
    for (const statement of migration.statements) await sql.raw(statement).execute(tx);
    const { version: applied, name, compatibleFrom: compatible_from } = migration;
    await tx.insertInto('schema_version').values({ version: applied, name, compatible_from }).execute();
    await tx.updateTable('store_state').set({ version: applied, compatible_from }).execute();
  });
}

async function prepare(tx: Transaction<Tables>): Promise<void> {
  const statements = [
    'CREATE SCHEMA IF NOT EXISTS kilo_mcp',
    `CREATE TABLE kilo_mcp.schema_version (
       version integer PRIMARY KEY,
       name text NOT NULL,
       compatible_from integer NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(tx);
}

async function lock(tx: Transaction<Tables>): Promise<void> {
  const statements = [
    `SET LOCAL statement_timeout = 0`,
    `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`,
    `SELECT pg_advisory_xact_lock(${LOCK_KEY})`,
    `SET LOCAL lock_timeout = '${TABLE_LOCK_TIMEOUT}'`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(tx);
}

async function grant(db: Kysely<Tables>, role: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lock(tx);
    for (const statement of grantsFor(role)) await sql.raw(statement).execute(tx);
  });
}
