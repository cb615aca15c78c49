/**
 * What a store promises of requests for approval, whichever database it is on: the same tests run against PGlite and against real PostgreSQL servers.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { begin } from '../../approval/index.ts';
import { openRequest, opening, type OpeningFacts } from '../../approval/open.ts';
import type { ApprovalRow } from '../../approval/request.ts';
import {
  ApprovalConflictError,
  type ApprovalEvent,
  type ApprovalFence,
  type RefusedAttempt,
} from '../../approval/store.ts';
import { FencedError } from '../../checks/engine/history.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { Connection } from '../connection.ts';
import { OpenStore } from '../open-store.ts';

const OPERATOR: ApprovalFence = { epoch: 3, lease: 'lease-of-the-operator', writer: 'operator' };
const EXECUTOR: ApprovalFence = { epoch: 1, lease: 'lease-of-the-executor', writer: 'executor' };
const NOW = new Date('2026-01-01T00:00:00.000Z');
const OPEN_DEADLINE_MS = 60_000;
const ALICE = { person: 'alice', username: 'alice', uid: '' };

/**
 * Declares the suite.
 * @param open an empty database, migrated.
 */
export function approvalContract(open: () => Promise<Connection>): void {
  let connection: Connection;
  let store: OpenStore;
  let target: string;

  beforeAll(async () => {
    connection = await open();
  }, OPEN_DEADLINE_MS);
  afterAll(() => connection.close());
  beforeEach(() => {
    store = new OpenStore(connection, new FakeClock());
    target = randomUUID();
  });

  const facts = (overrides: Partial<OpeningFacts> = {}): OpeningFacts => ({
    requestUid: randomUUID(),
    namespace: 'team-a',
    name: 'remediate-server-1',
    createdAt: NOW.toISOString(),
    action: {
      kind: 'Remediate',
      target: {
        apiVersion: 'mcp.kilocode.ai/v1alpha1',
        kind: 'MCPServer',
        name: 'server',
        uid: target,
        generation: 1,
      },
      parameters: { check: 'MCP-W06' },
    },
    plan: {
      effect: { kind: 'Patch', operations: [{ op: 'add', path: '/spec/replicas', value: 1 }] },
      risk: 'medium',
      summary: 'Set replicas to 1',
      diff: '+ replicas: 1',
      verifyChecks: ['MCP-W06'],
    },
    requestedBy: ALICE,
    initiators: [],
    unknownInitiators: false,
    policy: undefined,
    attempt: 1,
    ...overrides,
  });
  const opened = async (overrides: Partial<OpeningFacts> = {}): Promise<ApprovalRow> => {
    const { row, event, messages } = opening(facts(overrides), NOW);
    return store.openRequest(row, event, messages, OPERATOR);
  };
  const EVENT: ApprovalEvent = { event: 'DecisionCounted', person: 'bob', reason: 'seen', details: { n: 1 } };
  const advanced = (row: ApprovalRow, change: Partial<ApprovalRow>, fence = OPERATOR): Promise<ApprovalRow> =>
    store.advanceRequest({ ...row, ...change }, [EVENT], [], fence);
  const waitingMessages = async (): Promise<number> => (await store.outbox.depth()).pending;

  describe('opening', () => {
    it('keeps the row as it was given, with its entry and its message', async () => {
      const before = await waitingMessages();
      const given = facts();
      const { row, event, messages } = opening(given, NOW);
      const kept = await store.openRequest(row, event, messages, OPERATOR);
      expect(kept).toEqual({ ...openRequest(given, NOW), version: 1, ledgerSeq: kept.ledgerSeq });
      expect(kept.ledgerSeq).toBe((await store.ledger.head()).seq);
      expect(await store.request(kept.requestUid)).toEqual(kept);
      expect(await waitingMessages()).toBe(before + 1);
    });

    it('happens once: a repetition changes nothing', async () => {
      const { row, event, messages } = opening(facts(), NOW);
      const kept = await store.openRequest(row, event, messages, OPERATOR);
      const pending = await waitingMessages();
      expect(await store.openRequest({ ...row, waiting: '' }, event, messages, OPERATOR)).toEqual(kept);
      expect((await store.ledger.head()).seq).toBe(kept.ledgerSeq);
      expect(await waitingMessages()).toBe(pending);
    });

    it('finds the newest of a name', async () => {
      const name = `again-${randomUUID()}`;
      await opened({ name });
      const second = await opened({ name, createdAt: '2026-01-02T00:00:00.000Z' });
      expect(await store.requestNamed('team-a', name)).toEqual(second);
      expect(await store.requestNamed('team-b', name)).toBeUndefined();
    });
  });

  describe('moving', () => {
    it('counts versions, and follows the ledger', async () => {
      const row = await opened();
      const next = await advanced(row, { phase: 'Approved', waiting: '' });
      expect(next).toMatchObject({ phase: 'Approved', version: 2 });
      expect(next.ledgerSeq).toBeGreaterThan(row.ledgerSeq);
      expect(await store.requestsChangedSince(row.ledgerSeq, 10)).toEqual([next]);
      expect(await store.requestsChangedSince(next.ledgerSeq, 10)).toEqual([]);
    });

    it('refuses who read an older version, and writes nothing of it', async () => {
      const row = await opened();
      const next = await advanced(row, { phase: 'Approved' });
      await expect(advanced(row, { phase: 'Denied' })).rejects.toThrow(ApprovalConflictError);
      expect(await store.request(row.requestUid)).toEqual(next);
      expect((await store.ledger.head()).seq).toBe(next.ledgerSeq);
    });

    it('lets exactly one of those who race win', async () => {
      const row = await advanced(await opened(), { phase: 'Approved', waiting: '' });
      const started = begin(row, undefined, NOW);
      const results = await Promise.allSettled([
        store.advanceRequest(started.row, started.events, started.messages, EXECUTOR),
        advanced(row, { phase: 'Denied' }),
        advanced(row, { phase: 'Denied' }),
      ]);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await store.request(row.requestUid))?.version).toBe(3);
    });

    it('needs an event: what does not show in the ledger does not happen', async () => {
      const row = await opened();
      await expect(store.advanceRequest(row, [], [], OPERATOR)).rejects.toThrow('event');
      expect(await store.request(row.requestUid)).toEqual(row);
    });

    it('keeps final requests out of those that are open', async () => {
      const row = await opened();
      const isOpen = async (): Promise<boolean> =>
        (await store.openRequests()).some(({ requestUid }) => requestUid === row.requestUid);
      expect(await isOpen()).toBe(true);
      await advanced(row, { phase: 'Cancelled' });
      expect(await isOpen()).toBe(false);
    });
  });

  describe('the fence', () => {
    it('holds operator and executor apart: neither deposes the other', async () => {
      const row = await opened();
      const second = await advanced(row, { phase: 'Approved' }, EXECUTOR);
      const third = await advanced(second, { waiting: '' }, OPERATOR);
      expect(await advanced(third, { phase: 'Executing' }, EXECUTOR)).toMatchObject({ version: 4 });
    });

    it('refuses a deposed executor, and an executor whose Lease was replaced', async () => {
      const row = await opened();
      await advanced(row, {}, { ...EXECUTOR, epoch: 9 });
      const again = await store.request(row.requestUid);
      if (again === undefined) throw new Error('the row is gone');
      await expect(advanced(again, {}, { ...EXECUTOR, epoch: 8 })).rejects.toThrow(FencedError);
      await advanced(again, {}, { ...EXECUTOR, lease: `next-${randomUUID()}`, epoch: 0 });
      await expect(advanced(again, {}, { ...EXECUTOR, epoch: 99 })).rejects.toThrow(FencedError);
      await sql`UPDATE kilo_mcp.writer_fences SET lease = '', epoch = 0`.execute(connection.db);
      await sql`DELETE FROM kilo_mcp.retired_leases WHERE uid = ${EXECUTOR.lease}`.execute(connection.db);
    });
  });

  describe('what is asked of it', () => {
    it('finds requests for the same target, kind and check, the newest first', async () => {
      const first = await opened();
      const second = await opened({ createdAt: '2026-01-02T00:00:00.000Z' });
      const wanted = { targetUid: target, kind: 'Remediate', check: 'MCP-W06' } as const;
      expect(await store.requestsFor(wanted)).toEqual([second, first]);
      expect(await store.requestsFor({ ...wanted, check: 'MCP-W07' })).toEqual([]);
      expect(await store.requestsFor({ ...wanted, kind: 'Waive' })).toEqual([]);
    });

    it('tells the last quarantine and baseline of a target, and all of its waivers', async () => {
      const act = async (
        kind: 'Quarantine' | 'Waive',
        effect: OpeningFacts['plan']['effect'],
        phase: 'Executed' | 'Failed' = 'Executed',
      ): Promise<void> => {
        const { action, plan } = facts();
        const row = await opened({ action: { ...action, kind }, plan: { ...plan, effect } });
        await advanced(row, { phase, executedAt: NOW.toISOString() });
      };
      await act('Quarantine', { kind: 'Quarantine', operation: 'Begin' });
      await act('Quarantine', { kind: 'Quarantine', operation: 'End' });
      await act('Quarantine', { kind: 'Quarantine', operation: 'Begin' }, 'Failed');
      await act('Waive', { kind: 'Waiver', check: 'MCP-S11', waiverHash: 'one' });
      await act('Waive', { kind: 'Waiver', check: 'MCP-S12', waiverHash: 'two' });
      const effects = (await store.executedActions(target)).map(({ effect }) => effect);
      expect(effects).toEqual([
        { kind: 'Quarantine', operation: 'End' },
        { kind: 'Waiver', check: 'MCP-S11', waiverHash: 'one' },
        { kind: 'Waiver', check: 'MCP-S12', waiverHash: 'two' },
      ]);
    });

    it('shows the entries of a request in order, with who and why, until that is erased', async () => {
      const row = await opened();
      const person = `bob-${randomUUID()}`;
      await store.advanceRequest(row, [{ ...EVENT, person }], [], OPERATOR);
      const entries = await store.entriesOf(row.requestUid);
      expect(entries).toMatchObject([
        { kind: 'ApprovalChanged', event: 'Opened', phase: 'Pending', person: 'alice' },
        { event: 'DecisionCounted', person, reason: 'seen', details: { n: 1 } },
      ]);
      expect(entries.map(({ hash }) => hash)).toEqual(
        entries.map(() => expect.stringMatching(/^[0-9a-f]{64}$/)),
      );
      await store.ledger.erase(person, OPERATOR);
      expect((await store.entriesOf(row.requestUid))[1]?.person).toBe('erased');
      expect((await store.ledger.verify([], new AbortController().signal)).kind).toBe('intact');
    });

    it('keeps the entries of a request apart from what was refused about it', async () => {
      const row = await opened();
      await store.recordRefusal(refusal({ requestUid: row.requestUid, name: row.name }));
      expect((await store.entriesOf(row.requestUid)).map(({ kind }) => kind)).toEqual(['ApprovalChanged']);
      expect(await store.request(row.requestUid)).toEqual(row);
    });
  });

  const refusal = (change: Partial<RefusedAttempt> = {}): RefusedAttempt => ({
    requestUid: 'uid-as-named',
    namespace: 'team-a',
    name: `refused-${target}`,
    person: 'eve',
    verb: 'approve',
    reason: 'SeparationOfDuties',
    ...change,
  });

  describe('what admission refused', () => {
    it('is in the ledger, and found by the name of the request, in order', async () => {
      const { seq } = await store.ledger.head();
      await store.recordRefusal(refusal());
      await store.recordRefusal(refusal({ verb: 'deny', reason: 'Closed', person: '', requestUid: '' }));
      const { entries, hasOlder } = await store.refusalsOf('team-a', `refused-${target}`);
      expect(hasOlder).toBe(false);
      expect(entries).toMatchObject([
        {
          seq: seq + 1,
          kind: 'ApprovalRefused',
          event: '',
          person: 'eve',
          details: { verb: 'approve', reason: 'SeparationOfDuties', request: 'uid-as-named' },
        },
        { seq: seq + 2, person: '', details: { verb: 'deny', reason: 'Closed', request: '' } },
      ]);
      expect((await store.ledger.head()).seq).toBe(seq + 2);
    });

    it.each([
      ['namespace', { namespace: 'team-b' }],
      ['name', { name: 'another' }],
    ])('is not told of another %s', async (_what, change) => {
      await store.recordRefusal(refusal(change));
      expect((await store.refusalsOf('team-a', `refused-${target}`)).entries).toEqual([]);
    });

    it('is told up to 100 times, the newest, and that there are older ones', async () => {
      const persons = Array.from({ length: 101 }, (_, number) => `eve-${number}`);
      for (const person of persons) await store.recordRefusal(refusal({ person }));
      const { entries, hasOlder } = await store.refusalsOf('team-a', `refused-${target}`);
      expect(entries.map(({ person }) => person)).toEqual(persons.slice(1));
      expect(hasOlder).toBe(true);
    });

    it('loses the person when that is erased, and the ledger stays intact', async () => {
      const person = `eve-${randomUUID()}`;
      await store.recordRefusal(refusal({ person }));
      await store.ledger.erase(person, OPERATOR);
      const { entries } = await store.refusalsOf('team-a', `refused-${target}`);
      expect(entries.map(({ person: who }) => who)).toEqual(['erased']);
      expect((await store.ledger.verify([], new AbortController().signal)).kind).toBe('intact');
    });

    it('is taken whatever characters a name holds', async () => {
      await store.recordRefusal(refusal({ name: `${target}\0\uD800` }));
      expect((await store.refusalsOf('team-a', `${target}\uFFFD\uFFFD`)).entries).toHaveLength(1);
    });
  });

  describe('admission', () => {
    const observe = (fingerprint: string, at: string, isContinuous = true): Promise<void> =>
      store.recordAdmission({ fingerprint, at, isContinuous }, OPERATOR);

    it('prolongs a time in which nothing changed, and begins another when something did', async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      await observe(one, '2026-02-01T00:00:00.000Z');
      await observe(one, '2026-02-01T00:01:00.000Z');
      await observe(two, '2026-02-01T00:02:00.000Z');
      await observe(two, '2026-02-01T00:03:00.000Z', false);
      expect(await store.admissionIntervals('2026-02-01T00:01:00.000Z')).toEqual([
        { fingerprint: one, from: '2026-02-01T00:00:00.000Z', to: '2026-02-01T00:01:00.000Z' },
        { fingerprint: two, from: '2026-02-01T00:02:00.000Z', to: '2026-02-01T00:02:00.000Z' },
        { fingerprint: two, from: '2026-02-01T00:03:00.000Z', to: '2026-02-01T00:03:00.000Z' },
      ]);
    });
  });
}
