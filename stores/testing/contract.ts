/**
 * What a store promises, whichever database it is on: the same tests run against PGlite and against real PostgreSQL servers.
 */
import { randomUUID } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FencedError, type Fence, type StatedChange } from '../../checks/engine/history.ts';
import { digest } from '../../core/canonical-json.ts';
import { ConflictError, TerminalError } from '../../core/errors.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { Connection } from '../connection.ts';
import { StoreRefusedError } from '../errors.ts';
import { CODE_VERSION } from '../migrations/index.ts';
import { OpenStore } from '../open-store.ts';
import type { Tables } from '../tables.ts';
import { aFinding, aResult, aRun, aServer, evidenceOf } from './records.ts';

const fence: Fence = { epoch: 7 };
const FINISH = {
  finishedAt: '2026-01-01T00:05:00.000Z',
  result: 'NonCompliant',
  score: 80,
  coverage: 100,
} as const;
/** PostgreSQL in WebAssembly takes its time on a busy machine. */
const OPEN_DEADLINE_MS = 60_000;
const ALWAYS = { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };

/**
 * Declares the suite.
 * @param open an empty database, migrated.
 */
export function storeContract(open: () => Promise<Connection>): void {
  let connection: Connection;
  let db: Kysely<Tables>;
  let store: OpenStore;
  let clock: FakeClock;
  /** Of each test, so that one database serves all of them. */
  let owner: string;

  beforeAll(async () => {
    connection = await open();
    db = connection.db;
  }, OPEN_DEADLINE_MS);
  afterAll(() => connection.close());
  beforeEach(() => {
    clock = new FakeClock();
    store = new OpenStore(connection, clock);
    owner = randomUUID();
  });

  const ownedRun = (overrides: Parameters<typeof aRun>[0] = { id: randomUUID() }) =>
    aRun({
      owner: { kind: 'ComplianceCheck', namespace: 'team-a', name: 'nightly', uid: owner },
      ...overrides,
    });
  const finished = async (names: readonly string[], overrides: Partial<Parameters<typeof aRun>[0]> = {}) => {
    const run = ownedRun({ id: randomUUID(), ...overrides });
    await store.beginRun(run, names.map(aServer), fence);
    for (const name of names) await store.recordServer(run.id, aResult(name), fence);
    await store.finishRun(run.id, FINISH, fence);
    return run;
  };
  const rowsOf = async (table: string): Promise<number> => {
    const { rows } = await sql<{
      readonly rows: number;
    }>`SELECT count(*)::int AS rows FROM ${sql.table(`kilo_mcp.${table}`)}`.execute(db);
    return rows[0]?.rows ?? Number.NaN;
  };

  describe('a run', () => {
    it('is found again as it was begun, with the servers that are done', async () => {
      const run = ownedRun();
      await store.beginRun(run, ['a', 'b', 'c'].map(aServer), fence);
      await store.recordServer(run.id, aResult('b'), fence);
      expect(await store.openRun(owner)).toEqual({
        run,
        servers: ['a', 'b', 'c'].map(aServer),
        done: ['uid-b'],
      });
      expect(await store.run(run.id)).toEqual(run);
      expect(await store.lastRun(owner)).toBeUndefined();
    });

    it('is the last one once it is finished', async () => {
      const older = await finished(['a']);
      const newer = ownedRun({ id: randomUUID(), startedAt: '2026-01-02T00:00:00.000Z' });
      await store.beginRun(newer, [], fence);
      expect(await store.lastRun(owner)).toEqual({ ...older, ...FINISH });
      const end = { finishedAt: '2026-01-02T00:00:01.000Z', result: 'NotApplicable' } as const;
      await store.finishRun(newer.id, end, fence);
      expect(await store.lastRun(owner)).toEqual({ ...newer, ...end });
      expect(await store.openRun(owner)).toBeUndefined();
    });

    it('of the command line has no owner, and does not keep others from running', async () => {
      const { owner: _, ...record } = ownedRun();
      await store.beginRun(record, [aServer('a')], fence);
      await store.beginRun({ ...record, id: randomUUID() }, [aServer('a')], fence);
      expect(await store.run(record.id)).toEqual(record);
    });

    it('begins and ends once, however often that is asked', async () => {
      const run = ownedRun();
      await store.beginRun(run, [aServer('a')], fence);
      const rows = await rowsOf('ledger');
      await store.beginRun({ ...run, trigger: 'Change' }, [aServer('b')], fence);
      expect(await store.openRun(owner)).toMatchObject({
        run: { trigger: 'Schedule' },
        servers: [aServer('a')],
      });
      await store.finishRun(run.id, FINISH, fence);
      await store.finishRun(run.id, { ...FINISH, score: 1 }, fence);
      expect(await store.run(run.id)).toMatchObject({ score: 80 });
      expect(await rowsOf('ledger')).toBe(rows + 1);
    });

    it('never overlaps another one of its owner', async () => {
      await store.beginRun(ownedRun(), [], fence);
      const second = ownedRun();
      await expect(store.beginRun(second, [], fence)).rejects.toThrow(ConflictError);
      expect(await store.run(second.id)).toBeUndefined();
    });

    it('is refused where it is unknown, or has no UUID', async () => {
      const unknown = randomUUID();
      await expect(store.finishRun(unknown, FINISH, fence)).rejects.toThrow(`there is no run ${unknown}`);
      await expect(store.recordServer(unknown, aResult('a'), fence)).rejects.toThrow('there is no run');
      await expect(store.beginRun(ownedRun({ id: 'nightly' }), [], fence)).rejects.toThrow(/UUID/);
      expect(await store.run('nightly')).toBeUndefined();
    });

    it('is listed by its period, the newest first, within the limit', async () => {
      const at = (day: number) => `2031-01-0${day}T00:00:00.000Z`;
      const runs = [];
      for (const day of [1, 2, 3]) runs.push(await finished([], { startedAt: at(day) }));
      const listed = await store.runs({ from: at(1), to: at(3) }, 10);
      expect(listed.map(({ id }) => id)).toEqual([runs[1]?.id, runs[0]?.id]);
      expect(await store.runs({ from: at(1), to: at(4) }, 1)).toHaveLength(1);
      await expect(store.runs({ from: 'yesterday', to: at(4) }, 1)).rejects.toThrow(
        /from: write an ISO 8601/,
      );
    });
  });

  describe('findings', () => {
    it('are read as they were written, sorted, with the evidence apart', async () => {
      const server = aServer('a');
      const shown = evidenceOf('{"status":200}');
      const full = aFinding(server, {
        evidence: shown.digest,
        fields: [{ path: 'spec.url', value: 'a\0b', message: 'is wrong', fix: 'Mend it.' }],
        waiver: { reason: 'known', owner: 'alice', expiresAt: '2027-01-01T00:00:00Z' },
      });
      const readable = { ...full, fields: full.fields.map((field) => ({ ...field, value: 'a\uFFFDb' })) };
      const { era: _, ...eraless } = aFinding(server, {
        check: 'MCP-P01',
        outcome: 'Untestable',
        message: 'half \uD83D',
      });
      const legacy = aFinding(server, { era: 'legacy' });
      const run = ownedRun();
      await store.beginRun(run, [server], fence);
      await store.recordServer(
        run.id,
        { server, findings: [full, legacy, eraless], evidence: [shown], score: 50 },
        fence,
      );
      expect(await store.results(run.id)).toEqual([
        {
          server,
          findings: [{ ...eraless, message: 'half \uFFFD' }, legacy, readable],
          evidence: [],
          score: 50,
        },
      ]);
      expect(await store.evidence(shown.digest)).toEqual(shown);
      expect(await store.evidence(`sha256:${'0'.repeat(64)}`)).toBeUndefined();
    });

    it('are bound by the ledger as they are read back', async () => {
      const run = await finished(['a']);
      const [result] = await store.results(run.id);
      const { rows } = await sql<{ readonly entry: string }>`
        SELECT convert_from(entry, 'UTF8') AS entry FROM kilo_mcp.ledger WHERE kind = 'ServerRecorded'
        ORDER BY seq DESC LIMIT 1`.execute(db);
      const entry = JSON.parse(rows[0]?.entry ?? '') as { readonly body: object };
      expect(entry.body).toMatchObject({
        run: run.id,
        findings: 1,
        findingsDigest: digest(result?.findings),
      });
    });

    it('are recorded once for a run and a server, whatever comes later', async () => {
      const run = ownedRun();
      await store.beginRun(run, [aServer('a')], fence);
      await store.recordServer(run.id, aResult('a'), fence);
      const rows = await rowsOf('ledger');
      await store.recordServer(run.id, aResult('a', { score: 1, findings: [] }), fence);
      expect(await store.results(run.id)).toMatchObject([{ score: 80, findings: [{ check: 'MCP-S08' }] }]);
      expect(await rowsOf('ledger')).toBe(rows);
    });

    it('are refused in a run that is finished, or of a server that is not in it', async () => {
      const run = ownedRun();
      await store.beginRun(run, [aServer('a')], fence);
      await expect(store.recordServer(run.id, aResult('b'), fence)).rejects.toThrow(TerminalError);
      await store.finishRun(run.id, FINISH, fence);
      await expect(store.recordServer(run.id, aResult('a'), fence)).rejects.toThrow('takes no more findings');
    });

    it('of the last finished run of the owner are the previous ones', async () => {
      await finished(['a', 'b']);
      const changed = ownedRun({ id: randomUUID(), trigger: 'Change' });
      const finding = aFinding(aServer('a'), {
        outcome: 'Pass',
        state: 'resolved',
        evaluatedAt: '2026-01-03T00:00:00.000Z',
      });
      clock = new FakeClock(Date.UTC(2026, 0, 3));
      store = new OpenStore(connection, clock);
      await store.beginRun(changed, [aServer('a')], fence);
      await store.recordServer(
        changed.id,
        { server: aServer('a'), findings: [finding], evidence: [] },
        fence,
      );
      expect(await store.previousFindings(owner, 'uid-a')).toMatchObject([{ outcome: 'Fail' }]);
      await store.finishRun(changed.id, FINISH, fence);
      expect(await store.previousFindings(owner, 'uid-a')).toEqual([finding]);
      expect(await store.previousFindings(owner, 'uid-b')).toMatchObject([
        { outcome: 'Fail', server: aServer('b') },
      ]);
      expect(await store.previousFindings(owner, 'uid-c')).toEqual([]);
      expect(await store.previousFindings('nobody', 'uid-a')).toEqual([]);
    });

    it.each([
      ['evidence that is too long', () => aResultWith('x'.repeat(65_537)), /at most 65536/],
      ['evidence that is not what its digest says', () => forged(), /not the hash of its content/],
      ['a finding that is too long', () => aResultWith('{}', { fields: [longField()] }), /longer than 65536/],
      ['evidence under no digest', () => aResultWith('{}', { evidence: 'abc' }), /sha256:/],
    ])('are refused with %s, and nothing of them stays', async (_reason, result, message) => {
      const run = ownedRun();
      await store.beginRun(run, [aServer('a')], fence);
      const before = await rowsOf('ledger');
      await expect(store.recordServer(run.id, result(), fence)).rejects.toThrow(message);
      expect(await store.results(run.id)).toEqual([]);
      expect(await rowsOf('ledger')).toBe(before);
    });
  });

  describe('a leader that was deposed', () => {
    it('can write nothing, and its successor can', async () => {
      const run = ownedRun();
      await store.beginRun(run, [aServer('a')], { epoch: 7 });
      const successor = new OpenStore(connection, clock);
      await successor.recordServer(run.id, aResult('a'), { epoch: 8 });
      const rows = await rowsOf('ledger');
      const late = { epoch: 7 };
      await expect(store.finishRun(run.id, FINISH, late)).rejects.toThrow(FencedError);
      await expect(store.beginRun(ownedRun(), [], late)).rejects.toThrow(FencedError);
      await expect(store.deleteRuns(owner, ALWAYS.to, late)).rejects.toThrow(FencedError);
      await expect(store.recordChange(aChange(randomUUID()), late)).rejects.toThrow(FencedError);
      expect(await rowsOf('ledger')).toBe(rows);
      await successor.finishRun(run.id, FINISH, { epoch: 8 });
      await db.updateTable('store_state').set({ epoch: 7 }).execute();
    });

    it('of a Lease that was replaced can write nothing, whatever its epoch', async () => {
      const change = () => aChange(randomUUID());
      await store.recordChange(change(), { epoch: 40, lease: 'first' });
      await store.recordChange(change(), { epoch: 1, lease: 'second' });
      await store.recordChange(change(), { epoch: 2, lease: 'second' });
      await expect(store.recordChange(change(), { epoch: 41, lease: 'first' })).rejects.toThrow(FencedError);
      await expect(store.recordChange(change(), { epoch: 1, lease: 'second' })).rejects.toThrow(FencedError);
      await store.recordChange(change(), fence);
      await store.recordChange(change(), { epoch: 3, lease: 'second' });
    });
  });

  describe('changes', () => {
    it('are recorded once by key and found by their period', async () => {
      const key = randomUUID();
      const change = { ...aChange(key), at: '2032-01-01T00:00:00.000Z' };
      await store.recordChange(change, fence);
      await store.recordChange({ ...change, summary: 'again' }, fence);
      const period = { from: '2032-01-01T00:00:00Z', to: '2032-01-02T00:00:00Z' };
      expect(await store.changes(period)).toEqual([change]);
      expect(await store.changes({ ...period, from: '2032-01-01T00:00:00.001Z' })).toEqual([]);
    });

    it('of a server are recorded with its share of a run, once for each generation', async () => {
      const change = {
        ...aChange(`server:${randomUUID()}:3`),
        kind: 'ServerChanged' as const,
        at: '2034-01-01T00:00:00.000Z',
      };
      for (const result of [aResult('a'), aResult('b')]) {
        const run = ownedRun({ id: randomUUID() });
        await store.beginRun(run, [result.server], fence);
        await store.recordServer(run.id, { ...result, change }, fence);
        await store.finishRun(run.id, FINISH, fence);
        expect(await store.results(run.id)).toHaveLength(1);
      }
      const period = { from: '2034-01-01T00:00:00Z', to: '2034-01-02T00:00:00Z' };
      expect(await store.changes(period)).toEqual([change]);
      expect(await store.ledger.verify([], signal())).toMatchObject({ kind: 'intact' });
    });

    it('say nothing of a person once that was erased, and the ledger stays whole', async () => {
      const change = {
        ...aChange(randomUUID()),
        changedBy: 'bob@example.com',
        at: '2033-01-01T00:00:00.000Z',
      };
      await store.recordChange(change, fence);
      expect(await store.ledger.erase('bob@example.com', fence)).toBe(1);
      expect(await store.ledger.erase('bob@example.com', fence)).toBe(0);
      const period = { from: '2033-01-01T00:00:00Z', to: '2033-01-02T00:00:00Z' };
      expect(await store.changes(period)).toEqual([{ ...change, changedBy: '' }]);
      expect(await store.ledger.verify([], signal())).toMatchObject({ kind: 'intact' });
      const { rows } = await sql<{ entries: string }>`
        SELECT string_agg(convert_from(entry, 'UTF8'), '') AS entries FROM kilo_mcp.ledger`.execute(db);
      expect(rows[0]?.entries).not.toContain('bob@example.com');
    });
  });

  describe('changes that are about persons', () => {
    it('name them until they are erased, one by one', async () => {
      const change = {
        ...aChange(randomUUID()),
        kind: 'ApprovalRoleChanged' as const,
        changedBy: '',
        persons: ['carol@example.com', 'dan@example.com'],
        at: '2035-01-01T00:00:00.000Z',
      };
      await store.recordChange(change, fence);
      await store.recordChange(change, fence);
      const period = { from: '2035-01-01T00:00:00Z', to: '2035-01-02T00:00:00Z' };
      expect(await store.changes(period)).toEqual([change]);
      expect(await store.ledger.erase('carol@example.com', fence)).toBe(1);
      expect(await store.changes(period)).toEqual([{ ...change, persons: ['dan@example.com'] }]);
      await store.ledger.erase('dan@example.com', fence);
      const { persons: _erased, ...rest } = change;
      expect(await store.changes(period)).toEqual([rest]);
      expect(await store.ledger.verify([], signal())).toMatchObject({ kind: 'intact' });
      const { rows } = await sql<{ entries: string }>`
        SELECT string_agg(convert_from(entry, 'UTF8'), '') AS entries FROM kilo_mcp.ledger`.execute(db);
      expect(rows[0]?.entries).not.toMatch(/(carol|dan)@example\.com/);
    });
  });

  describe('changes that say the state of an object', () => {
    const [granting, other] = [digest('approve'), digest('deny')];
    const stated = (changes: Partial<StatedChange> = {}): StatedChange => ({
      ...aChange(randomUUID()),
      kind: 'ApprovalRoleChanged',
      object: { kind: 'Role', namespace: 'team-a', name: 'approver', uid: owner },
      state: granting,
      // The same for all: the clock of a leader says nothing of which is the newest.
      at: '2036-01-01T00:00:00.000Z',
      ...changes,
    });
    const recording = async (...some: readonly StatedChange[]): Promise<readonly boolean[]> => {
      for (const change of some) await store.recordChange(change, fence);
      const keys = (await store.changes(ALWAYS)).map(({ key }) => key);
      return some.map(({ key }) => keys.includes(key));
    };

    it('are left out while the newest says the same, and come back after another', async () => {
      const elsewhere = { ...stated().object, uid: randomUUID() };
      const some = [
        stated(),
        stated(),
        stated({ object: elsewhere, state: other }),
        stated(),
        stated({ state: other }),
        stated(),
        stated({ kind: 'PolicyChanged', state: other }),
        stated(),
      ];
      expect(await recording(...some)).toEqual([true, false, true, false, true, true, true, false]);
      expect(await store.ledger.verify([], signal())).toMatchObject({ kind: 'intact' });
    });

    it('are others with other persons, also where somebody was erased, and beside one without a state', async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      const { state: _none, ...unstated } = stated({ persons: [one] });
      expect(
        await recording(
          stated({ persons: [one, two] }),
          stated({ persons: [one, two] }),
          stated({ persons: [two, one] }),
          stated({ persons: [one] }),
          unstated,
          stated({ persons: [one] }),
          stated({ persons: [one] }),
        ),
      ).toEqual([true, false, true, true, true, true, false]);
      await store.ledger.erase(one, fence);
      expect(await recording(stated({ persons: [two] }), stated({ persons: [two] }))).toEqual([true, false]);
    });
  });

  describe('retention', () => {
    it('deletes runs, findings and evidence that nobody else refers to, and keeps the ledger', async () => {
      const shared = evidenceOf(`{"shared":"${owner}"}`);
      const alone = evidenceOf(`{"alone":"${owner}"}`);
      const finding = (check: string, digest: string) => aFinding(aServer('a'), { check, evidence: digest });
      const old = ownedRun({ id: randomUUID(), startedAt: '2025-01-01T00:00:00.000Z' });
      await store.beginRun(old, [aServer('a')], fence);
      const many = Array.from({ length: 2_100 }, (_, index) => finding(`MCP-S${index}`, shared.digest));
      await store.recordServer(
        old.id,
        {
          server: aServer('a'),
          findings: [...many, finding('MCP-P01', alone.digest)],
          evidence: [shared, alone],
        },
        fence,
      );
      await store.finishRun(old.id, FINISH, fence);
      const kept = ownedRun({ id: randomUUID(), startedAt: '2025-06-01T00:00:00.000Z' });
      await store.beginRun(kept, [aServer('a')], fence);
      await store.recordServer(
        kept.id,
        { server: aServer('a'), findings: [finding('MCP-P01', shared.digest)], evidence: [shared] },
        fence,
      );
      const ledgerRows = await rowsOf('ledger');
      expect(await store.deleteRuns(owner, kept.startedAt, fence)).toBe(1);
      expect(await store.run(old.id)).toBeUndefined();
      expect(await store.results(old.id)).toEqual([]);
      expect(await store.results(kept.id)).toHaveLength(1);
      expect(await store.evidence(alone.digest)).toBeUndefined();
      expect(await store.evidence(shared.digest)).toEqual(shared);
      expect(await rowsOf('ledger')).toBe(ledgerRows + 1);
      const left = await db.selectFrom('findings').select('check_id').where('run_id', '=', old.id).execute();
      expect(left).toEqual([]);
      expect(await store.deleteRuns(owner, kept.startedAt, fence)).toBe(0);
      expect(await store.deleteRuns('nobody', ALWAYS.to, fence)).toBe(0);
    });

    it('goes on where it was interrupted; nobody reads the rest meanwhile', async () => {
      const run = await finished(['a']);
      await db.updateTable('runs').set({ deleted_at: FINISH.finishedAt }).where('id', '=', run.id).execute();
      expect(await store.run(run.id)).toBeUndefined();
      expect(await store.lastRun(owner)).toBeUndefined();
      expect(await store.results(run.id)).toEqual([]);
      expect(await store.previousFindings(owner, 'uid-a')).toEqual([]);
      expect(await store.deleteRuns(owner, ALWAYS.to, fence)).toBe(1);
      expect(await db.selectFrom('runs').select('id').where('id', '=', run.id).execute()).toEqual([]);
    });
  });

  describe('the ledger', () => {
    it('is whole, and proves a period', async () => {
      const before = await store.ledger.head();
      clock = new FakeClock(Date.UTC(2040, 0, 1));
      store = new OpenStore(connection, clock);
      await finished(['a', 'b']);
      const head = await store.ledger.head();
      expect(head).toMatchObject({ chain: before.chain, seq: before.seq + 4 });
      const proof = await store.ledgerProof({ from: '2040-01-01T00:00:00Z', to: '2041-01-01T00:00:00Z' });
      expect(proof).toMatchObject({
        chain: head.chain,
        head: { seq: head.seq, hash: head.hash },
        first: { seq: before.seq + 1 },
        last: { seq: head.seq, hash: head.hash },
        intact: true,
      });
      expect(await store.ledgerProof({ from: '1999-01-01T00:00:00Z', to: '2000-01-01T00:00:00Z' })).toEqual({
        chain: head.chain,
        head: { seq: head.seq, hash: head.hash },
        intact: true,
      });
      const checkpoint = await store.ledger.place();
      expect(await store.ledger.verify(checkpoint === undefined ? [] : [checkpoint], signal())).toMatchObject(
        {
          kind: 'intact',
          rows: head.seq,
          checkpoints: 1,
        },
      );
    });
  });

  describe('the outbox', () => {
    const later = '2100-01-01T00:00:00.000Z';
    const message = (key: string) => ({ topic: owner, key, payload: { key }, expiresAt: later });
    const take = async (limit = 10, leaseMs = 60_000) =>
      (await store.outbox.take(limit, leaseMs)).filter(({ topic }) => topic === owner);

    it('hands a message to one at a time, and again when the lease ends', async () => {
      await store.outbox.add(message('a'), fence);
      await store.outbox.add({ ...message('a'), payload: 'repeated' }, fence);
      const [first] = await take(10, 1);
      expect(first).toMatchObject({ ...message('a'), attempts: 1 });
      const second = await waitForOne(() => take());
      expect(second).toMatchObject({ key: 'a', attempts: 2 });
      expect(await take()).toEqual([]);
      expect(first !== undefined && (await store.outbox.delivered(first))).toBe(false);
      expect(await store.outbox.delivered(second)).toBe(true);
      await store.outbox.add(message('a'), fence);
      expect(await take()).toEqual([]);
    });

    it('tries again later, and gives up when told to', async () => {
      const before = await store.outbox.depth();
      await store.outbox.add(message('b'), fence);
      const first = await waitForOne(() => take());
      expect(await store.outbox.failed(first, 'Error', 60_000)).toBe(true);
      expect(await take()).toEqual([]);
      expect(await store.outbox.depth()).toEqual({ ...before, pending: before.pending + 1 });
      await db
        .updateTable('outbox')
        .set({ due_at: sql`now()` })
        .where('id', '=', first.id)
        .execute();
      expect(await store.outbox.dead(await waitForOne(() => take()), 'Error')).toBe(true);
      expect(await store.outbox.depth()).toEqual({ ...before, dead: before.dead + 1 });
    });

    it('buries what is past its time, and deletes what is over', async () => {
      await store.outbox.add({ ...message('c'), expiresAt: '2020-01-01T00:00:00.000Z' }, fence);
      expect(await take()).toEqual([]);
      const expired = await store.outbox.expire(1_000);
      expect(expired.filter(({ topic }) => topic === owner)).toEqual([{ topic: owner, key: 'c' }]);
      expect(await store.outbox.expire(1_000)).toEqual([]);
      const [row] = await db.selectFrom('outbox').selectAll().where('topic', '=', owner).execute();
      expect(row).toMatchObject({ trouble: 'Expired', attempts: 0 });
      expect(await store.outbox.prune(later, 1)).toBe(1);
      expect(await store.outbox.prune('2000-01-01T00:00:00Z', 10)).toBe(0);
    });

    it('discards what nobody has and nobody is to get, and nothing that is on its way', async () => {
      const keysOf = async () => {
        const rows = await db.selectFrom('outbox').select('key').where('topic', '=', owner).execute();
        return rows.map(({ key }) => key);
      };
      await store.outbox.add(message('on its way'), fence);
      expect(await take()).toMatchObject([{ key: 'on its way' }]);
      await store.outbox.add(message('waiting'), fence);
      expect(await keysOf()).toEqual(expect.arrayContaining(['on its way', 'waiting']));
      expect(await store.outbox.discard(1_000)).toBeGreaterThanOrEqual(1);
      expect(await keysOf()).toContain('on its way');
      expect(await keysOf()).not.toContain('waiting');
    });

    it('refuses a payload that is too long, and a deposed leader', async () => {
      const long = { ...message('d'), payload: 'x'.repeat(262_145) };
      await expect(store.outbox.add(long, fence)).rejects.toThrow(/longer than 262144/);
      await expect(store.outbox.add(message('d'), { epoch: fence.epoch - 1 })).rejects.toThrow(FencedError);
      expect(await take()).toEqual([]);
    });
  });

  describe('the schema', () => {
    it('of a newer program is used while that allows it, and refused afterwards', async () => {
      await db
        .updateTable('store_state')
        .set({ version: CODE_VERSION + 1 })
        .execute();
      const run = ownedRun();
      await store.beginRun(run, [], fence);
      await db
        .updateTable('store_state')
        .set({ compatible_from: CODE_VERSION + 1 })
        .execute();
      const refused = store.finishRun(run.id, FINISH, fence);
      await expect(refused).rejects.toThrow(StoreRefusedError);
      await expect(refused).rejects.toThrow(/needs a program that knows schema/);
      await db.updateTable('store_state').set({ version: CODE_VERSION, compatible_from: 1 }).execute();
      await store.finishRun(run.id, FINISH, fence);
    });
  });
}

/** A lease of a millisecond ends soon. */
async function waitForOne<T>(take: () => Promise<readonly T[]>): Promise<T> {
  return vi.waitFor(async () => {
    const [message] = await take();
    if (message === undefined) throw new Error('nothing is due yet');
    return message;
  });
}

const signal = (): AbortSignal => new AbortController().signal;

function aChange(key: string) {
  return {
    key,
    kind: 'ProfileChanged',
    object: { kind: 'ComplianceProfile', namespace: '', name: 'strict', uid: 'uid-strict' },
    changedBy: 'alice@example.com',
    summary: 'Generation 2',
    at: '2026-01-01T00:00:00.000Z',
  } as const;
}

function aResultWith(content: string, overrides: Parameters<typeof aFinding>[1] = {}) {
  const shown = evidenceOf(content);
  const finding = aFinding(aServer('a'), { evidence: shown.digest, ...overrides });
  return aResult('a', { findings: [finding], evidence: [shown] });
}

function forged() {
  const { findings, evidence } = aResultWith('{"a":1}');
  return aResult('a', { findings, evidence: evidence.map((record) => ({ ...record, content: '{"a":2}' })) });
}

function longField() {
  return { path: 'spec', value: 'x'.repeat(70_000), message: '', fix: '' };
}
