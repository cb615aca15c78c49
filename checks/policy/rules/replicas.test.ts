import { expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

it.each([0, 1, 3])('admits %i of 3', (replicas) => {
  expect(evaluatePolicy(aPolicy({ maxReplicas: 3 }), aSubject({ replicas }))).toEqual([]);
});

it('refuses more', () => {
  expect(evaluatePolicy(aPolicy({ maxReplicas: 3 }), aSubject({ replicas: 4 }))).toEqual([
    {
      policy: 'strict',
      rule: 'maxReplicas',
      severity: 'medium',
      path: 'spec.replicas',
      value: '4',
      message: 'A server may have at most 3 replicas here.',
      fix: 'Set it to 3 or less.',
    },
  ]);
});

it('may be 0', () => {
  expect(evaluatePolicy(aPolicy({ maxReplicas: 0 }), aSubject({ replicas: 1 }))).toHaveLength(1);
});

it('has nothing to say about a server elsewhere', () => {
  expect(evaluatePolicy(aPolicy({ maxReplicas: 0 }), aRemoteSubject())).toEqual([]);
});
