import { describe, expect, it } from 'vitest';
import type { Outcome } from './outcome.ts';
import type { FindingRecord } from './record.ts';
import { marksOf } from './score.ts';

type Scorable = Parameters<typeof marksOf>[0][number];

function finding(outcome: Outcome, changes: Partial<Scorable> = {}): Scorable {
  return { outcome, severity: 'medium', scored: true, state: 'unchanged', ...changes };
}

const times = (count: number, one: Scorable): readonly Scorable[] => Array.from({ length: count }, () => one);
const severity = (of: FindingRecord['severity']) => ({ severity: of });

describe('score and coverage', () => {
  it.each([
    { reason: 'nothing', findings: [], marks: {} },
    { reason: 'a pass', findings: [finding('Pass')], marks: { score: 100, coverage: 100 } },
    {
      reason: 'severities weigh: 10, 6, 3, 1',
      findings: [
        finding('Fail', severity('critical')),
        finding('Pass', severity('high')),
        finding('Pass', severity('medium')),
        finding('Pass', severity('low')),
      ],
      marks: { score: 50, coverage: 100 },
    },
    {
      reason: 'an error is no better than a failure, and not judged',
      findings: [finding('Pass'), finding('Error')],
      marks: { score: 50, coverage: 50 },
    },
    {
      reason: 'what cannot be tested lowers the coverage only',
      findings: [finding('Pass'), finding('Untestable')],
      marks: { score: 100, coverage: 50 },
    },
    {
      reason: 'a verdict that was lost counts as failed',
      findings: [finding('Pass'), finding('Untestable', { state: 'incomparable' })],
      marks: { score: 50, coverage: 50 },
    },
    {
      reason: 'waived failures, warnings and what is not scored leave the score alone',
      findings: [finding('Pass'), finding('Waived'), finding('Warn'), finding('Fail', { scored: false })],
      marks: { score: 100, coverage: 100 },
    },
    {
      reason: 'what says nothing of the server counts nowhere',
      findings: [finding('Pass'), finding('NotApplicable'), finding('Manual')],
      marks: { score: 100, coverage: 100 },
    },
    { reason: 'nothing applies', findings: [finding('NotApplicable')], marks: {} },
    {
      reason: 'nothing could be judged',
      findings: [finding('Untestable')],
      marks: { coverage: 0 },
    },
    {
      reason: '100 is never shown where something failed',
      findings: [...times(400, finding('Pass', severity('critical'))), finding('Fail', severity('low'))],
      marks: { score: 99, coverage: 100 },
    },
  ])('$reason', ({ findings, marks }) => {
    expect(marksOf(findings)).toEqual(marks);
  });

  it('is never raised by breaking a check that fails', () => {
    const rest = [finding('Pass'), finding('Fail', severity('low'))];
    const failing = marksOf([...rest, finding('Fail')]).score;
    expect(marksOf([...rest, finding('Error')]).score).toBe(failing);
  });
});
