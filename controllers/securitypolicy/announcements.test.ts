import { describe, expect, it } from 'vitest';
import { announcements } from './announcements.ts';
import { decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { buildStatus } from './status.ts';
import { anObserved, aPolicy } from './testing/builders.ts';

const statusOf = (observed: Observed) => buildStatus(observed, decide(observed));
const wrong = (path: string) =>
  anObserved({ evaluation: { kind: 'impossible', problems: [{ path, message: 'is wrong' }] } });
const senseless = wrong('spec.volumes');
const otherwise = wrong('spec.images');
const open = anObserved({ locks: { webhook: false, secondLock: true } });
const audit = anObserved({ policy: aPolicy({ enforcement: 'Audit' }) });

describe('announcements', () => {
  it.each([
    { reason: 'a new policy', before: undefined, after: anObserved(), expected: [] },
    { reason: 'nothing happened', before: anObserved(), after: anObserved(), expected: [] },
    {
      reason: 'it makes no sense, which is told once',
      before: undefined,
      after: senseless,
      expected: ['Warning InvalidRule: spec.volumes: is wrong'],
    },
    { reason: 'it still makes no sense', before: senseless, after: senseless, expected: [] },
    { reason: 'it makes sense again', before: senseless, after: anObserved(), expected: [] },
    {
      reason: 'it makes no sense in another way',
      before: senseless,
      after: otherwise,
      expected: ['Warning InvalidRule: spec.images: is wrong'],
    },
    {
      reason: 'nobody asks it any more, which is told elsewhere',
      before: anObserved(),
      after: open,
      expected: [],
    },
    { reason: 'it was made to report only', before: undefined, after: audit, expected: [] },
  ])('$reason', ({ before, after, expected }) => {
    const policy = { ...after.policy, ...(before && { status: statusOf(before) }) };
    const events = announcements(policy, statusOf(after));
    expect(events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`)).toEqual(expected);
  });
});
