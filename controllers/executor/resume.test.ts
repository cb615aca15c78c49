import { describe, expect, it } from 'vitest';
import type { ApprovalRow } from '../../approval/index.ts';
import { nextStep, type NextStep } from './resume.ts';
import type { Image } from './target.ts';

const NOW = new Date('2026-11-26T10:00:00Z');
const PATCH = { kind: 'Patch', operations: [] } as const;
const BACK = { reason: 'NotSettled', message: 'Ready is False (CrashLooping)' } as const;

function row(effect: object, rollback?: ApprovalRow['rollback']): ApprovalRow {
  return { derived: { plan: { effect } }, ...(rollback && { rollback }) } as unknown as ApprovalRow;
}

const end = (phase: string, reason: string): object => ({
  kind: 'finish',
  outcome: { phase, reason, message: expect.any(String) as string },
});

describe('the next step of a request in Executing', () => {
  it.each<[string, ApprovalRow, Image, object]>([
    ['applies the patch to what is as it was', row(PATCH), 'pre', { kind: 'apply' }],
    ['looks whether it helped, once it is there', row(PATCH), 'post', { kind: 'verify' }],
    ['touches nothing that it does not know', row(PATCH), 'other', end('Failed', 'TargetUnrecognised')],
    ['ends when the target is gone', row(PATCH), 'gone', end('Failed', 'TargetGone')],
    ['puts the values back that were said to be', row(PATCH, BACK), 'post', { kind: 'rollBack' }],
    ['never applies again what was taken back', row(PATCH, BACK), 'pre', end('RolledBack', 'NotSettled')],
    ['says so when it cannot', row(PATCH, BACK), 'other', end('Failed', 'RollbackFailed')],
    ['says so when there is nothing left', row(PATCH, BACK), 'gone', end('Failed', 'RollbackFailed')],
    [
      'is over for a record: the row is the act',
      row({ kind: 'Quarantine', operation: 'Begin' }),
      'gone',
      end('Executed', 'Recorded'),
    ],
  ])('%s', (_name, given, image, expected) => {
    expect(nextStep(given, image, NOW)).toEqual<NextStep>(expected as NextStep);
  });

  const ended = (seconds: number, given: ApprovalRow): ApprovalRow => ({
    ...given,
    executeBefore: new Date(NOW.getTime() - seconds * 1_000).toISOString(),
  });

  it.each<[string, ApprovalRow, Image, object]>([
    ['applies what ended a moment ago', ended(59, row(PATCH)), 'pre', { kind: 'apply' }],
    ['does nothing any more a minute later', ended(60, row(PATCH)), 'pre', end('Failed', 'TooLate')],
    [
      'records nothing any more',
      ended(60, row({ kind: 'Quarantine', operation: 'End' })),
      'gone',
      end('Failed', 'TooLate'),
    ],
    ['looks after what it did, however late', ended(9_999, row(PATCH)), 'post', { kind: 'verify' }],
    ['takes back what it did, however late', ended(9_999, row(PATCH, BACK)), 'post', { kind: 'rollBack' }],
  ])('%s', (_name, given, image, expected) => {
    expect(nextStep(given, image, NOW)).toEqual<NextStep>(expected as NextStep);
  });
});
