/** The ledger against who owns the database: what `kilo-mcp ledger verify` says of each way to change it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/index.ts';
import { openLedger } from '../../operator/open-history.ts';
import { entryHash } from '../../stores/ledger/entry.ts';
import type { StoreSettings } from '../../stores/index.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { aChange, openStore } from '../harness/store.ts';

const fence = { epoch: 1 };
let server: PostgresServer;
let directory: string;
beforeAll(async () => {
  server = await PostgresServer.start('18');
  directory = await mkdtemp(join(tmpdir(), 'ledger-'));
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

/** A database whose ledger has ten rows. */
async function tenRows(): Promise<StoreSettings> {
  const settings = await server.createDatabase();
  const { store } = await openStore(settings);
  for (let index = 1; index <= 10; index += 1) await store.recordChange(aChange(`change-${index}`), fence);
  await store.close();
  return settings;
}

async function verify({ port, database, user }: StoreSettings, ...argv: readonly string[]) {
  const results: string[] = [];
  const notes: string[] = [];
  const place = [`--store-url=postgres://127.0.0.1:${port}/${database}`, `--store-user=${user}`];
  const code = await runProgram(['ledger', 'verify', ...place, '--store-tls=disable', ...argv], {
    version: '0.1.0',
    roles: [],
    openLedger,
    output: { result: (text) => results.push(text), note: (text) => notes.push(text) },
  });
  return { code, results: results.join('\n'), notes: notes.join('\n') };
}

