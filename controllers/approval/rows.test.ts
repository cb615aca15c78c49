import { describe, expect, it } from 'vitest';
import { aPlan, aRow, anAction, later } from '../../approval/testing/rows.ts';
import { OpenRows, isNewer } from './rows.ts';

describe('open rows', () => {
  const one = aRow({ requestUid: 'one', name: 'one' });
  const two = aRow({ requestUid: 'two', name: 'two', createdAt: later(5).toISOString() });
  const other = aRow({
    requestUid: 'other',
    name: 'other',
    action: anAction({ parameters: { check: 'MCP-W03' } }),
  });

  it('are found by name and by target, and rivals are about the same', () => {
    const rows = new OpenRows();
    expect([one, two, other].map((row) => rows.put(row))).toEqual([true, true, true]);
    expect(rows.named({ namespace: 'team-a', name: 'two' })).toEqual([two]);
    expect(rows.named({ namespace: 'team-b', name: 'two' })).toEqual([]);
    expect(rows.about(one.action.target.uid)).toHaveLength(3);
    expect(rows.rivalsOf(one)).toEqual([two]);
    expect(rows.rivalsOf(other)).toEqual([]);
  });

  it('are no rivals that ask for the very same Quarantine, so that nobody stalls one by asking again', () => {
    const quarantine = (requestUid: string, operation: 'Begin' | 'End') =>
      aRow({
        requestUid,
        name: requestUid,
        action: anAction({ kind: 'Quarantine', parameters: { operation } }),
        plan: aPlan({ effect: { kind: 'Quarantine', operation } }),
      });
    const rows = new OpenRows();
    const [begin, again, end] = [
      quarantine('begin', 'Begin'),
      quarantine('again', 'Begin'),
      quarantine('end', 'End'),
    ];
    for (const row of [begin, again, end]) rows.put(row);
    expect(rows.rivalsOf(begin)).toEqual([end]);
  });

  it('take what a restored database has for true, once they are cleared', () => {
    const rows = new OpenRows();
    rows.put({ ...one, version: 7 });
    expect(rows.put({ ...one, version: 3 })).toBe(false);
    rows.clear();
    expect(rows.put({ ...one, version: 3 })).toBe(true);
    expect([rows.list(), rows.about(one.action.target.uid)]).toEqual([
      [{ ...one, version: 3 }],
      [{ ...one, version: 3 }],
    ]);
  });

  it('know what is news, and forget what is final', () => {
    const rows = new OpenRows();
    rows.put(one);
    expect(rows.put(one)).toBe(false);
    expect(rows.put({ ...one, version: 2, phase: 'Denied' })).toBe(true);
    expect(rows.list()).toEqual([]);
    expect(rows.named({ namespace: 'team-a', name: 'one' })).toEqual([]);
    expect(rows.about(one.action.target.uid)).toEqual([]);
  });

  it.each([
    ['made later', one, two, false],
    ['made earlier', two, one, true],
    ['made in the same second, of a smaller uid', one, { ...one, requestUid: 'a' }, true],
    ['made in the same second, of a greater uid', one, { ...one, requestUid: 'z' }, false],
  ])('are newer or not than one that was %s', (_reason, row, rival, expected) => {
    expect(isNewer(row, rival)).toBe(expected);
  });
});
