import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { MCPSecurityPolicy, MCPServer } from '../../api/index.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import {
  createController,
  type Informers,
  type KubernetesClient,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { MCPSERVER } from '../mcpserver/index.ts';
import { createSecurityPolicyController } from './index.ts';
import { NAMESPACE, SECURITY_POLICY } from './kinds.ts';
import { aNamespace, anEngine, aPolicy } from './testing/builders.ts';
import { FakeInformer } from './testing/informer.ts';

const SECOND = 1_000;

/** A cluster that outlives the processes which work on it. */
class Cluster {
  readonly clock = new FakeClock();
  readonly policies = new FakeInformer<MCPSecurityPolicy>(SECURITY_POLICY);
  readonly servers = new FakeInformer<MCPServer>(MCPSERVER);
  readonly namespaces = new FakeInformer(NAMESPACE, aNamespace('team-a'));
  writes = 0;
  locks = { webhook: true, secondLock: true };
  #lockChanged: () => void = () => undefined;

  /** Starts a process. @returns what stops it. */
  start(): () => Promise<void> {
    const end = new AbortController();
    const client = {
      apply: (_type: ResourceType, { metadata, status }: MCPSecurityPolicy) => {
        const stored = this.policies.store.get({ namespace: '', name: metadata.name });
        if (stored === undefined || status === undefined) return Promise.reject(new Error('no such policy'));
        this.writes += 1;
        this.policies.put({ ...stored, status });
        return Promise.resolve({ ...stored, status });
      },
    };
    const informers = {
      for: ({ kind }: ResourceType) => (kind === MCPSERVER.kind ? this.servers : this.policies),
      forMetadata: () => this.namespaces,
    };
    const { parts } = createSecurityPolicyController({
      // Boundaries: as much of both as the controller uses.
      client: client as unknown as KubernetesClient,
      informers: informers as unknown as Informers,
      recorder: { event: () => undefined },
      metrics: new Registry(),
      engine: anEngine(),
      locks: {
        locks: () => this.locks,
        hasSynced: () => true,
        onChange: (tell) => {
          this.#lockChanged = tell;
          return () => undefined;
        },
      },
      clock: this.clock,
      random: () => 0,
      logger: silentLogger,
      rendering: DEFAULT_RENDER_SETTINGS,
    });
    const running = createController({ ...parts, logger: silentLogger, clock: this.clock }).run(end.signal);
    return () => {
      end.abort();
      return running;
    };
  }

  openLocks(): void {
    this.locks = { webhook: false, secondLock: false };
    this.#lockChanged();
  }

  get status() {
    return this.policies.store.get({ namespace: '', name: 'strict' })?.status;
  }
}

async function startedCluster() {
  const cluster = new Cluster();
  cluster.policies.put(aPolicy());
  cluster.servers.put(aServer({}, { name: 'first', uid: 'first' }));
  const stop = cluster.start();
  await cluster.clock.advance(SECOND);
  return { cluster, stop };
}

describe('the controller of policies', () => {
  it('writes once about a new policy', async () => {
    const { cluster, stop } = await startedCluster();
    expect([cluster.writes, cluster.status]).toMatchObject([1, { matchedServers: 1, violations: 1 }]);
    await stop();
  });

  it('writes a few times about a burst of servers, and ends with every one of them', async () => {
    const { cluster, stop } = await startedCluster();
    for (let index = 0; index < 1_000; index++) {
      cluster.servers.put(aServer({}, { name: `server-${index}`, uid: `${index}` }));
      await cluster.clock.advance(20);
    }
    const burstSeconds = 20;
    await cluster.clock.advance(10 * SECOND);
    expect(cluster.status).toMatchObject({ matchedServers: 1_001, violatingServers: 1_001 });
    expect(cluster.writes).toBeGreaterThan(2);
    expect(cluster.writes).toBeLessThanOrEqual(3 + burstSeconds / 5 + 1);
    await stop();
  });

  it('writes nothing when a process starts and nothing has changed, whenever that is', async () => {
    const { cluster, stop } = await startedCluster();
    await stop();
    const before = cluster.status;
    await cluster.clock.advance(3_600 * SECOND);
    const stopAgain = cluster.start();
    await cluster.clock.advance(3_600 * SECOND);
    expect([cluster.writes, cluster.status]).toEqual([1, before]);
    await stopAgain();
  });

  it('confirms the figures every ten hours, with one write', async () => {
    const { cluster, stop } = await startedCluster();
    const before = cluster.status?.lastEvaluated ?? '';
    await cluster.clock.advance(10 * 3_600 * SECOND + SECOND);
    expect(cluster.writes).toBe(2);
    expect(Date.parse(cluster.status?.lastEvaluated ?? '') - Date.parse(before)).toBe(36_000_000);
    await stop();
  });

  it('says at once when nobody asks the policy any more', async () => {
    const { cluster, stop } = await startedCluster();
    cluster.openLocks();
    await cluster.clock.advance(SECOND);
    expect(cluster.status?.conditions?.[1]).toMatchObject({ type: 'Enforced', reason: 'WebhookMissing' });
    await stop();
  });
});
