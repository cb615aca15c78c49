/** A PostgreSQL server of the user's: a pool of bounded size, migrated when it is opened. */
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Connection } from '../connection.ts';
import { migrate, requireSchema } from '../migrations/migrate.ts';
import { hasMigrationRole, type CredentialSettings, type StoreSettings } from '../settings.ts';
import type { StoreOptions } from '../store.ts';
import type { Tables } from '../tables.ts';
import { clientClass } from './client.ts';

/** Idle connections go after this. */
const IDLE_MS = 60_000;

/**
 * Opens the database and, if that is wanted, brings it to this code's version; with credentials of their own where the settings have them.
 * @throws StoreUnavailableError, or StoreRefusedError when somebody must act.
 */
export async function openPostgres(
  settings: StoreSettings,
  options: StoreOptions = { migrate: true },
): Promise<Connection> {
  const apart = hasMigrationRole(settings);
  if (apart && options.migrate) await migrateApart(settings);
  const connection = connect(settings, settings, settings.poolMax);
  try {
    await (options.migrate && !apart ? migrate(connection.db) : requireSchema(connection.db));
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function migrateApart(settings: StoreSettings): Promise<void> {
  const { applicationRole, user } = settings;
  const role = applicationRole === '' ? user : applicationRole;
  const { db, close } = connect(settings, settings.migration, 1);
  try {
    await migrate(db, role === '' ? {} : { applicationRole: role });
  } finally {
    await close();
  }
}

function connect(settings: StoreSettings, credentials: CredentialSettings, max: number): Connection {
  const pool = new Pool({
    Client: clientClass(settings, credentials),
    max,
    idleTimeoutMillis: IDLE_MS,
    // Also how long a request waits for a connection of the pool.
    connectionTimeoutMillis: settings.connectTimeoutSeconds * 1_000,
  });
  // An idle connection that broke: the pool has dropped it, and the next request opens another.
  pool.on('error', () => undefined);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('kilo_mcp');
  return {
    db,
    pool: () => ({ size: pool.totalCount, waiting: pool.waitingCount }),
    close: async () => {
      await db.destroy();
      // Kysely ends the pool only once it was used.
      if (!pool.ended) await pool.end();
    },
  };
}
