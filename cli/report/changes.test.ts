import { describe, expect, it } from 'vitest';
import type { ApprovalRow } from '../../approval/index.ts';
import { aPreImage } from '../../approval/testing/pre-image.ts';
import { anAction, aPlan, aRow } from '../../approval/testing/rows.ts';
import { serverChangeKey, type ChangeRecord } from '../../checks/engine/history.ts';
import { judgeChanges } from './changes.ts';

const UID = anAction().target.uid;
const FROM = '2026-11-01T00:00:00.000Z';

/** The server was found at a generation, on a day of November. */
function found(generation: number, day: number): ChangeRecord {
  return {
    key: serverChangeKey(UID, generation),
    kind: 'ServerChanged',
    object: { kind: 'MCPServer', namespace: 'team-a', name: 'github', uid: UID },
    changedBy: 'ivan',
    summary: `generation ${generation}`,
    at: `2026-11-${String(day).padStart(2, '0')}T00:00:00.000Z`,
  };
}

/** A request whose patch was applied on a generation. */
function executedOn(generation: number, changes: Partial<ApprovalRow> = {}): ApprovalRow {
  return aRow({}, { phase: 'Executed', preImage: aPreImage({ generation }), ...changes });
}

const judge = (changes: readonly ChangeRecord[], rows: readonly ApprovalRow[] = []) =>
  judgeChanges(changes, rows, FROM).map(({ change, generations, isUnapproved, approvals }) => ({
    found: change.summary,
    generations,
    isUnapproved,
    approvals: approvals.length,
  }));

describe('judgeChanges of a server', () => {
  it.each<[string, readonly ChangeRecord[], readonly ApprovalRow[], readonly object[]]>([
    [
      'tells a change that nobody approved',
      [found(1, 1), found(2, 2)],
      [],
      [
        { found: 'generation 1', generations: [1], isUnapproved: true, approvals: 0 },
        { found: 'generation 2', generations: [2], isUnapproved: true, approvals: 0 },
      ],
    ],
    [
      'tells a change that is an executed request',
      [found(3, 1), found(4, 2)],
      [executedOn(3)],
      [{ found: 'generation 4', generations: [], isUnapproved: false, approvals: 1 }],
    ],
    [
      'tells what went by before an executed request',
      [found(3, 1), found(6, 2)],
      [executedOn(5)],
      [{ found: 'generation 6', generations: [4, 5], isUnapproved: true, approvals: 1 }],
    ],
    [
      'tells what came after one',
      [found(3, 1), found(5, 2)],
      [executedOn(3)],
      [{ found: 'generation 5', generations: [5], isUnapproved: true, approvals: 1 }],
    ],
    [
      'counts both changes of one that was taken back',
      [found(3, 1), found(5, 2)],
      [executedOn(3, { phase: 'RolledBack' })],
      [{ found: 'generation 5', generations: [], isUnapproved: false, approvals: 2 }],
    ],
    ['does not judge what it was before the record begins', [found(7, 1)], [], []],
    [
      'counts no record of the operator, which changes no spec',
      [found(3, 1), found(4, 2)],
      [
        executedOn(3, {
          derived: aRow({ plan: aPlan({ effect: { kind: 'Baseline', hash: 'h' } }) }).derived,
        }),
      ],
      [{ found: 'generation 4', generations: [4], isUnapproved: true, approvals: 0 }],
    ],
    [
      'counts no request about another server',
      [found(3, 1), found(4, 2)],
      [executedOn(3, { action: anAction({ target: { ...anAction().target, uid: 'other' } }) })],
      [{ found: 'generation 4', generations: [4], isUnapproved: true, approvals: 0 }],
    ],
    [
      'counts no request that was never executed',
      [found(3, 1), found(4, 2)],
      [aRow({}, { phase: 'Approved' })],
      [{ found: 'generation 4', generations: [4], isUnapproved: true, approvals: 0 }],
    ],
  ])('%s', (_reason, changes, rows, expected) => {
    expect(judge(changes, rows)).toEqual(expected);
  });

  it('leaves out what was before the period, and goes by it', () => {
    const early = { ...found(3, 1), at: '2026-10-31T23:59:59.999Z' };
    expect(judge([early, found(4, 1)], [executedOn(3)])).toMatchObject([
      { found: 'generation 4', isUnapproved: false },
    ]);
  });

  it('names a bounded number of generations', () => {
    expect(judge([found(1, 1), found(1_000_000, 2)])[1]?.generations).toHaveLength(100);
  });
});

describe('judgeChanges of a rule', () => {
  const rule = (kind: ChangeRecord['kind']): ChangeRecord => ({
    key: `x:${kind}`,
    kind,
    object: { kind: 'ComplianceCheck', namespace: 'team-a', name: 'nightly', uid: UID },
    changedBy: 'rita',
    summary: kind,
    at: '2026-11-02T00:00:00.000Z',
  });
  const waived = aRow({ action: anAction({ kind: 'Waive' }) }, { phase: 'Executed' });

  it.each<[ChangeRecord['kind'], readonly ApprovalRow[], boolean]>([
    ['WaiverChanged', [], true],
    ['WaiverChanged', [waived], false],
    ['WaiverChanged', [{ ...waived, phase: 'Denied' }], true],
    ['CheckChanged', [waived], true],
    ['ProfileChanged', [], true],
  ])('%s with what was executed for it', (kind, rows, isUnapproved) => {
    expect(judge([rule(kind)], rows)).toMatchObject([{ isUnapproved }]);
  });
});
