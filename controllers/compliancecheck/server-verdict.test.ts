import { describe, expect, it } from 'vitest';
import { ownShare } from './server-reconciler.ts';
import { shareOf, type Coverage } from './server-verdict.ts';
import { aCheck, aClusterCheck, aFinding, aServer, aSummary, NOW_MS } from './testing/objects.ts';

const server = aServer('one');
const fail = aFinding({ check: 'MCP-S08', outcome: 'Fail' });
const by = (check: Coverage['check'], findings?: readonly ReturnType<typeof aFinding>[]): Coverage =>
  findings === undefined ? { check } : { check, summary: aSummary('one', findings) };
const mine = aCheck();
const fleet = aClusterCheck();

describe('Compliant of a server', () => {
  it.each<[string, readonly Coverage[], string, string]>([
    ['one check that is content', [by(mine, [aFinding()])], 'True', 'Compliant'],
    ['two that are', [by(mine, [aFinding()]), by(fleet, [aFinding()])], 'True', 'Compliant'],
    ['one of two that is not', [by(mine, [aFinding()]), by(fleet, [fail])], 'False', 'NonCompliant'],
    [
      'one that is not, beside one that has not looked',
      [by(mine, [fail]), by(fleet)],
      'False',
      'NonCompliant',
    ],
    ['one that has not looked', [by(mine, [aFinding()]), by(fleet)], 'Unknown', 'NotEvaluated'],
    [
      'one that could evaluate nothing',
      [by(mine, [aFinding({ outcome: 'Untestable' })])],
      'Unknown',
      'EvaluationFailed',
    ],
    ['one that is suspended', [by(aCheck({ suspend: true }), [aFinding()])], 'Unknown', 'Suspended'],
    [
      'one that is suspended beside one that is not content',
      [by(aCheck({ suspend: true }), [aFinding()]), by(fleet, [fail])],
      'False',
      'NonCompliant',
    ],
    [
      'one that was not content and is suspended',
      [by(aCheck({ suspend: true }), [fail]), by(fleet, [aFinding()])],
      'Unknown',
      'Suspended',
    ],
    [
      'nothing that applies',
      [by(mine, [aFinding({ outcome: 'NotApplicable' })])],
      'Unknown',
      'NotApplicable',
    ],
    [
      'nothing that applies beside one that is content',
      [by(mine, [aFinding({ outcome: 'NotApplicable' })]), by(fleet, [aFinding()])],
      'True',
      'Compliant',
    ],
  ])('%s', (_what, coverage, status, reason) => {
    expect(shareOf(server, coverage, NOW_MS).conditions).toEqual([
      expect.objectContaining({ type: 'Compliant', status, reason }),
    ]);
  });

  it('of a suspended server is Unknown', () => {
    const suspended = aServer('one', { suspend: true });
    expect(shareOf(suspended, [by(mine, [fail])], NOW_MS).conditions?.[0]?.reason).toBe('Suspended');
  });

  it('names the checks, the same in whatever order they come', () => {
    const coverage = [by(mine, [fail]), by(fleet, [fail])];
    const message = (all: readonly Coverage[]) => shareOf(server, all, NOW_MS).conditions?.[0]?.message;
    expect(message(coverage)).toBe(
      'below what is asked by ClusterComplianceCheck fleet, ComplianceCheck nightly',
    );
    expect(message(coverage.toReversed())).toBe(message(coverage));
  });

  it('is not there on a server that no check covers', () => {
    expect(shareOf(server, [], NOW_MS)).toEqual({});
  });
});

describe('the figures of a server', () => {
  const half = by(fleet, [aFinding({ check: 'MCP-P01' }), fail]);

  it('are the lowest of its checks, and count a failed check once', () => {
    const { compliance } = shareOf(server, [by(mine, [aFinding(), aFinding(), fail]), half], NOW_MS);
    expect(compliance).toMatchObject({
      score: 50,
      coverage: 100,
      failed: 1,
      lastRun: '2026-11-25T11:00:00Z',
    });
  });

  it('name what was evaluated when all of them evaluated the same', () => {
    const subject = (...subjects: readonly string[]) =>
      shareOf(
        server,
        subjects.map((each) => ({ ...half, subject: each })),
        NOW_MS,
      ).compliance?.subject;
    expect(subject('sha256:a', 'sha256:a')).toBe('sha256:a');
    expect(subject('sha256:a', 'sha256:b')).toBeUndefined();
  });

  it('are not there before anything was evaluated', () => {
    expect(shareOf(server, [by(mine)], NOW_MS).compliance).toBeUndefined();
  });
});

describe('ownShare', () => {
  it('is what this controller writes, and nothing of the others', () => {
    const share = shareOf(server, [by(mine, [aFinding()])], NOW_MS);
    const ready = { type: 'Ready', status: 'True' };
    const live = { ...share, replicas: 1, conditions: [ready, ...(share.conditions ?? [])] };
    expect(ownShare(live)).toEqual(share);
    expect(ownShare({ replicas: 1, conditions: [ready] })).toEqual({});
    expect(ownShare(undefined)).toEqual({});
  });
});
