import { describe, expect, it } from 'vitest';
import type { ApprovalRow } from '../../approval/index.ts';
import { nextStep, type NextStep } from './resume.ts';
import type { Image } from './target.ts';

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
    expect(nextStep(given, image)).toEqual<NextStep>(expected as NextStep);
  });
});
