import { describe, expect, it } from 'vitest';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import { decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { newMemory } from './probe-memory.ts';
import { buildStatus } from './status.ts';
import {
  aBrokenPod,
  aContainer,
  aDeployment,
  aMemory,
  anObserved,
  aPod,
  NOW,
  VERIFIED,
  withStatus,
} from './testing/builders.ts';

const statusOf = (observed: Observed) => buildStatus(observed, decide(observed));
const HOUR = 3_600_000;

describe('buildStatus', () => {
  it('is equal to what is stored when nothing happened, however much time passed', () => {
    const server = withStatus(anObserved());
    expect(statusOf(anObserved({ server, nowMs: NOW + HOUR }))).toEqual(server.status);
  });

  it('is equal to what is stored when a new process looks', () => {
    const states: readonly Observed[] = [
      anObserved(),
      anObserved({ server: aRemoteServer(), workload: undefined }),
      anObserved({ probe: aMemory() }),
      anObserved({ probe: aMemory({ settled: { kind: 'authRequired', status: 403, challenge: true } }) }),
      anObserved({
        probe: aMemory({ failure: { kind: 'failed', reason: 'TLSFailed', message: 'm' }, misses: 3 }),
      }),
      anObserved({
        probe: aMemory({ settled: { kind: 'unreadable', reason: 'ReferenceNotFound', message: 'm' } }),
      }),
      anObserved({ server: aServer({ replicas: 0 }) }),
      anObserved({ server: aServer({ suspend: true }), children: { kind: 'suspended' } }),
    ];
    for (const state of states) {
      const server = withStatus(state);
      const templateHash = state.workload?.templateHash;
      const probe = newMemory(server, { subject: 's', templateHash, readyRuns: [], nowMs: 5, jitter: 0 });
      expect(statusOf({ ...state, server, probe, nowMs: NOW + HOUR })).toEqual(server.status);
    }
  });

  it('moves the time of a transition only with the status of the condition', () => {
    const server = withStatus(anObserved({ probe: aMemory() }));
    const later = statusOf(anObserved({ server, nowMs: NOW + HOUR }));
    const times = Object.fromEntries(
      (later.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    );
    expect(times).toMatchObject({
      Accepted: '2026-06-01T12:00:00Z',
      Available: '2026-06-01T12:00:00Z',
      Verified: '2026-06-01T13:00:00Z',
      Ready: '2026-06-01T13:00:00Z',
    });
  });

  it('shows what a probe learned', () => {
    expect(statusOf(anObserved())).toMatchObject({
      observedGeneration: 1,
      address: { url: 'http://mcp-github.team-a.svc:8080/mcp' },
      protocol: VERIFIED.protocol,
      definitions: { tools: 3, changedAt: '2026-06-01T12:00:00Z' },
      lastProbe: {
        outcome: 'Verified',
        reason: 'Verified',
        since: '2026-06-01T12:00:00Z',
        podTemplateHash: 'current',
      },
      sessionAffinity: 'ClientIP',
      replicas: 1,
      readyReplicas: 1,
    });
  });

  it('does not report a ready pod before its Deployment does: one write, not two', () => {
    const deployment = aDeployment({ readyReplicas: 0, availableReplicas: 0 });
    const before = anObserved({ probe: aMemory() }, { deployment, pods: [aBrokenPod({})] });
    const between = anObserved({ probe: aMemory(), server: withStatus(before) }, { deployment });
    expect(statusOf(between)).toEqual(withStatus(before).status);
  });

  it('has no workload, and no template, of a remote server', () => {
    const status = statusOf(anObserved({ server: aRemoteServer(), workload: undefined }));
    expect(status.lastProbe).toEqual({
      outcome: 'Verified',
      reason: 'Verified',
      since: '2026-06-01T12:00:00Z',
    });
    expect(Object.keys(status)).not.toEqual(expect.arrayContaining(['replicas']));
    expect(status).not.toHaveProperty('image');
    expect(status.address).toEqual({ url: 'https://mcp.example.com/mcp' });
  });

  it.each([
    { name: 'verified', probe: aMemory({ settled: VERIFIED }), shown: true },
    {
      name: 'waiting for credentials',
      probe: aMemory({ settled: { kind: 'authRequired', status: 401, challenge: true } }),
      shown: true,
    },
    { name: 'unknown', probe: aMemory(), shown: false },
    {
      name: 'failing',
      probe: aMemory({
        settled: VERIFIED,
        failure: { kind: 'failed', reason: 'Timeout', message: 'm' },
        misses: 3,
      }),
      shown: false,
    },
  ] as const)('shows the address of a server that is $name: $shown', ({ probe, shown }) => {
    expect(statusOf(anObserved({ probe })).address !== undefined).toBe(shown);
  });

  it('keeps what was learned while a probe misses, and says that it missed', () => {
    const server = withStatus(anObserved());
    const missed = statusOf(
      anObserved({
        server,
        nowMs: NOW + HOUR,
        probe: aMemory({
          settled: VERIFIED,
          failure: { kind: 'failed', reason: 'Timeout', message: 'm' },
          misses: 1,
        }),
      }),
    );
    expect(missed).toMatchObject({
      protocol: VERIFIED.protocol,
      definitions: server.status.definitions,
      lastProbe: { outcome: 'Failed', reason: 'Timeout', since: '2026-06-01T13:00:00Z' },
    });
  });

  it('dates a change of definitions', () => {
    const server = withStatus(anObserved());
    const other = { ...VERIFIED, definitions: { ...VERIFIED.definitions, hash: `sha256:${'1'.repeat(64)}` } };
    const changed = statusOf(anObserved({ server, nowMs: NOW + HOUR, probe: aMemory({ settled: other }) }));
    expect(changed.definitions).toMatchObject({
      hash: other.definitions.hash,
      changedAt: '2026-06-01T13:00:00Z',
    });
  });

  describe('the digest of the image', () => {
    const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
    const pod = (name: string, letter: string) =>
      aPod(name, { containerStatuses: [aContainer({ imageID: `example.com/server@${digestOf(letter)}` })] });

    it('is what nodes resolved, whatever the order of pods', () => {
      const [one, other] = [pod('a', 'b'), pod('b', 'a')];
      for (const pods of [
        [one, other],
        [other, one],
      ])
        expect(statusOf(anObserved({}, { pods })).image).toEqual({
          ref: 'example.com/server:1.0.0',
          digest: digestOf('a'),
        });
    });

    it('stays while no pod is ready, and goes with another reference', () => {
      const server = withStatus(anObserved({}, { pods: [pod('a', 'c')] }));
      expect(statusOf(anObserved({ server }, { pods: [] })).image?.digest).toBe(digestOf('c'));
      const moved = { ...server, spec: aServer({ source: { image: { ref: 'example.com/server:2' } } }).spec };
      expect(statusOf(anObserved({ server: moved }, { pods: [] })).image).toEqual({
        ref: 'example.com/server:2',
      });
    });
  });
});