describe('kilo-mcp ledger verify', () => {
  it('passes on a ledger that nobody changed, and compares checkpoints', async () => {
    const settings = await tenRows();
    const { store } = await openStore(settings);
    const checkpoint = await (await store.ledger()).place();
    await store.recordChange(aChange('change-11'), fence);
    await store.close();
    const file = join(directory, 'checkpoints');
    await writeFile(file, `${JSON.stringify(checkpoint)}\n`);
    const { code, results } = await verify(settings, `--checkpoints=${file}`);
    expect(code).toBe(0);
    expect(results).toMatch(/^LEDGER +Intact$/m);
    expect(results).toMatch(/^HEAD +11 sha256:[0-9a-f]{64}$/m);
    expect(results).toMatch(/^ROWS +11$/m);
    expect(results).toMatch(/^CHECKPOINTS +1$/m);
  });

  it.each([
    [
      'a byte of an entry',
      'UPDATE kilo_mcp.ledger SET entry = set_byte(entry, 20, get_byte(entry, 20) # 1) WHERE seq = 4',
      4,
      'does not match its hash',
    ],
    [
      'a byte of a hash',
      'UPDATE kilo_mcp.ledger SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE seq = 4',
      4,
      'does not match its hash',
    ],
    [
      'an entry and its own hash',
      "UPDATE kilo_mcp.ledger SET entry = convert_to(replace(convert_from(entry, 'UTF8'), 'change-4', 'change-X'), 'UTF8'), hash = sha256(convert_to(replace(convert_from(entry, 'UTF8'), 'change-4', 'change-X'), 'UTF8')) WHERE seq = 4",
      5,
      'does not follow the row before',
    ],
    [
      'a time beside an entry',
      "UPDATE kilo_mcp.ledger SET at = at - interval '1 day' WHERE seq = 4",
      4,
      'has columns that differ',
    ],
    ['a row that is deleted', 'DELETE FROM kilo_mcp.ledger WHERE seq = 4', 4, 'is missing'],
    ['the last row deleted', 'DELETE FROM kilo_mcp.ledger WHERE seq = 10', 10, 'is missing'],
    [
      'the head set back',
      'UPDATE kilo_mcp.ledger_head SET seq = 9, hash = (SELECT hash FROM kilo_mcp.ledger WHERE seq = 9)',
      10,
      'comes after the head',
    ],
    [
      'a personal text replaced',
      "UPDATE kilo_mcp.ledger_text SET text = 'mallory' WHERE id = (SELECT changed_by FROM kilo_mcp.changes WHERE key = 'change-4')",
      4,
      'personal text that was changed',
    ],
  ])('names the row: %s', async (_reason, statement, seq, problem) => {
    const settings = await tenRows();
    await server.query(statement, settings.database);
    const { code, results } = await verify(settings);
    expect(code).toBe(1);
    expect(results).toMatch(/^LEDGER +Broken$/m);
    expect(results).toMatch(new RegExp(`^PROBLEM +row ${seq}: .*${problem}`, 'm'));
  });

  it('names the checkpoint where a suffix was rewritten with right hashes', async () => {
    const settings = await tenRows();
    const { store } = await openStore(settings);
    const checkpoint = await (await store.ledger()).place();
    await rewriteFrom(settings.database, 8);
    expect(await (await store.ledger()).verify([], new AbortController().signal)).toMatchObject({
      kind: 'intact',
    });
    expect(await (await store.ledger()).continuity(checkpoint ?? never())).toBe('rewritten');
    await store.close();
    const file = join(directory, 'rewritten');
    await writeFile(file, `${JSON.stringify(checkpoint)}\n`);
    const { code, results } = await verify(settings, `--checkpoints=${file}`, '--output=json');
    expect(code).toBe(1);
    expect(JSON.parse(results)).toMatchObject({ kind: 'badCheckpoint', seq: 10 });
  });

  it('tells a restored backup by its checkpoint', async () => {
    const settings = await tenRows();
    const { store } = await openStore(settings);
    const ledger = await store.ledger();
    const checkpoint = (await ledger.place()) ?? never();
    await server.query('DELETE FROM kilo_mcp.ledger WHERE seq > 7', settings.database);
    await server.query(
      'UPDATE kilo_mcp.ledger_head SET seq = 7, hash = (SELECT hash FROM kilo_mcp.ledger WHERE seq = 7)',
      settings.database,
    );
    expect(await ledger.continuity(checkpoint)).toBe('restored');
    expect(await ledger.continuity({ ...checkpoint, chain: 'another' })).toBe('other');
    expect(await ledger.verify([checkpoint], new AbortController().signal)).toMatchObject({
      kind: 'badCheckpoint',
      seq: 10,
    });
    await store.close();
  });

  it.each([
    ['no place', ['ledger', 'verify'], '--config'],
    [
      'a file that is no checkpoints',
      ['ledger', 'verify', '--store-url=postgres://h/d', '--checkpoints=package.json'],
      'line 1 of package.json',
    ],
    [
      'a TLS mode that is none',
      ['ledger', 'verify', '--store-url=postgres://h/d', '--store-user=u', '--store-tls=maybe'],
      '--store-tls',
    ],
    [
      'a password in the URL',
      ['ledger', 'verify', '--store-url=postgres://u:hunter2@h/d', '--store-user=u'],
      'take the credentials out',
    ],
  ])('ends with 2 for %s', async (_reason, argv, message) => {
    const notes: string[] = [];
    const output = { result: () => undefined, note: (text: string) => void notes.push(text) };
    expect(await runProgram(argv, { version: '0.1.0', roles: [], openLedger, output })).toBe(2);
    expect(notes.join('\n')).toContain(message);
    expect(notes.join('\n')).not.toContain('hunter2');
  });
});

/** What a superuser can do who knows the format: other rows from here on, each with its right hash. */
async function rewriteFrom(database: string, from: number): Promise<void> {
  const rows = await server.query<{ seq: string; entry: Buffer; hash: Buffer }>(
    'SELECT seq, entry, hash FROM kilo_mcp.ledger ORDER BY seq',
    database,
  );
  let previous = rows[from - 2]?.hash ?? Buffer.alloc(0);
  for (const { seq, entry } of rows.slice(from - 1)) {
    const claims = JSON.parse(entry.toString()) as Record<string, unknown>;
    const text = entry
      .toString()
      .replace(String(claims['previous']), previous.toString('hex'))
      .replace('Generation 2', 'Generation 3');
    previous = entryHash(Buffer.from(text));
    await server.query('UPDATE kilo_mcp.ledger SET entry = $1, hash = $2 WHERE seq = $3', database, [
      Buffer.from(text),
      previous,
      seq,
    ]);
  }
  await server.query('UPDATE kilo_mcp.ledger_head SET hash = $1', database, [previous]);
}

function never(): never {
  throw new Error('the ledger is empty');
}
