import { describe, expect, it } from 'vitest';
import { changesOf, countsOf, judge, judgeAll, summaryOf, worstOf } from './summary.ts';
import { aFinding, aRecord, aSummary } from './testing/objects.ts';

const THRESHOLDS = { score: 80, coverage: 70 };
const pass = aFinding();
const fail = aFinding({ outcome: 'Fail' });

describe('judge', () => {
  it.each([
    ['nothing', [], 'NotApplicable'],
    ['nothing that applies', [aFinding({ outcome: 'NotApplicable' })], 'NotApplicable'],
    ['a pass', [pass], 'Compliant'],
    ['as many failures as passes', [pass, fail], 'NonCompliant'],
    ['five passes and a failure: 83', [pass, pass, pass, pass, pass, fail], 'Compliant'],
    ['three passes and a failure: 75', [pass, pass, pass, fail], 'NonCompliant'],
    ['an error, which counts as a failure', [pass, aFinding({ outcome: 'Error' })], 'NonCompliant'],
    [
      'a lost verdict, which does too',
      [pass, aFinding({ outcome: 'Untestable', state: 'incomparable' })],
      'NonCompliant',
    ],
    ['a heuristic, which does not', [pass, aFinding({ outcome: 'Fail', scored: false })], 'Compliant'],
    ['a warning, which does not either', [pass, aFinding({ outcome: 'Warn' })], 'Compliant'],
    ['a waived failure', [pass, aFinding({ outcome: 'Waived' })], 'Compliant'],
    ['nothing that could be tested', [aFinding({ outcome: 'Untestable' })], 'Error'],
    ['half that could be tested', [pass, aFinding({ outcome: 'Untestable', state: 'new' })], 'NonCompliant'],
    [
      'one critical failure among many passes',
      [...Array.from({ length: 99 }, () => pass), aFinding({ outcome: 'Fail', severity: 'critical' })],
      'NonCompliant',
    ],
    [
      'one critical failure that is waived',
      [...Array.from({ length: 99 }, () => pass), aFinding({ outcome: 'Waived', severity: 'critical' })],
      'Compliant',
    ],
    ['only what is waived', [aFinding({ outcome: 'Waived' })], 'Compliant'],
  ] as const)('%s', (_what, findings, result) => {
    expect(judge(findings, THRESHOLDS).result).toBe(result);
  });

  it('of everything at 0 lets everything through but critical failures', () => {
    const none = { score: 0, coverage: 0 };
    expect(judge([fail], none).result).toBe('Compliant');
    expect(judge([aFinding({ outcome: 'Fail', severity: 'critical' })], none).result).toBe('NonCompliant');
  });
});

describe('judgeAll', () => {
  it.each([
    ['every server evaluated', [pass], 0, 'Compliant'],
    ['one that could not be', [pass], 1, 'Error'],
    ['none that could be', [], 1, 'Error'],
    ['one that could not be, and enough failures of another', [pass, fail], 1, 'NonCompliant'],
  ] as const)('%s', (_what, findings, unevaluated, result) => {
    expect(judgeAll(findings, THRESHOLDS, unevaluated).result).toBe(result);
  });
});

describe('countsOf', () => {
  it('counts in the words of report tools', () => {
    const findings = (
      ['Pass', 'Fail', 'Warn', 'Error', 'Untestable', 'NotApplicable', 'Waived', 'Manual'] as const
    ).map((outcome) => aFinding({ outcome }));
    const heuristic = aFinding({ outcome: 'Fail', scored: false });
    expect(countsOf([...findings, heuristic])).toEqual({ pass: 1, fail: 1, warn: 2, error: 1, skip: 4 });
  });
});

describe('changesOf', () => {
  it('counts what is news, and not what passes at its first look', () => {
    const findings = [
      aFinding({ state: 'new' }),
      aFinding({ state: 'new', outcome: 'Fail' }),
      aFinding({ state: 'resolved' }),
      aFinding({ state: 'unchanged' }),
      aFinding({ state: 'incomparable', outcome: 'Untestable' }),
    ];
    expect(changesOf(findings)).toEqual({ new: 1, resolved: 1, unchanged: 1, incomparable: 1 });
  });
});

describe('worstOf', () => {
  const failing = (check: string, severity: 'critical' | 'high' | 'low') =>
    aFinding({ check, severity, outcome: 'Fail', message: 'Wrong.' });

  it('is in one order, whatever that of the run was, and has ten at most', () => {
    const summaries = ['b', 'a'].map((name) =>
      aSummary(name, [
        failing('MCP-W01', 'low'),
        failing('MCP-S01', 'critical'),
        pass,
        failing('MCP-P02', 'high'),
        failing('MCP-P01', 'high'),
        aFinding({ check: 'MCP-S16', outcome: 'Fail', scored: false }),
      ]),
    );
    const worst = worstOf(summaries);
    expect(worst).toEqual(worstOf(summaries.toReversed()));
    expect(worst.map(({ check, server }) => `${check} ${server}`)).toEqual([
      'MCP-S01 team-a/a',
      'MCP-S01 team-a/b',
      'MCP-P01 team-a/a',
      'MCP-P01 team-a/b',
      'MCP-P02 team-a/a',
      'MCP-P02 team-a/b',
      'MCP-W01 team-a/a',
      'MCP-W01 team-a/b',
    ]);
    const many = Array.from({ length: 20 }, (_, index) =>
      aSummary(`s${index}`, [failing('MCP-S01', 'critical')]),
    );
    expect(worstOf(many)).toHaveLength(10);
  });
});

describe('summaryOf', () => {
  it('keeps what is needed, and no text of what passed', () => {
    const server = { namespace: 'team-a', name: 'one', uid: 'uid-one' };
    const findings = [
      aRecord({ message: 'It answers.' }),
      aRecord({ check: 'MCP-S08', outcome: 'Fail', message: 'It lets everybody in.' }),
    ];
    expect(summaryOf({ server, findings })).toEqual({
      server,
      findings: [
        aFinding(),
        aFinding({ check: 'MCP-S08', outcome: 'Fail', message: 'It lets everybody in.' }),
      ],
      evaluatedAt: findings[0]?.evaluatedAt,
    });
  });
});
