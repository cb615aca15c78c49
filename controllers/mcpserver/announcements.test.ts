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
      name: 'it describes itself otherwise',
      before: well,
      after: anObserved({ probe: aMemory({ settled: other }) }),
      expected: ['Normal DefinitionsChanged'],
    },
  ] as const)('$name', ({ before, after, expected }) => {
    expect(events(before, after)).toEqual(expected);
  });
});
