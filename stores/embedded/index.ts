/**
 * PostgreSQL in WebAssembly, in a directory, within this process: the same SQL, one connection, for evaluation. Nothing keeps a second process
 * from the directory but a lock file, and nothing keeps the directory's owner from the ledger.
 */
import { existsSync } from 'node:fs';
import { open, readFile, rm, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite, types } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { StoreUnavailableError } from '../../checks/engine/history.ts';
import type { Connection } from '../connection.ts';
import { StoreRefusedError } from '../errors.ts';
import { migrate, requireSchema } from '../migrations/migrate.ts';
import type { StoreOptions } from '../options.ts';
import type { Tables } from '../tables.ts';

const LOCK_FILE = 'kilo-mcp.lock';
const DATA = 'data';

/** PostgreSQL's default is 128 MB, all of which becomes resident. */
const BUFFERS = ['-c', 'shared_buffers=16MB'];
const START = [...PGlite.defaultStartParams, ...BUFFERS];
/** PGlite makes a new database in memory and copies it, its log too: in segments of 1 MB instead of 16. */
const MAKE = ['--wal-segsize=1', ...BUFFERS];
/**
 * PostgreSQL's interpreter of expressions is one huge function: to compile it a second time, optimized, takes V8 more than 300 MB, and the
 * pod's memory limit would have to leave room for that moment. Affects all WebAssembly of the process that is compiled from then on.
 */
const COMPILE_ONCE = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/**
 * Opens the database in the directory; where migrations are wanted, makes it when there is none, and migrates it.
 * @throws StoreUnavailableError when another process has it open; StoreRefusedError when a reader finds none.
 */
export async function openEmbedded(
  directory: string,
  options: StoreOptions = { migrate: true },
): Promise<Connection> {
  if (options.migrate) await mkdir(directory, { recursive: true, mode: 0o700 });
  // PGlite would make a database wherever a reader points by mistake.
  else if (!existsSync(join(directory, DATA, 'PG_VERSION')))
    throw new StoreRefusedError(
      `there is no embedded database in ${directory}: name the directory of store.directory, which holds "${DATA}"`,
    );
  const lock = join(directory, LOCK_FILE);
  await takeLock(lock);
  try {
    return await openLocked(join(directory, DATA), options, () => rm(lock, { force: true }));
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }
}

/** In memory, for tests. */
export async function openInMemory(): Promise<Connection> {
  return openLocked('memory://', { migrate: true }, () => Promise.resolve());
}

async function openLocked(
  dataDir: string,
  options: StoreOptions,
  unlock: () => Promise<void>,
): Promise<Connection> {
  for (const flag of COMPILE_ONCE) setFlagsFromString(flag);
  const parsers = { [types.INT8]: Number };
  const pglite = await PGlite.create({ dataDir, parsers, startParams: START, initDbStartParams: MAKE });
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }).withSchema('kilo_mcp');
  const close = async (): Promise<void> => {
    await db.destroy();
    await unlock();
  };
  try {
    await (options.migrate ? migrate(db) : requireSchema(db));
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, pool: () => ({ size: 1, waiting: 0 }), close };
}

/** The file names the process: one that is gone, after a crash, does not count. */
async function takeLock(path: string): Promise<void> {
  const holder = await holderOf(path);
  if (holder !== undefined && holder !== process.pid && isRunning(holder))
    throw new StoreUnavailableError(
      `another process (${holder}) has the embedded database open: it serves one process at a time`,
    );
  await rm(path, { force: true });
  const file = await open(path, 'wx');
  await file.writeFile(String(process.pid));
  await file.close();
}

async function holderOf(path: string): Promise<number | undefined> {
  try {
    return Number(await readFile(path, 'utf8')) || undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
