import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import { nextTurn } from '../../core/next-turn.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import {
  ApiConflictError,
  NotFoundError,
  type KubernetesClient,
  type KubernetesObject,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import { GITHUB, OWNER, SAMPLE_FINDINGS, sampleFinding } from '../../reports/testing/sample.ts';
import { createReportPublisher, type ReportPublisher } from './index.ts';

const OPEN = 'openreports.io/reports';
const OLD = 'wgpolicyk8s.io/policyreports';
const NEVER = new AbortController().signal;
const OTHER = { ...OWNER, name: 'weekly', uid: 'other' };
const share = (change: object = {}) => ({
  owner: OWNER,
  profile: 'baseline',
  server: GITHUB,
  runId: 'run-1',
  findings: [SAMPLE_FINDINGS.Fail],
  ...change,
});

interface StoredReport extends KubernetesObject {
  readonly results: readonly { readonly rule: string; readonly properties: { complianceCheck: string } }[];
}

/** An API server that keeps reports, serves the kinds of `served`, and fails writes while `failure` is set. */
class World {
  served = new Set([OPEN]);
  failure: Error | undefined;
  readonly stored = new Map<string, StoredReport>();
  readonly writes: string[] = [];
  readonly observed: string[] = [];
  readonly clock = new FakeClock();
  running = 0;
  most = 0;
  #version = 1;

  readonly publisher: ReportPublisher = createReportPublisher({
    client: this.#client(),
    discovery: {
      resources: (group) =>
        Promise.resolve(
          new Set(
            [...this.served].filter((name) => name.startsWith(group)).map((name) => name.split('/')[1] ?? ''),
          ),
        ),
    },
    namespaces: [],
    clock: this.clock,
    logger: silentLogger,
    observe: (kind) => this.observed.push(kind),
  });

