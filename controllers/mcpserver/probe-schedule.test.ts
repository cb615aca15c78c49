import { describe, expect, it } from 'vitest';
import { ANNOTATIONS } from '../../api/index.ts';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import { choosePod, nextProbeMs, podRun } from './probe-schedule.ts';
import { aContainer, aMemory, aPod } from './testing/builders.ts';

const requested = aServer({}, { annotations: { [ANNOTATIONS.probeRequestedAt]: '2026-01-01T00:00:00Z' } });

describe('nextProbeMs', () => {
  it.each([
    {
      name: 'never without a ready pod',
      memory: aMemory(),
      server: aServer(),
      runs: [],
      expected: undefined,
    },
    {
      name: 'never without a ready pod, even on request',
      memory: aMemory(),
      server: requested,
      runs: [],
      expected: undefined,
    },
    {
      name: 'at once when a pod has started',
      memory: aMemory({ dueMs: 9, seen: new Set(['a/0']) }),
      server: aServer(),
      runs: ['a/0', 'b/0'],
      expected: 0,
    },
    {
      name: 'at once when a pod has restarted',
      memory: aMemory({ dueMs: 9, seen: new Set(['a/0']) }),
      server: aServer(),
      runs: ['a/1'],
      expected: 0,
    },
    {
      name: 'as planned when nothing happened',
      memory: aMemory({ dueMs: 9, seen: new Set(['a/0']) }),
      server: aServer(),
      runs: ['a/0'],
      expected: 9,
    },
    {
      name: 'at once on request',
      memory: aMemory({ dueMs: 9, seen: new Set(['a/0']) }),
      server: requested,
      runs: ['a/0'],
      expected: 0,
    },
    {
      name: 'as planned after the request was honoured',
      memory: aMemory({ dueMs: 9, seen: new Set(['a/0']), request: '2026-01-01T00:00:00Z' }),
      server: requested,
      runs: ['a/0'],
      expected: 9,
    },
    {
      name: 'as planned for a remote server, which has no pods',
      memory: aMemory({ dueMs: 9 }),
      server: aRemoteServer(),
      runs: [],
      expected: 9,
    },
  ])('$name', ({ memory, server, runs, expected }) => {
    expect(nextProbeMs(memory, server, runs)).toBe(expected);
  });
});

describe('choosePod', () => {
  const [a, b, c] = [aPod('a'), aPod('b'), aPod('c')];
  const all = new Set([a, b, c].map(podRun));

  it.each([
    {
      name: 'one that was never asked',
      memory: aMemory({ seen: new Set([podRun(a), podRun(c)]) }),
      expected: 'b',
    },
    {
      name: 'the one that failed',
      memory: aMemory({ seen: all, failingRun: podRun(b), lastRun: podRun(c) }),
      expected: 'b',
    },
    { name: 'the next one', memory: aMemory({ seen: all, lastRun: podRun(a) }), expected: 'b' },
    { name: 'the first after the last', memory: aMemory({ seen: all, lastRun: podRun(c) }), expected: 'a' },
    {
      name: 'the first when the last is gone',
      memory: aMemory({ seen: all, lastRun: 'gone/0' }),
      expected: 'a',
    },
  ])('takes $name, whatever their order', ({ memory, expected }) => {
    expect(choosePod(memory, [c, a, b])?.metadata.name).toBe(expected);
    expect(choosePod(memory, [b, c, a])?.metadata.name).toBe(expected);
  });

  it('takes none when there is none', () => {
    expect(choosePod(aMemory(), [])).toBeUndefined();
  });
});

describe('podRun', () => {
  it('changes with a restart and with the pod, and with nothing else', () => {
    const restarted = aPod('a', { containerStatuses: [aContainer({ restartCount: 1 })] });
    const flapping = aPod('a', { conditions: [{ type: 'Ready', status: 'False' }] });
    expect(podRun(restarted)).not.toBe(podRun(aPod('a')));
    expect(podRun(aPod('b'))).not.toBe(podRun(aPod('a')));
    expect(podRun(flapping)).toBe(podRun(aPod('a')));
  });
});
