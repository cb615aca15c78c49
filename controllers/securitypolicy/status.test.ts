import { describe, expect, it } from 'vitest';
import type { MCPSecurityPolicyStatus } from '../../api/index.ts';
import { decide } from './decide.ts';
import { AUDIT_PERIOD_MS, type Observed } from './observed.ts';
import { buildStatus } from './status.ts';
import { anObserved, aPolicy, NOW } from './testing/builders.ts';

const statusOf = (observed: Observed) => buildStatus(observed, decide(observed));
const stored = (observed: Observed): Observed['policy'] => ({
  ...observed.policy,
  status: statusOf(observed),
});
const HOUR = 3_600_000;

/** What an observation an hour after the first makes of its status. */
function later(change: Partial<Observed> = {}, figures: object = {}): MCPSecurityPolicyStatus {
  const first = anObserved();
  const evaluation = { ...first.evaluation, ...figures };
  return statusOf(anObserved({ policy: stored(first), nowMs: NOW + HOUR, evaluation, ...change }));
}

describe('buildStatus', () => {
  it('says what there is', () => {
    const serversByRule = new Map([
      ['labels.required', 2],
      ['maxReplicas', 1],
      ['volumes', 0],
    ]);
    const evaluation = { ...anObserved().evaluation, violatingServers: 2, serversByRule };
    expect(statusOf(anObserved({ evaluation }))).toEqual({
      observedGeneration: 1,
      conditions: [
        {
          type: 'Accepted',
          status: 'True',
          reason: 'Accepted',
          message: 'every rule and selector can be evaluated',
          observedGeneration: 1,
          lastTransitionTime: '2026-06-01T12:00:00Z',
        },
        {
          type: 'Enforced',
          status: 'True',
          reason: 'Enforced',
          message: 'admission asks this policy before a server is written',
          observedGeneration: 1,
          lastTransitionTime: '2026-06-01T12:00:00Z',
        },
      ],
      matchedServers: 3,
      violatingServers: 2,
      violations: 3,
      lastEvaluated: '2026-06-01T12:00:00Z',
    });
  });

  it('is equal to what is stored when nothing happened, also for a new process', () => {
    expect(later()).toEqual(statusOf(anObserved()));
  });

  it('has no figures of a policy that judges nobody: they would read as if all were well', () => {
    const problems = [{ path: 'spec.images.allowed[0]', message: 'is no pattern' }];
    const status = later({ evaluation: { kind: 'impossible', problems } });
    expect(Object.keys(status)).toEqual(['observedGeneration', 'conditions']);
  });

  it.each([
    { reason: 'nothing', status: later(), evaluated: '2026-06-01T12:00:00Z' },
    { reason: 'a figure', status: later({}, { matchedServers: 4 }), evaluated: '2026-06-01T13:00:00Z' },
    {
      reason: 'a condition: the figures are as they were',
      status: later({ locks: { webhook: false, secondLock: true } }),
      evaluated: '2026-06-01T12:00:00Z',
    },
    {
      reason: 'an audit half an hour ago',
      status: later({}, { auditedAtMs: NOW + HOUR / 2 }),
      evaluated: '2026-06-01T12:30:00Z',
    },
    {
      reason: 'an audit before the figures last changed',
      status: later({}, { auditedAtMs: NOW - HOUR }),
      evaluated: '2026-06-01T12:00:00Z',
    },
    {
      reason: 'nothing, in a process that starts long after the last evaluation',
      status: later({ nowMs: NOW + AUDIT_PERIOD_MS }),
      evaluated: '2026-06-01T22:00:00Z',
    },
  ])('dates the figures: after $reason', ({ status, evaluated }) => {
    expect(status.lastEvaluated).toBe(evaluated);
  });

  it('moves the time of a transition only with the status of the condition', () => {
    const status = later({ locks: { webhook: false, secondLock: true } });
    expect(status.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      '2026-06-01T12:00:00Z',
      '2026-06-01T13:00:00Z',
    ]);
  });

  it('speaks of the generation that was evaluated', () => {
    const status = statusOf(anObserved({ policy: aPolicy({}, { generation: 7 }) }));
    expect([status.observedGeneration, status.conditions?.[0]?.observedGeneration]).toEqual([7, 7]);
  });
});
