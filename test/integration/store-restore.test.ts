/** A database that comes back from an older copy: noticed, kept from going on unseen, acknowledged by a person, and whole again. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runProgram } from '../../cli/index.ts';
import { systemClock } from '../../core/clock.ts';
import { CheckpointConfigMap, ledgerOf } from '../../operator/ledger-checkpoints.ts';
import { openLedger } from '../../operator/open-history.ts';
import { connect, loadClusterAccess, type ApiServer } from '../../operator/runtime/index.ts';
import { Checkpointer, compareLedger, type Store, type StoreSettings } from '../../stores/index.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { aChange, openStore } from '../harness/store.ts';
import { waitFor } from '../harness/wait.ts';

const run = promisify(execFile);
const fence = { epoch: 1 };
const { signal } = new AbortController();

let server: PostgresServer;
let settings: StoreSettings;
let store: Store;
let scratch: string;
let namespace: TestNamespace;
let apiServer: ApiServer;
let checkpoints: CheckpointConfigMap;

beforeAll(async () => {
  server = await PostgresServer.start('18');
  settings = await server.createDatabase();
  ({ store } = await openStore(settings));
  scratch = await mkdtemp(join(tmpdir(), 'restore-'));
  namespace = await createNamespace(inject('kubeconfigPath'), 'restore');
  const access = await loadClusterAccess({ path: inject('kubeconfigPath'), env: {} });
  apiServer = connect(access, { program: 'test' });
  checkpoints = new CheckpointConfigMap(apiServer.client('ledger'), namespace.name);
});
afterAll(async () => {
  await store.close();
  await server.stop();
  await apiServer.close();
  await namespace.remove();
  await rm(scratch, { recursive: true });
});

/** With its files as they were when the machine went: PostgreSQL recovers from that, as from a base backup. */
async function withServerDown(work: (data: string) => Promise<unknown>): Promise<void> {
  await server.kill();
  await work(join(server.directory, 'data'));
  await server.restart();
  // Connections of before are gone: a process that was running meets that once for each.
  await waitFor(() => store.ledger().then((ledger) => ledger.head()), { description: 'the store to answer' });
}

async function addChanges(prefix: string, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    await store.recordChange(aChange(`${prefix}-${number}`), fence);
}

async function program(...argv: readonly string[]) {
  const results: string[] = [];
  const notes: string[] = [];
  const { port, database, user } = settings;
  const place = [`--store-url=postgres://127.0.0.1:${port}/${database}`, `--store-user=${user}`];
  const code = await runProgram(['ledger', ...argv, ...place, '--store-tls=disable'], {
    version: '0.1.0',
    roles: [],
    openLedger,
    output: { result: (text) => results.push(text), note: (text) => notes.push(text) },
  });
  return { code, results: results.join('\n'), notes: notes.join('\n') };
}

async function configMap(key: string): Promise<string> {
  const path = `--output=jsonpath={.data.${key}}`;
  return kubectl(inject('kubeconfigPath'), [
    'get',
    'configmap/mcp-operator-ledger',
    `--namespace=${namespace.name}`,
    path,
  ]);
}

async function verify() {
  const file = join(scratch, 'checkpoints');
  await writeFile(file, await configMap('checkpoints'));
  return program('verify', `--checkpoints=${file}`);
}

const acknowledge = (...flags: readonly string[]) =>
  program(
    'acknowledge',
    `--kubeconfig=${inject('kubeconfigPath')}`,
    `--namespace=${namespace.name}`,
    ...flags,
  );
const standing = () => compareLedger(ledgerOf(store), checkpoints, signal);

describe('a database that was restored from an older copy', () => {
  it('is noticed, acknowledged, and goes on', { timeout: 120_000 }, async () => {
    const leader = new Checkpointer(ledgerOf(store), checkpoints, systemClock);
    await addChanges('before', 10);
    await leader.tick(signal);
    const backup = join(scratch, 'backup');
    await withServerDown((data) => run('cp', ['-a', data, backup]));
    await addChanges('lost', 5);
    await leader.tick(signal);
    expect(leader.standing()).toEqual({ kind: 'continued' });
    expect((await acknowledge('--reason=too early')).results).toMatch(/^LEDGER +Continued/m);

    await withServerDown(async (data) => {
      await rm(data, { recursive: true });
      await run('cp', ['-a', backup, data]);
    });
    expect((await (await store.ledger()).head()).seq).toBe(10);
    await expect(leader.tick(signal)).rejects.toThrow('the database was restored from a backup');
    // History goes on, past where the checkpoint was; no process takes it for the old one.
    await addChanges('after', 8);
    const successor = new Checkpointer(ledgerOf(store), checkpoints, systemClock);
    for (const process of [leader, successor])
      await expect(process.tick(signal)).rejects.toThrow('a restored database went on');
    expect(await standing()).toMatchObject({
      kind: 'broken',
      continuity: 'rewritten',
      checkpoint: { seq: 15 },
    });
    expect((await verify()).results).toMatch(/^CHECKPOINT +15$/m);

    const { code, results } = await acknowledge('--reason=disk lost');
    expect(code).toBe(0);
    expect(results).toMatch(/^LEDGER +Acknowledged$/m);
    expect(results).toMatch(/^CHECKPOINT +15 sha256:[0-9a-f]{64} \(rewritten\)$/m);
    expect(results).toMatch(/^RECORDED +19 sha256:/m);
    for (const process of [leader, successor]) {
      await process.tick(signal);
      expect(process.standing()).toEqual({ kind: 'continued' });
    }
    expect(await standing()).toEqual({ kind: 'continued' });
    const verdict = await verify();
    expect(verdict.results).toMatch(/^LEDGER +Intact$/m);
    expect(verdict.results).toMatch(/^CHECKPOINTS +2$/m);
    expect(await configMap('superseded')).toMatch(/"seq":15/);
    await expectRow();

    expect((await acknowledge('--reason=again', '--output=json')).results).toContain('"kind": "continued"');
    expect((await (await store.ledger()).head()).seq).toBe(19);
  });

  it.each<[string, readonly string[]]>([
    ['no reason', []],
    ['an empty reason', ['--reason= ']],
    ['a reason that is too long', [`--reason=${'x'.repeat(1_001)}`]],
  ])('is not acknowledged with %s', async (_reason, flags) => {
    const { code, notes } = await acknowledge(...flags);
    expect(code).toBe(2);
    expect(notes).toContain('--reason');
  });
});

/** The row says who, why, and where both ended. */
async function expectRow(): Promise<void> {
  const [row] = await server.query<{ entry: Buffer; kind: string }>(
    "SELECT kind, entry FROM kilo_mcp.ledger WHERE kind = 'RestoreAcknowledged'",
    settings.database,
  );
  const entry = JSON.parse(row?.entry.toString() ?? 'null') as {
    readonly body: unknown;
    readonly personal: Readonly<Record<string, { readonly text: string }>>;
  };
  expect(entry.body).toMatchObject({
    continuity: 'rewritten',
    checkpoint: { seq: 15 },
    head: { seq: 18, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  });
  const text = async (name: string): Promise<string | undefined> => {
    const id = entry.personal[name]?.text ?? '';
    const statement = 'SELECT text FROM kilo_mcp.ledger_text WHERE id = $1';
    return (await server.query<{ text: string }>(statement, settings.database, [id]))[0]?.text;
  };
  expect(await text('reason')).toBe('disk lost');
  expect(await text('by')).not.toBe('');
}
