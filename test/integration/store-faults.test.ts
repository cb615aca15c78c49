/** The store when its database fails, is slow, is full, changes its password, or has two writers: on a real server. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { phaseMessage } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { FencedError, StoreUnavailableError } from '../../checks/engine/history.ts';
import { systemClock } from '../../core/clock.ts';
import { createAuthority, issue } from '../../hack/cluster/pki.ts';
import { CODE_VERSION, MIGRATIONS } from '../../stores/migrations/index.ts';
import { migrate } from '../../stores/migrations/migrate.ts';
import { openPostgres } from '../../stores/postgres/index.ts';
import { Store, StoreRefusedError, type StoreSettings } from '../../stores/index.ts';
import { aResult, aRun, aServer } from '../../stores/testing/records.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { aChange, openStore } from '../harness/store.ts';
import { waitFor } from '../harness/wait.ts';

const fence = { epoch: 1 };
const signal = (): AbortSignal => new AbortController().signal;
let server: PostgresServer;
let directory: string;
beforeAll(async () => {
  server = await PostgresServer.start('18');
  directory = await mkdtemp(join(tmpdir(), 'store-faults-'));
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

async function started(overrides: Partial<StoreSettings> = {}) {
  const settings = await server.createDatabase(overrides);
  const running = await openStore(settings);
  onTestFinished(() => running.store.close());
  return { settings, ...running };
}

describe('two writers', () => {
  it('race on the ledger without a gap or a fork', async () => {
    const { settings, store } = await started();
    const { store: other } = await openStore(settings);
    const writes = Array.from({ length: 60 }, (_, index) =>
      (index % 2 === 0 ? store : other).recordChange(aChange(`change-${index}`), fence),
    );
    await Promise.all(writes);
    await other.close();
    expect(await (await store.ledger()).verify([], signal())).toMatchObject({ kind: 'intact', rows: 60 });
  });

  it('of one server: the first one is recorded, and once', async () => {
    const { settings, store } = await started();
    const { store: other } = await openStore(settings);
    const run = aRun({ id: randomUUID() });
    await store.beginRun(run, [aServer('a')], fence);
    await Promise.all(
      [store, other, store, other].map((each) => each.recordServer(run.id, aResult('a'), fence)),
    );
    await other.close();
    expect(await store.results(run.id)).toHaveLength(1);
    expect(await (await store.ledger()).head()).toMatchObject({ seq: 2 });
  });

  it('a new leader waits for a write under way, and the old one writes nothing after it', async () => {
    const { settings, store, open } = await started();
    await store.recordChange(aChange('first'), { epoch: 1 });
    const { db, close } = await openPostgres(settings);
    const held = await db.startTransaction().execute();
    await sql`SELECT 1 FROM kilo_mcp.store_state FOR SHARE`.execute(held);
    const successor = open.recordChange(aChange('second'), { epoch: 2 });
    await waitFor(async () => {
      const rows = await server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      return rows.length > 0;
    });
    await held.commit().execute();
    await successor;
    await close();
    await expect(store.recordChange(aChange('third'), { epoch: 1 })).rejects.toThrow(FencedError);
  });
});

describe('a database that fails', () => {
  it('in the middle of a write leaves nothing of it, and work goes on by itself', async () => {
    const { settings, store } = await started();
    const run = aRun({ id: randomUUID() });
    await store.beginRun(run, [aServer('a'), aServer('b')], fence);
    const { db, close } = await openPostgres(settings);
    const held = await db.startTransaction().execute();
    await sql`SELECT 1 FROM kilo_mcp.ledger_head FOR UPDATE`.execute(held);
    const writing = expect(store.recordServer(run.id, aResult('a'), fence)).rejects.toThrow(
      StoreUnavailableError,
    );
    await waitFor(async () => {
      const rows = await server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      return rows.length > 0;
    });
    await server.kill();
    await writing;
    await expect(held.rollback().execute()).rejects.toThrow();
    await close();
    await expect(store.lastRun('owner')).rejects.toThrow(StoreUnavailableError);
    await server.restart();
    expect(await store.openRun('owner')).toMatchObject({ run: { id: run.id }, done: [] });
    await store.recordServer(run.id, aResult('a'), fence);
    expect(await (await store.ledger()).verify([], signal())).toMatchObject({ kind: 'intact', rows: 2 });
  });

  it('at the start is opened once it is there', async () => {
    const settings = await server.createDatabase();
    const store = new Store(settings, systemClock);
    await server.kill();
    await expect(store.lastRun('owner')).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/);
    await server.restart();
    expect(await store.lastRun('owner')).toBeUndefined();
    await store.close();
  });

  it('that is slow, or locked, ends the statement', async () => {
    const { settings, open } = await started({ statementTimeoutSeconds: 2, lockTimeoutSeconds: 1 });
    const connection = await openPostgres(settings);
    const { db } = connection;
    await expect(sql`SELECT pg_sleep(30)`.execute(db)).rejects.toMatchObject({ code: '57014' });
    const held = await db.startTransaction().execute();
    await sql`SELECT 1 FROM kilo_mcp.ledger_head FOR UPDATE`.execute(held);
    await expect(open.recordChange(aChange('locked'), fence)).rejects.toThrow(/a lock was not free in time/);
    await held.rollback().execute();
    await connection.close();
  });

  it('with a pool that is used up says so', async () => {
    const { settings } = await started();
    const tight = new Store({ ...settings, poolMax: 1, connectTimeoutSeconds: 1 }, systemClock);
    const open = await tight.open();
    const { db, close } = await openPostgres(settings);
    const held = await db.startTransaction().execute();
    await sql`SELECT 1 FROM kilo_mcp.ledger_head FOR UPDATE`.execute(held);
    const first = open.recordChange(aChange('waits'), fence);
    await waitFor(
      async () =>
        (await server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length > 0,
    );
    await expect(open.lastRun('owner')).rejects.toThrow(/the pool had no free connection/);
    await held.commit().execute();
    await first;
    await close();
    await tight.close();
  });

  it('that became read-only is waited for', async () => {
    const { settings, store } = await started();
    await server.query(`ALTER DATABASE ${settings.database} SET default_transaction_read_only = on`);
    const { store: late } = await openStore(settings);
    await expect(late.recordChange(aChange('late'), fence)).rejects.toThrow(/read-only/);
    await late.close();
    await store.recordChange(aChange('earlier connection'), fence);
  });

  it('refuses a statement without a word of its row', async () => {
    const { open } = await started();
    const run = aRun({ id: randomUUID() });
    await open.beginRun(run, [aServer('hunter2'), aServer('hunter2')], fence).catch((error: unknown) => {
      expect(String(error)).toMatch(/SQLSTATE 23505, constraint run_servers_pkey/);
      expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('hunter2');
    });
    expect.assertions(2);
  });
});

/** Everything that approvals do to a store. */
async function approve(store: Store): Promise<void> {
  const { version: _version, ledgerSeq: _seq, ...row } = aRow();
  const event = { event: 'Opened', person: 'rita', reason: 'needed', details: {} };
  const message = phaseMessage(row, systemClock.now());
  const operator = { ...fence, writer: 'operator' } as const;
  const opened = await store.openRequest(row, event, [message], operator);
  const executor = { epoch: 1, lease: 'lease-of-the-executor', writer: 'executor' } as const;
  await store.advanceRequest({ ...opened, waiting: '' }, [event], [], executor);
  const { namespace, name, requestUid } = opened;
  await store.recordRefusal({
    namespace,
    name,
    requestUid,
    person: 'eve',
    verb: 'approve',
    reason: 'NotAuthorised',
  });
  const observation = { fingerprint: 'whole', isContinuous: true };
  for (const at of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:10Z'])
    await store.recordAdmission({ ...observation, at }, operator);
  expect(await store.entriesOf(requestUid)).toHaveLength(2);
  expect((await store.refusalsOf(namespace, name)).entries).toHaveLength(1);
  expect(await store.admissionIntervals('2026-01-01T00:00:00Z')).toHaveLength(1);
  expect(await (await store.outbox()).discard(1)).toBe(1);
}

describe('migrations', () => {
  it('by several processes at once are done once', async () => {
    const settings = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(settings)));
    await Promise.all(stores.map(({ store }) => store.close()));
    const rows = await server.query('SELECT version FROM kilo_mcp.schema_version', settings.database);
    expect(rows).toHaveLength(CODE_VERSION);
  });

  it('that fail half-way leave the version before', async () => {
    const settings = await server.createDatabase();
    const { db, close } = await openPostgres(settings);
    const broken = {
      version: CODE_VERSION + 1,
      name: 'broken',
      compatibleFrom: 1,
      statements: ['CREATE TABLE kilo_mcp.half (id integer)', 'SELECT 1 / 0'],
    };
    await expect(migrate(db, { migrations: [...MIGRATIONS, broken] })).rejects.toMatchObject({
      code: '22012',
    });
    await close();
    const [state] = await server.query<{ version: number; half: string | null }>(
      "SELECT version, to_regclass('kilo_mcp.half') AS half FROM kilo_mcp.store_state",
      settings.database,
    );
    expect(state).toEqual({ version: CODE_VERSION, half: null });
    const { store } = await openStore(settings);
    await store.close();
  });

  it('belong to a role of their own, and everyday work cannot change the ledger', async () => {
    await server.query('CREATE ROLE kilo_owner LOGIN');
    await server.query('CREATE ROLE kilo_app LOGIN');
    const settings = await server.createDatabase({
      user: 'kilo_app',
      migration: { user: 'kilo_owner', userFile: '', passwordFile: '' },
    });
    await server.query(`ALTER DATABASE ${settings.database} OWNER TO kilo_owner`);
    const { store } = await openStore(settings);
    const run = aRun({ id: randomUUID() });
    await store.beginRun(run, [aServer('a')], { epoch: 1, lease: 'one' });
    await store.recordServer(run.id, aResult('a'), { epoch: 1, lease: 'two' });
    await store.finishRun(
      run.id,
      { finishedAt: '2026-01-01T01:00:00Z', result: 'Compliant' },
      { epoch: 2, lease: 'two' },
    );
    await store.recordChange(aChange('change'), fence);
    await (
      await store.outbox()
    ).add({ topic: 't', key: 'k', payload: 1, expiresAt: '2100-01-01T00:00:00Z' }, fence);
    const outbox = await store.outbox();
    for (const message of await outbox.take(1, 1_000)) expect(await outbox.delivered(message)).toBe(true);
    expect(await outbox.prune('2100-01-01T00:00:00Z', 1)).toBe(1);
    expect(await outbox.expire(1)).toEqual([]);
    await approve(store);
    expect(await (await store.ledger()).erase('alice@example.com', fence)).toBe(1);
    expect(await store.deleteRuns('owner', '2100-01-01T00:00:00Z', fence)).toBe(1);
    expect(await (await store.ledger()).verify([], signal())).toMatchObject({ kind: 'intact' });
    await store.close();
    const { db, close } = await openPostgres(settings);
    for (const statement of [
      'UPDATE kilo_mcp.ledger SET seq = seq',
      'DELETE FROM kilo_mcp.ledger',
      'TRUNCATE kilo_mcp.ledger',
      'ALTER TABLE kilo_mcp.ledger DISABLE TRIGGER ALL',
      'DELETE FROM kilo_mcp.approval_requests',
      ...['approval_entries', 'approval_refusals', 'changes'].flatMap((table) => [
        `DELETE FROM kilo_mcp.${table}`,
        `TRUNCATE kilo_mcp.${table}`,
      ]),
      'UPDATE kilo_mcp.approval_entries SET seq = seq',
      'UPDATE kilo_mcp.approval_refusals SET seq = seq',
      "UPDATE kilo_mcp.changes SET summary = 'nothing'",
      'DELETE FROM kilo_mcp.admission_intervals',
    ])
      await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: '42501' });
    await close();
    const stranger = new Store(await server.createDatabase({ user: 'kilo_app' }), systemClock);
    await expect(stranger.open()).rejects.toThrow(StoreRefusedError);
    await stranger.close();
  });
});

