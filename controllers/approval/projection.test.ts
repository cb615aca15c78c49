import { describe, expect, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import type { ExecutedAction } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { silentLogger } from '../../core/logger.ts';
import { aServer } from '../../render/testing/a-server.ts';
import type { ApprovalFeed } from './feed.ts';
import { ServerProjection, ownShare, quarantineEvents, shareOf, takesBack } from './projection.ts';

const HASH = `sha256:${'a'.repeat(64)}`;
const executed = (kind: ExecutedAction['kind'], effect: ExecutedAction['effect']): ExecutedAction => ({
  requestUid: 'uid',
  namespace: 'team-a',
  requestName: `the-${kind}`,
  kind,
  targetUid: 'uid-of-github',
  effect,
  executedAt: '2026-11-26T10:00:00.500Z',
  ledgerSeq: 7,
});
const BEGUN = executed('Quarantine', { kind: 'Quarantine', operation: 'Begin' });
const ENDED = executed('Quarantine', { kind: 'Quarantine', operation: 'End' });
const ACCEPTED = executed('AcceptDefinitions', { kind: 'Baseline', hash: HASH });

describe('what executed requests mean for a server', () => {
  it.each<[string, readonly ExecutedAction[], object]>([
    ['nothing', [], {}],
    [
      'that it is stopped',
      [BEGUN],
      { quarantine: { request: 'the-Quarantine', since: '2026-11-26T10:00:00Z' } },
    ],
    ['that it is stopped no longer', [ENDED], {}],
    [
      'what its definitions are to be',
      [ACCEPTED],
      { baseline: { hash: HASH, request: 'the-AcceptDefinitions', acceptedAt: '2026-11-26T10:00:00Z' } },
    ],
    [
      'nothing, for waivers of somebody',
      [executed('Waive', { kind: 'Waiver', check: 'MCP-W01', waiverHash: HASH })],
      {},
    ],
  ])('%s', (_reason, actions, share) => {
    expect(shareOf(actions, [])).toEqual(share);
  });

  it('beside how many wait for people', () => {
    const rows = [aRow(), aRow({}, { phase: 'Approved' }), aRow({ requestUid: 'other' })];
    expect(shareOf([], rows)).toEqual({ pendingApprovals: 2 });
  });

  it('never becomes empty again', () => {
    expect(shareOf([], [], true)).toEqual({ pendingApprovals: 0 });
  });

  it('is found again in a status, among what others write', () => {
    const share = shareOf([BEGUN, ACCEPTED], [aRow()]);
    expect(ownShare({ ...share, replicas: 3, conditions: [] })).toEqual(share);
    expect(ownShare(undefined)).toEqual({});
  });

  it.each<[string, readonly ExecutedAction[], readonly ExecutedAction[], boolean]>([
    ['a quarantine that is no more', [BEGUN], [], true],
    ['definitions that are no more', [ACCEPTED], [], true],
    ['a quarantine that begins', [], [BEGUN], false],
    ['definitions that were accepted for the first time', [], [ACCEPTED], false],
    ['nothing new', [BEGUN, ACCEPTED], [BEGUN, ACCEPTED], false],
  ])('takes back what was in force or not: %s', (_what, before, after, expected) => {
    expect(takesBack(shareOf(before, []), shareOf(after, []))).toBe(expected);
  });

  it.each([
    ['keeps what is in force while the database is one that was restored', false, 0, 'requeue'],
    ['goes by the database once that is acknowledged', true, 1, 'done'],
  ])('%s', async (_what, isContinued, writes, kind) => {
    const server = { ...aServer(), status: shareOf([BEGUN], []) } as unknown as MCPServer;
    const written: unknown[] = [];
    const feed = {
      ready: () => Promise.resolve(),
      read: () => Promise.resolve([]),
      rows: { about: () => [] },
    };
    const projection = new ServerProjection({
      servers: { get: () => server },
      // A boundary: only these are used.
      feed: feed as unknown as ApprovalFeed,
      writer: {
        applyStatus: (_type, _object, share) => {
          written.push(share);
          return Promise.resolve(true);
        },
      },
      recorder: { event: () => undefined },
      isLedgerContinued: () => Promise.resolve(isContinued),
    });
    const result = await projection.reconcile(
      { namespace: 'team-a', name: 'github' },
      { signal: new AbortController().signal, logger: silentLogger, reconcileID: '1' },
    );
    expect([written.length, result.kind]).toEqual([writes, kind]);
  });

  it('is told when a quarantine begins, and when it ends', () => {
    const stopped = shareOf([BEGUN], []);
    expect(quarantineEvents(undefined, stopped).map(({ reason }) => reason)).toEqual(['Quarantined']);
    expect(quarantineEvents(stopped, stopped)).toEqual([]);
    expect(quarantineEvents(stopped, {}).map(({ reason }) => reason)).toEqual(['QuarantineEnded']);
  });
});
