import { beforeEach, describe, expect, it } from 'vitest';
import type { Timer } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { formatKey } from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { MCPSERVER } from '../mcpserver/index.ts';
import type { PolicyEngine } from './engine.ts';
import { Evaluations } from './evaluations.ts';
import { NAMESPACE, SECURITY_POLICY } from './kinds.ts';
import { AUDIT_PERIOD_MS } from './observed.ts';
import { aNamespace, anEngine, aPolicy } from './testing/builders.ts';
import { FakeInformer } from './testing/informer.ts';

const server = (name: string, metadata: object = {}) =>
  aServer({}, { name, uid: `uid-of-${name}`, ...metadata });
const NEVER = new AbortController().signal;
const owned = { labels: { owner: 'me' }, generation: 2 };

/** A clock on which the evaluation of one server by one policy takes 2 ms, and which knows how much of that each turn had. */
class BusyClock extends FakeClock {
  evaluations = 0;
  mostInOneTurn = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.evaluations * 2;
  }

  override setTimeout(callback: () => void, durationMs: number): Timer {
    const turn = (): void => {
      const before = this.evaluations;
      callback();
      this.mostInOneTurn = Math.max(this.mostInOneTurn, this.evaluations - before);
    };
    return super.setTimeout(turn, durationMs);
  }
}

function aCluster(clock = new FakeClock(), onEvaluation: () => void = () => undefined) {
  const policies = new FakeInformer(SECURITY_POLICY, aPolicy());
  const servers = new FakeInformer(MCPSERVER, server('a'), server('b'));
  const namespaces = new FakeInformer(NAMESPACE, aNamespace('team-a'));
  const engine = anEngine();
  const evaluatePolicy: PolicyEngine['evaluatePolicy'] = (policy, subject) => {
    onEvaluation();
    return engine.evaluatePolicy(policy, subject);
  };
  const evaluations = new Evaluations({
    policies,
    servers,
    namespaces,
    engine: { ...engine, evaluatePolicy },
    rendering: DEFAULT_RENDER_SETTINGS,
    clock,
    random: () => 0.5,
    logger: silentLogger,
  });
  const told = { policies: [] as string[], servers: [] as string[] };
  const stops = [
    evaluations.policyWatch().start((key) => told.policies.push(formatKey(key))),
    evaluations.watch().start((key, priority) => {
      // Edits of users have 0.
      told.servers.push(priority < 0 ? formatKey(key) : `at once: ${formatKey(key)}`);
    }),
  ];
  const stop = (): void => {
    for (const each of stops) each();
  };
  return { policies, servers, namespaces, clock, engine, evaluations, told, stop };
}

describe('evaluations of many policies', () => {
  it('leave time for others: a turn of the event loop has a few of them, and the next ones go on', async () => {
    const clock = new BusyClock();
    const cluster = aCluster(clock, () => {
      clock.evaluations += 1;
    });
    for (let index = 0; index < 19; index++)
      cluster.policies.put(aPolicy(undefined, { name: `policy-${index}` }));
    await clock.advance(0);
    expect([clock.evaluations, clock.mostInOneTurn]).toEqual([2 * 20, 3]);
    expect(cluster.evaluations.figures().size).toBe(20);
  });

  it('leave time for others when the controller of servers asks, too, and it gets the whole answer', async () => {
    const clock = new BusyClock();
    const cluster = aCluster(clock, () => {
      clock.evaluations += 1;
    });
    for (let index = 0; index < 19; index++)
      cluster.policies.put(aPolicy(undefined, { name: `policy-${index}` }));
    const answer = cluster.evaluations.violationsOf(server('a'), NEVER);
    expect(clock.evaluations).toBe(3);
    await clock.advance(0);
    expect(await answer).toHaveLength(20);
    expect(clock.evaluations).toBe(2 * 20);
  });
});

