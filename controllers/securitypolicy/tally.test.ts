import { describe, expect, it } from 'vitest';
import { subjectOf } from '../../checks/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { PolicyTally } from './tally.ts';
import { anEngine, aPolicy } from './testing/builders.ts';

const namespace = { name: 'team-a', labels: { team: 'a' } };
const subject = subjectOf(aServer({ replicas: 3 }), namespace, DEFAULT_RENDER_SETTINGS);
const elsewhere = { matchLabels: { team: 'b' } };

describe('a tally', () => {
  it.each([
    { reason: 'another namespace', spec: { namespaceSelector: elsewhere }, verdict: { kind: 'unselected' } },
    { reason: 'nothing to break', spec: {}, verdict: { kind: 'satisfied' } },
    {
      reason: 'two rules, one of them in two places',
      spec: { maxReplicas: 2, labels: { required: ['owner', 'stage'] } },
      verdict: { kind: 'violated', policy: 'strict', rules: ['labels.required', 'maxReplicas'] },
    },
    { reason: 'a policy that makes no sense', spec: { maxReplicas: -1 }, verdict: { kind: 'unselected' } },
    { reason: 'a rule that fails', spec: { maxReplicas: 666 }, verdict: { kind: 'unselected' } },
  ])('judges: $reason', ({ spec, verdict }) => {
    expect(new PolicyTally(aPolicy(spec), anEngine()).judge(subject)).toEqual(verdict);
  });

  it('says the same in the same words: there are very many of them', () => {
    const tally = new PolicyTally(aPolicy({ maxReplicas: 2 }), anEngine());
    expect(tally.judge(subject)).toBe(tally.judge(subject));
  });

  it('knows why its policy cannot be evaluated', () => {
    const senseless = new PolicyTally(aPolicy({ maxReplicas: -1 }), anEngine());
    expect(senseless.problems).toEqual([{ path: 'spec.maxReplicas', message: 'must not be negative' }]);
    const failing = new PolicyTally(aPolicy({ maxReplicas: 666 }), anEngine());
    expect(failing.problems).toEqual([]);
    failing.judge(subject);
    expect(failing.problems).toEqual([{ path: 'spec', message: 'cannot be evaluated: a rule has a bug' }]);
  });

  it('sums up, and takes back', () => {
    const tally = new PolicyTally(aPolicy(), anEngine());
    tally.count({ kind: 'unselected' }, 1);
    tally.count({ kind: 'satisfied' }, 1);
    tally.count({ kind: 'violated', policy: 'strict', rules: ['a', 'b'] }, 1);
    tally.count({ kind: 'violated', policy: 'strict', rules: ['b'] }, 1);
    expect(tally.figures()).toEqual({
      matchedServers: 3,
      violatingServers: 2,
      serversByRule: new Map([
        ['a', 1],
        ['b', 2],
      ]),
    });
    tally.count({ kind: 'violated', policy: 'strict', rules: ['a', 'b'] }, -1);
    expect(tally.figures()).toEqual({
      matchedServers: 2,
      violatingServers: 1,
      serversByRule: new Map([
        ['a', 0],
        ['b', 1],
      ]),
    });
  });
});
