import { describe, expect, it } from 'vitest';
import { announcements } from './announcements.ts';
import { decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { buildStatus } from './status.ts';
import { anObserved, aPolicy } from './testing/builders.ts';

const statusOf = (observed: Observed) => buildStatus(observed, decide(observed));
const senseless = anObserved({
  evaluation: { kind: 'impossible', problems: [{ path: 'spec.volumes', message: 'is wrong' }] },
});
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
      reason: 'nobody asks it any more',
      before: anObserved(),
      after: open,
      expected: [expect.stringMatching(/^Warning WebhookMissing: the webhook configuration is gone/)],
    },
    { reason: 'it was made to report only', before: undefined, after: audit, expected: [] },
  ])('$reason', ({ before, after, expected }) => {
    const policy = { ...after.policy, ...(before && { status: statusOf(before) }) };
    const events = announcements(policy, statusOf(after));
    expect(events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`)).toEqual(expected);
  });
});
