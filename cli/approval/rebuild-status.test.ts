import { describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../api/index.ts';
import type { ApprovalLedgerEntry, ApprovalRow, RefusedEntries } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import type { OpenedLedger } from '../index.ts';
import { requestOf, run, type Ended } from './testing/fake-cluster.ts';

const ROW = aRow({}, { decisions: [decision('carol')], conditions: [] });
const RIGHT = requestOf(ROW);

function decision(person: string): ApprovalRow['decisions'][number] {
  return {
    name: `approve-${person}`,
    uid: person,
    person,
    verb: 'approve',
    at: '2026-11-26T10:01:00Z',
    reason: 'fine',
  };
}

const ENTRY: ApprovalLedgerEntry = {
  seq: 7,
  at: '2026-11-26T10:01:00.000Z',
  hash: 'ab'.repeat(32),
  kind: 'ApprovalChanged',
  event: 'DecisionCounted',
  phase: 'Pending',
  person: 'carol',
  reason: 'fine\u001B[2K',
  details: { decision: 'approve-carol' },
};

const REFUSED: ApprovalLedgerEntry = {
  seq: 8,
  at: '2026-11-26T10:02:00.000Z',
  hash: 'cd'.repeat(32),
  kind: 'ApprovalRefused',
  event: '',
  phase: undefined,
  person: 'rita',
  details: { verb: 'approve', reason: 'SeparationOfDuties', request: ROW.requestUid },
};

function ledger(
  rows: readonly ApprovalRow[],
  refused: RefusedEntries = { entries: [REFUSED], hasOlder: false },
): () => Promise<OpenedLedger> {
  return () =>
    Promise.resolve({
      requests: {
        request: (uid) => Promise.resolve(rows.find(({ requestUid }) => requestUid === uid)),
        requestNamed: (namespace, name) =>
          Promise.resolve(rows.find((row) => row.namespace === namespace && row.name === name)),
        entriesOf: () => Promise.resolve([ENTRY]),
        refusalsOf: (namespace) =>
          Promise.resolve(namespace === 'team-a' ? refused : { entries: [], hasOlder: false }),
      },
      verify: () => Promise.reject(new Error('not asked')),
      acknowledge: () => Promise.reject(new Error('not asked')),
      close: () => Promise.resolve(),
    });
}

const rebuild = (objects: readonly ApprovalRequest[], ...flags: readonly string[]): Promise<Ended> =>
  run(['approval', 'rebuild-status', '--store-directory', '/data', ...flags], {
    objects,
    openLedger: ledger([ROW]),
  });

const own = {
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'known',
  observedGeneration: 1,
  lastTransitionTime: '2026-11-26T10:00:00Z',
} as const;

describe('approval rebuild-status', () => {
  it('writes what the store says over what somebody wrote, and keeps the conditions of the operator', async () => {
    const forged = requestOf(ROW, { phase: 'Approved', conditions: [own] });
    const ended = await rebuild([forged]);
    expect(ended).toMatchObject({ code: 0, results: '1 written, 0 right already, 0 not in the store' });
    expect(ended.written).toEqual([
      {
        verb: 'apply',
        object: {
          apiVersion: 'mcp.kilocode.ai/v1alpha1',
          kind: 'ApprovalRequest',
          metadata: { name: ROW.name, namespace: 'team-a', uid: ROW.requestUid },
          status: { ...RIGHT.status, conditions: [own] },
        },
        options: { fieldManager: 'mcp-operator/approval', force: true, subresource: 'status' },
      },
    ]);
  });

  it.each([
    ['what is right', RIGHT, '0 written, 1 right already, 0 not in the store'],
    [
      'what the store does not know',
      { ...RIGHT, metadata: { ...RIGHT.metadata, uid: 'other' } },
      '0 written, 0 right already, 1 not in the store',
    ],
  ])('leaves alone %s', async (_reason, request, results) => {
    expect(await rebuild([request])).toMatchObject({ code: 0, results, written: [] });
  });

  it('writes nothing in a dry run, and names what it would write', async () => {
    const ended = await rebuild([requestOf(ROW, { phase: 'Executed' })], '--dry-run');
    expect(ended).toMatchObject({
      code: 0,
      written: [],
      results: '1 to write, 0 right already, 0 not in the store',
    });
    expect(ended.notes).toContain(`team-a/${ROW.name}`);
  });

  it('serves one namespace when told so, else all', async () => {
    const wrong = requestOf(ROW, { phase: 'Executed' });
    expect((await rebuild([wrong], '-n', 'team-b')).written).toEqual([]);
    expect((await rebuild([wrong])).written).toHaveLength(1);
  });
});

describe('ledger show', () => {
  const show = (argv: readonly string[], refused?: RefusedEntries): Promise<Ended> =>
    run(['ledger', 'show', ...argv, '--store-directory', '/data'], { openLedger: ledger([ROW], refused) });

  it('tells who asked, who decided, and every entry with its hash', async () => {
    const { code, results } = await show([ROW.name, '-n', 'team-a']);
    expect(code).toBe(0);
    for (const text of [
      'rita',
      'ivan',
      'approve by carol',
      ROW.derived.digest,
      `sha256:${ENTRY.hash}`,
      '"approve-carol"',
    ])
      expect(results).toContain(text);
    expect(results).toContain('7  2026-11-26T10:01:00.000Z  DecisionCounted  -> Pending  by carol');
    expect(results).not.toContain('\u001B');
  });

  it('tells who was refused, of what and why', async () => {
    const { results } = await show([ROW.name, '-n', 'team-a']);
    const [, refused] = results.split('\nREFUSED');
    expect(refused).toContain('8  2026-11-26T10:02:00.000Z  ApprovalRefused  by rita\n');
    for (const text of ['verb: "approve"', 'reason: "SeparationOfDuties"', `sha256:${REFUSED.hash}`])
      expect(refused).toContain(text);
    expect(refused).not.toMatch(/none|older ones/);
  });

  it.each<[string, RefusedEntries, string]>([
    ['that there are older ones', { entries: [REFUSED], hasOlder: true }, 'older ones are in the ledger'],
    ['that nobody was', { entries: [], hasOlder: false }, 'none'],
  ])('tells of those who were refused %s', async (_which, refused, text) => {
    const { results } = await show([ROW.name, '-n', 'team-a'], refused);
    expect(results.split('\nREFUSED')[1]).toContain(text);
  });

  it('tells who was refused a request that was never opened', async () => {
    const { code, results } = await show(['never-opened', '-n', 'team-a']);
    expect(code).toBe(0);
    expect(results).toMatch(/^REQUEST +team-a\/never-opened\nPHASE +- \(the ledger knows no request/);
    expect(results).toContain('\nENTRIES\n  none\n');
    expect(results.split('\nREFUSED')[1]).toContain('ApprovalRefused  by rita\n');
    const asJson = await show(['never-opened', '-n', 'team-a', '-o', 'json']);
    expect(JSON.parse(asJson.results)).toEqual({
      entries: [],
      refused: { entries: [REFUSED], hasOlder: false },
    });
  });

  it('prints row, entries and refused tries as JSON', async () => {
    const { results } = await show([ROW.name, '-n', 'team-a', '-o', 'json']);
    expect(JSON.parse(results)).toEqual(
      JSON.parse(
        JSON.stringify({ request: ROW, entries: [ENTRY], refused: { entries: [REFUSED], hasOlder: false } }),
      ),
    );
  });

  it.each([
    [
      'a request that the ledger does not know',
      [ROW.name, '-n', 'team-b'],
      'the ledger knows no ApprovalRequest',
    ],
    ['no namespace', [ROW.name], '--namespace'],
  ])('refuses %s', async (_reason, argv, text) => {
    const ended = await show(argv);
    expect(ended).toMatchObject({ code: 2, results: '' });
    expect(ended.notes).toContain(text);
  });
});