  put(type: ResourceType, object: KubernetesObject): void {
    const uid = object.metadata.uid ?? `uid-${this.#version}`;
    const metadata = { ...object.metadata, uid, resourceVersion: String((this.#version += 1)) };
    this.stored.set(this.#key(type, object.metadata.name), { ...object, metadata } as StoredReport);
  }

  #key({ group, plural }: ResourceType, name: string): string {
    if (!this.served.has(`${group}/${plural}`)) throw new NotFoundError(status(404));
    return `${group}/${plural}/${name}`;
  }

  #client(): KubernetesClient {
    const client: Partial<KubernetesClient> = {
      get: (async (type: ResourceType, { name }: { name: string }) => {
        this.running += 1;
        this.most = Math.max(this.most, this.running);
        await nextTurn();
        this.running -= 1;
        return this.served.has(`${type.group}/${type.plural}`)
          ? this.stored.get(this.#key(type, name))
          : undefined;
      }) as KubernetesClient['get'],
      list: (async (type: ResourceType) => ({
        items: [...this.stored]
          .filter(([key]) => key.startsWith(`${type.group}/`))
          .map(([, object]) => object),
        resourceVersion: '1',
      })) as unknown as KubernetesClient['list'],
      apply: (async (type: ResourceType, intent: KubernetesObject) => {
        const live = this.stored.get(this.#key(type, intent.metadata.name));
        if (this.failure !== undefined) throw this.failure;
        if ((live?.metadata.resourceVersion ?? '1') !== intent.metadata.resourceVersion)
          throw new ApiConflictError(status(409));
        this.writes.push(`apply ${type.plural}`);
        this.put(type, {
          ...intent,
          metadata: { ...intent.metadata, ...(live?.metadata.uid && { uid: live.metadata.uid }) },
        });
        return intent;
      }) as KubernetesClient['apply'],
      delete: async (type, { name }, { uid }) => {
        const key = this.#key(type, name);
        if (this.stored.get(key)?.metadata.uid !== uid) throw new ApiConflictError(status(409));
        this.stored.delete(key);
        this.writes.push(`delete ${type.plural}`);
      },
    };
    return client as KubernetesClient;
  }
}

function status(code: number) {
  return { code, reason: '', message: `status ${code}`, causes: [], retryAfterMs: undefined };
}

describe('publishing', () => {
  it('writes once, and nothing while nothing changes', async () => {
    const world = new World();
    const api = 'openreports.io/v1alpha1';
    expect(await world.publisher.publish(share(), NEVER)).toEqual({ kind: 'published', api });
    expect(await world.publisher.publish(share({ runId: 'run-2' }), NEVER)).toEqual({
      kind: 'unchanged',
      api,
    });
    const changed = share({ findings: [sampleFinding({ outcome: 'Pass' })] });
    expect(await world.publisher.publish(changed, NEVER)).toEqual({ kind: 'published', api });
    expect(world.writes).toEqual(['apply reports', 'apply reports']);
    expect(world.observed).toEqual(['published', 'unchanged', 'published']);
  });

  it.each([
    ['the older API, where there is no other', [OLD], 'wgpolicyk8s.io/v1alpha2', ['apply policyreports']],
    ['the newer one alone, where there are both', [OLD, OPEN], 'openreports.io/v1alpha1', ['apply reports']],
  ])('uses %s', async (_reason, served, api, writes) => {
    const world = new World();
    world.served = new Set(served);
    expect(await world.publisher.publish(share(), NEVER)).toEqual({ kind: 'published', api });
    expect(world.writes).toEqual(writes);
  });

  it('takes back what it wrote to the older API, once there is the newer one', async () => {
    const world = new World();
    world.served = new Set([OLD]);
    await world.publisher.publish(share(), NEVER);
    world.served.add(OPEN);
    await world.clock.advance(300_000);
    await world.publisher.publish(share(), NEVER);
    expect(world.writes).toEqual(['apply policyreports', 'delete policyreports', 'apply reports']);
  });

  it('says when there is no API, and goes on by itself when there is one', async () => {
    const world = new World();
    world.served = new Set();
    expect(await world.publisher.publish(share(), NEVER)).toEqual({ kind: 'noAPI' });
    world.served.add(OPEN);
    await world.clock.advance(30_000);
    expect(await world.publisher.publish(share(), NEVER)).toMatchObject({ kind: 'published' });
  });

  it('notices at the next write that the API is gone', async () => {
    const world = new World();
    await world.publisher.publish(share(), NEVER);
    world.served = new Set();
    expect(await world.publisher.publish(share(), NEVER)).toMatchObject({ kind: 'failed' });
    expect(await world.publisher.publish(share(), NEVER)).toEqual({ kind: 'noAPI' });
  });

  it('lets several checks share the report of a server, also at the same time', async () => {
    const world = new World();
    await Promise.all([
      world.publisher.publish(share(), NEVER),
      world.publisher.publish(share({ owner: OTHER }), NEVER),
      world.publisher.publish(share({ findings: [] }), NEVER),
    ]);
    const owners = [...world.stored.values()][0]?.results.map(({ properties }) => properties.complianceCheck);
    expect(owners).toEqual(['ComplianceCheck/team-a/weekly']);
  });

  it('leaves alone what belongs to another', async () => {
    const world = new World();
    const name = `mcp-${GITHUB.uid}`;
    const labels = { 'app.kubernetes.io/managed-by': 'kyverno' };
    world.put(
      { group: 'openreports.io', version: 'v1alpha1', kind: 'Report', plural: 'reports', namespaced: true },
      {
        apiVersion: 'openreports.io/v1alpha1',
        kind: 'Report',
        metadata: { name, namespace: 'team-a', labels },
      },
    );
    expect(await world.publisher.publish(share(), NEVER)).toMatchObject({ kind: 'foreign' });
    expect(world.writes).toEqual([]);
  });

  it('pauses after five failures, lets one try after the pause, and goes on when that succeeds', async () => {
    const world = new World();
    world.failure = new Error('etcdserver: no space');
    for (let count = 0; count < 5; count += 1)
      expect(await world.publisher.publish(share(), NEVER)).toEqual({
        kind: 'failed',
        message: 'etcdserver: no space',
      });
    expect(await world.publisher.publish(share(), NEVER)).toEqual({ kind: 'suspended', retryInMs: 30_000 });
    world.failure = undefined;
    await world.clock.advance(30_000);
    expect(await world.publisher.publish(share(), NEVER)).toMatchObject({ kind: 'published' });
    expect(await world.publisher.publish(share(), NEVER)).toMatchObject({ kind: 'unchanged' });
  });

  it('asks the API server about four reports at the same time at most', async () => {
    const world = new World();
    const uids = Array.from({ length: 20 }, (_, index) => `uid-${index}`);
    await Promise.all(
      uids.map((uid) => world.publisher.publish(share({ server: { ...GITHUB, uid } }), NEVER)),
    );
    expect(world.stored.size).toBe(20);
    expect(world.most).toBe(4);
  });

  it('ends with the reason of the signal, which is no failure', async () => {
    const world = new World();
    const reason = new Error('the leader changed');
    await expect(world.publisher.publish(share(), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(world.observed).toEqual([]);
  });
});

describe('sweeping', () => {
  it('takes away results of checks that are gone, and reports without any', async () => {
    const world = new World();
    await world.publisher.publish(share(), NEVER);
    await world.publisher.publish(share({ owner: OTHER }), NEVER);
    await world.publisher.sweep((owner) => owner.endsWith('/weekly'), NEVER);
    const rest = [...world.stored.values()].flatMap(({ results }) => results);
    expect(rest.map(({ properties }) => properties.complianceCheck)).toEqual([
      'ComplianceCheck/team-a/weekly',
    ]);
    await world.publisher.sweep(() => true, NEVER);
    expect(world.stored.size).toBe(1);
    await world.publisher.sweep(() => false, NEVER);
    expect(world.stored.size).toBe(0);
  });

  it('touches no report that another server owns', async () => {
    const world = new World();
    await world.publisher.publish(share(), NEVER);
    const [[key, report] = []] = world.stored;
    if (key === undefined || report === undefined) throw new Error('nothing was stored');
    world.stored.set(key, { ...report, metadata: { ...report.metadata, ownerReferences: [] } });
    await world.publisher.sweep(() => false, NEVER);
    expect(world.stored.size).toBe(1);
  });
});