describe('TLS and credentials', () => {
  it('are verified, read from files, and may rotate', async () => {
    const now = new Date();
    const authority = await createAuthority('database', now);
    const { certificate, key } = await issue(authority, { commonName: 'db', hosts: ['localhost'] }, now);
    const secure = await PostgresServer.start('15', { tls: { certificate, key } });
    onTestFinished(() => secure.stop());
    const [caFile, otherCA, passwordFile] = ['ca', 'other-ca', 'password'].map((name) =>
      join(directory, name),
    ) as [string, string, string];
    await writeFile(caFile, authority.certificate);
    await writeFile(otherCA, (await createAuthority('other', now)).certificate);
    await writeFile(passwordFile, 'first\n');
    await secure.query("ALTER ROLE postgres PASSWORD 'first'");
    const settings = await secure.createDatabase({
      host: 'localhost',
      passwordFile,
      tls: { mode: 'verify-full', caFile },
      poolMax: 1,
    });
    const { store } = await openStore(settings);
    const [seen] = await secure.query(
      "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'mcp-operator'",
    );
    expect(seen).toEqual({ ssl: true });

    await secure.query("ALTER ROLE postgres PASSWORD 'second'");
    await secure.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mcp-operator'",
    );
    await waitFor(async () => {
      const error: unknown = await store.lastRun('owner').catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(/did not accept the password/);
      expect(String(error)).not.toContain('first');
      return true;
    });
    await writeFile(passwordFile, 'second');
    expect(await store.lastRun('owner')).toBeUndefined();
    await store.close();

    const refusal = async (overrides: Partial<StoreSettings>): Promise<unknown> =>
      openStore({ ...settings, ...overrides }).catch((error: unknown) => error);
    const untrusted = { tls: { mode: 'verify-full', caFile: otherCA } } as const;
    expect(String(await refusal(untrusted))).toMatch(/certificate or TLS cannot be used/);
    expect(String(await refusal({ host: '127.0.0.1' }))).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(String(await refusal({ passwordFile: join(directory, 'none') }))).toMatch(
      /store.passwordFile: cannot read/,
    );
    const lax = await openStore({ ...settings, host: '127.0.0.1', tls: { mode: 'verify-ca', caFile } });
    await lax.store.close();
    const plain = await started();
    const insisting = openStore({ ...plain.settings, tls: { mode: 'verify-full', caFile } });
    await expect(insisting).rejects.toThrow(/does not speak TLS/);
  });
});