describe('evaluations', () => {
  let cluster: ReturnType<typeof aCluster>;
  beforeEach(async () => {
    cluster = aCluster();
    expect(cluster.evaluations.evaluationOf(aPolicy())).toEqual({ kind: 'pending' });
    await cluster.clock.advance(0);
  });
  /** Does `act` and lets everything follow that follows. */
  const settle = async (act: () => void = () => undefined): Promise<void> => {
    cluster.told.policies.length = 0;
    cluster.told.servers.length = 0;
    act();
    await cluster.clock.advance(0);
  };

  it('begin with everything there is, and tell each policy once when that is done', () => {
    expect(cluster.told).toEqual({ policies: ['strict'], servers: ['team-a/a', 'team-a/b'] });
    expect(cluster.evaluations.evaluationOf(aPolicy())).toMatchObject({
      kind: 'complete',
      matchedServers: 2,
      violatingServers: 2,
      serversByRule: new Map([['labels.required', 2]]),
    });
    expect(cluster.engine.asked()).toBe(2);
  });

  it.each([
    {
      change: 'a server that now keeps the policy',
      act: () => cluster.servers.put(server('a', owned)),
      asked: 1,
      told: { policies: ['strict'], servers: ['team-a/a'] },
    },
    {
      change: 'a server that still breaks it',
      act: () => cluster.servers.put(server('a', { generation: 2 })),
      asked: 1,
      told: { policies: [], servers: [] },
    },
    {
      change: 'the status of a server',
      act: () => cluster.servers.put({ ...server('a'), status: { replicas: 1 } }),
      asked: 0,
      told: { policies: [], servers: [] },
    },
    {
      change: 'a server that is gone',
      act: () => cluster.servers.remove(server('a')),
      asked: 0,
      told: { policies: ['strict'], servers: [] },
    },
    {
      change: 'a policy that asks for nothing any more',
      act: () => cluster.policies.put(aPolicy({}, { generation: 2 })),
      asked: 2,
      told: { policies: ['strict'], servers: ['team-a/a', 'team-a/b'] },
    },
    {
      change: 'the status of a policy',
      act: () => cluster.policies.put({ ...aPolicy(), status: {} }),
      asked: 0,
      told: { policies: [], servers: [] },
    },
    {
      change: 'a policy that is gone',
      act: () => cluster.policies.remove(aPolicy()),
      asked: 0,
      told: { policies: [], servers: ['team-a/a', 'team-a/b'] },
    },
    {
      change: 'a namespace with another label',
      act: () => cluster.namespaces.put(aNamespace('team-a', { stage: 'test' })),
      asked: 2,
      told: { policies: [], servers: [] },
    },
    {
      change: 'a namespace with the same labels',
      act: () => cluster.namespaces.put(aNamespace('team-a')),
      asked: 0,
      told: { policies: [], servers: [] },
    },
    {
      change: 'a namespace without servers',
      act: () => cluster.namespaces.put(aNamespace('team-b', { stage: 'test' })),
      asked: 0,
      told: { policies: [], servers: [] },
    },
  ])('judge what the change touches, and tell who has to know: $change', async ({ act, asked, told }) => {
    const before = cluster.engine.asked();
    await settle(act);
    const policies = [...new Set(cluster.told.policies)];
    expect([cluster.engine.asked() - before, { ...cluster.told, policies }]).toEqual([asked, told]);
  });

  it('know of a new server at once when its own controller asks, and do not send it there again', async () => {
    cluster.servers.put(server('new'));
    expect(await cluster.evaluations.violationsOf(server('new'), NEVER)).toEqual([
      { policy: 'strict', rules: ['labels.required'] },
    ]);
    await settle();
    expect([cluster.told.servers, cluster.engine.asked()]).toEqual([[], 3]);
    expect(cluster.evaluations.evaluationOf(aPolicy())).toMatchObject({ matchedServers: 3 });
  });

  it('do nothing at all without policies', async () => {
    cluster.policies.remove(aPolicy());
    await settle();
    cluster.servers.put(server('new'));
    cluster.namespaces.put(aNamespace('team-a', { stage: 'test' }));
    expect(cluster.clock.pendingTimers).toBe(0);
    expect(await cluster.evaluations.violationsOf(server('new'), NEVER)).toEqual([]);
    expect(cluster.clock.pendingTimers).toBe(0);
  });

  it('say nothing of a policy that changed before every server was judged by it', async () => {
    const next = aPolicy({ maxReplicas: 0 }, { generation: 2 });
    cluster.policies.put(next);
    await cluster.evaluations.violationsOf(server('a'), NEVER);
    expect(cluster.evaluations.evaluationOf(next)).toEqual({ kind: 'pending' });
    expect(cluster.evaluations.figures().get('strict')).toMatchObject({
      serversByRule: new Map([['labels.required', 2]]),
    });
    await settle();
    expect(cluster.evaluations.evaluationOf(next)).toMatchObject({ kind: 'complete', violatingServers: 2 });
    expect(cluster.evaluations.figures().get('strict')).toMatchObject({
      serversByRule: new Map([['maxReplicas', 2]]),
    });
  });

  it('have no figures of a policy that makes no sense, and hold it against no server', async () => {
    const senseless = aPolicy({ maxReplicas: -1, labels: { required: ['owner'] } }, { generation: 2 });
    cluster.policies.put(senseless);
    await settle();
    expect(cluster.evaluations.evaluationOf(senseless)).toEqual({
      kind: 'impossible',
      problems: [{ path: 'spec.maxReplicas', message: 'must not be negative' }],
    });
    expect(cluster.evaluations.figures().size).toBe(0);
    expect(await cluster.evaluations.violationsOf(server('a'), NEVER)).toEqual([]);
    expect(cluster.told.policies).toContain('strict');
  });

  it('are made anew when they are old, by nobody but that policy, and then say when', async () => {
    const found = cluster.evaluations.evaluationOf(aPolicy());
    if (found.kind !== 'complete') throw new Error('it is not complete');
    expect(found.dueInMs).toBe(AUDIT_PERIOD_MS * 1.05);
    await cluster.clock.advance(found.dueInMs);
    expect(cluster.evaluations.evaluationOf(aPolicy())).toEqual({ kind: 'pending' });
    await settle();
    expect([cluster.engine.asked(), cluster.told]).toEqual([4, { policies: ['strict'], servers: [] }]);
    expect(cluster.evaluations.evaluationOf(aPolicy())).toMatchObject({
      kind: 'complete',
      auditedAtMs: cluster.clock.now().getTime(),
    });
  });

  it('leave no timer behind', async () => {
    cluster.policies.put(aPolicy({}, { generation: 2 }));
    cluster.stop();
    await cluster.clock.advance(0);
    expect(cluster.clock.pendingTimers).toBe(0);
  });
});
