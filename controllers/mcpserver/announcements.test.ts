import { describe, expect, it } from 'vitest';
import { aServer } from '../../render/testing/a-server.ts';
import { announcements } from './announcements.ts';
import { decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { buildStatus } from './status.ts';
import { aBrokenPod, aDeployment, aMemory, anObserved, VERIFIED, withStatus } from './testing/builders.ts';

const events = (before: Observed | undefined, after: Observed): readonly string[] => {
  const server = before === undefined ? after.server : withStatus(before);
  const next = {
    ...after,
    server: { ...after.server, ...(before && { status: withStatus(before).status }) },
  };
  return announcements(server, buildStatus(next, decide(next))).map(
    ({ type, reason }) => `${type} ${reason}`,
  );
};

const well = anObserved();
const fresh = anObserved({ probe: aMemory() }, { pods: [], deployment: undefined });
const crashing = anObserved(
  {},
  {
    pods: [aBrokenPod({ state: { terminated: { exitCode: 1 } } })],
    deployment: aDeployment({ availableReplicas: 0 }),
  },
);
const failing = anObserved({
  probe: aMemory({ failure: { kind: 'failed', reason: 'Timeout', message: 'm' }, misses: 3 }),
});
const other = { ...VERIFIED, definitions: { ...VERIFIED.definitions, hash: `sha256:${'9'.repeat(64)}` } };
const breaking = (...policies: readonly (readonly [string, ...string[]])[]): Observed =>
  anObserved({ brokenPolicies: policies.map(([policy, ...rules]) => ({ policy, rules })) });
const MANY = Array.from({ length: 90 }, (_, index) => [`policy-${index}`, 'volumes'] as const);

describe('announcements', () => {
  it.each([
    { name: 'a new server that starts', before: undefined, after: fresh, expected: [] },
    { name: 'it works', before: fresh, after: well, expected: ['Normal Verified', 'Normal Ready'] },
    { name: 'nothing happened', before: well, after: well, expected: [] },
    { name: 'it crashes', before: well, after: crashing, expected: ['Warning CrashLooping'] },
    { name: 'it still crashes', before: crashing, after: crashing, expected: [] },
    { name: 'it stops answering', before: well, after: failing, expected: ['Warning Timeout'] },
    {
      name: 'it wants credentials',
      before: fresh,
      after: anObserved({
        probe: aMemory({ settled: { kind: 'authRequired', status: 401, challenge: true } }),
      }),
      expected: ['Normal AuthRequired'],
    },
    {
      name: 'a name is taken',
      before: undefined,
      after: anObserved({ children: { kind: 'collision', object: 'Service a/b', owner: undefined } }),
      expected: ['Warning NameCollision'],
    },
    {
      name: 'a child is refused',
      before: well,
      after: anObserved({ children: { kind: 'refused', object: 'Deployment a/b', message: 'm' } }),
      expected: ['Warning ApplyFailed'],
    },
    {
      name: 'it is suspended',
      before: well,
      after: anObserved({ server: aServer({ suspend: true }), children: { kind: 'suspended' } }),
      expected: [],
    },
    {
      name: 'it begins to break a policy',
      before: well,
      after: breaking(['strict', 'images.allowed']),
      expected: ['Warning PolicyViolated'],
    },
    {
      name: 'it breaks a policy from its first day',
      before: undefined,
      after: { ...fresh, ...breaking(['strict', 'images.allowed']), probe: fresh.probe },
      expected: ['Warning PolicyViolated'],
    },
    {
      name: 'it still breaks it, and its condition says so',
      before: breaking(['strict', 'images.allowed']),
      after: breaking(['strict', 'images.allowed']),
      expected: [],
    },
    {
      name: 'it breaks a second policy',
      before: breaking(['strict', 'images.allowed']),
      after: breaking(['default', 'podSecurity'], ['strict', 'images.allowed']),
      expected: ['Warning PolicyViolated'],
    },
    {
      name: 'it breaks a second rule of the policy',
      before: breaking(['strict', 'images.allowed']),
      after: breaking(['strict', 'images.allowed', 'volumes']),
      expected: ['Warning PolicyViolated'],
    },
    {
      name: 'it breaks one rule less, and still the policy',
      before: breaking(['strict', 'images.allowed', 'volumes']),
      after: breaking(['strict', 'images.allowed']),
      expected: [],
    },
    {
      name: 'it keeps one of two policies again',
      before: breaking(['default', 'podSecurity'], ['strict', 'images.allowed']),
      after: breaking(['default', 'podSecurity']),
      expected: ['Normal PolicySatisfied'],
    },
    {
      name: 'it breaks another policy instead',
      before: breaking(['default', 'podSecurity']),
      after: breaking(['strict', 'images.allowed']),
      expected: ['Warning PolicyViolated', 'Normal PolicySatisfied'],
    },
    {
      name: 'it keeps every policy again',
      before: breaking(['strict', 'images.allowed']),
      after: well,
      expected: ['Normal PolicySatisfied'],
    },
    {
      name: 'it keeps more policies than the condition could name',
      before: breaking(...MANY),
      after: well,
      expected: ['Normal PolicySatisfied'],
    },
    {
      name: 'what the condition has no room for any more has not stopped',
      before: breaking(['z-strict', 'volumes']),
      after: breaking(...MANY, ['z-strict', 'volumes']),
      expected: ['Warning PolicyViolated'],
    },
    {
      name: 'the condition has something worse to say: the policy is still broken',
      before: breaking(['strict', 'images.allowed']),
      after: {
        ...breaking(['strict', 'images.allowed']),
        children: { kind: 'collision', object: 'Service a/b', owner: undefined },
      },
      expected: ['Warning NameCollision'],
    },
    {
      name: 'it describes itself otherwise',
      before: well,
      after: anObserved({ probe: aMemory({ settled: other }) }),
      expected: ['Normal DefinitionsChanged'],
    },
  ] as const)('$name', ({ before, after, expected }) => {
    expect(events(before, after)).toEqual(expected);
  });
});
