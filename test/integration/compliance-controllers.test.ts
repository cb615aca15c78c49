/**
 * Compliance checks against a real API server, a real database and real MCP servers in this process: what is asserted is what people see in the
 * cluster and what history holds.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { CheckStatus, ComplianceCheck, MCPServer } from '../../api/index.ts';
import {
  CLUSTER_COMPLIANCE_CHECK,
  COMPLIANCE_CHECK,
  COMPLIANCE_PROFILE,
} from '../../controllers/compliancecheck/kinds.ts';
import { COMPLIANCE_PERMISSIONS } from '../../controllers/compliancecheck/permissions.ts';
import { MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import { SECURITY_POLICY_PERMISSIONS } from '../../controllers/securitypolicy/permissions.ts';
import { systemClock } from '../../core/clock.ts';
import { keyOf } from '../../operator/runtime/index.ts';
import type { OpenStore } from '../../stores/open-store.ts';
import { inMemoryStore } from '../../stores/testing/in-memory.ts';
import { startFixtureServer, type FixtureServer } from '../fixtures/mcp-server/index.ts';
import { checkManifest, clusterCheckManifest, profileManifest } from '../harness/compliance.ts';
import {
  faulty,
  startCompliance,
  type FaultyHistory,
  type RunningCompliance,
} from '../harness/compliance-controllers.ts';
import { kubectl } from '../harness/kubectl.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { startRuntime, type RuntimeFixture } from '../harness/runtime.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { waitFor } from '../harness/wait.ts';

const ASKED = ['MCP-P01', 'MCP-P02', 'MCP-S08'];
const ANNOTATION = 'mcp.kilocode.ai/run-requested-at';

describe('compliance checks', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let operator: TestServiceAccount;
  let runtime: RuntimeFixture;
  let store: OpenStore;
  let history: FaultyHistory;
  let controllers: RunningCompliance;
  let good: FixtureServer;
  let bad: FixtureServer;
  let isHanging = false;
  let profile: string;

  const start = (epoch: number) =>
    startCompliance({
      kubeconfigPath: operator.kubeconfigPath,
      namespace: namespace.name,
      history,
      epoch,
    });
  const apply = (manifest: object) => kubectl(kubeconfigPath, ['apply', '-f', '-'], JSON.stringify(manifest));
  const run = (...args: string[]) => kubectl(kubeconfigPath, ['-n', namespace.name, ...args]);
  const server = async (name: string): Promise<MCPServer> => {
    const found = await runtime.client.get(MCPSERVER, { namespace: namespace.name, name }, runtime.signal);
    if (found === undefined) throw new Error(`there is no server ${name}`);
    return found;
  };
  const check = async (name = 'nightly'): Promise<ComplianceCheck> => {
    const key = { namespace: namespace.name, name };
    const found = await runtime.client.get(COMPLIANCE_CHECK, key, runtime.signal);
    if (found === undefined) throw new Error(`there is no check ${name}`);
    return found;
  };
  const statusOf = async (name?: string): Promise<CheckStatus> => (await check(name)).status ?? {};
  const condition = (status: CheckStatus, type: string) =>
    status.conditions?.find((each) => each.type === type)?.reason;
  const compliant = async (name: string) =>
    (await server(name)).status?.conditions?.find(({ type }) => type === 'Compliant')?.reason;
  const settled = (name?: string): Promise<CheckStatus> =>
    waitFor(
      async () => {
        const status = await statusOf(name);
        return status.phase === 'Done' && status.lastRun?.finishedAt !== undefined && status;
      },
      { description: 'a finished run', deadlineMs: 60_000 },
    );
  const settledAfter = (id: string | undefined, name?: string): Promise<CheckStatus> =>
    waitFor(
      async () => {
        const status = await settled(name);
        return status.lastRun?.id !== id && status;
      },
      { description: 'another finished run', deadlineMs: 60_000 },
    );

  /** What the controller of servers would say of one that works. */
  async function create(name: string, url: string): Promise<void> {
    const manifest = mcpServerManifest({ source: { remote: { url } } }, { name, namespace: namespace.name });
    await apply(manifest);
    const { metadata } = await server(name);
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: 'played',
      observedGeneration: metadata.generation,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const { apiVersion, kind } = MCPSERVER_IDENTITY;
    const withStatus = {
      apiVersion,
      kind,
      metadata: keyOf(await server(name)),
      status: { conditions: [ready] },
    };
    await runtime.client.apply(
      MCPSERVER,
      withStatus,
      { fieldManager: 'mcp-operator/mcpserver', subresource: 'status', force: true },
      runtime.signal,
    );
  }

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'compliance');
    profile = `${namespace.name}-v1`;
    // With exactly the rights that the code declares, and so the chart grants.
    const account = { namespace: namespace.name, name: 'operator' };
    const rights = [...MCPSERVER_PERMISSIONS, ...SECURITY_POLICY_PERMISSIONS, ...COMPLIANCE_PERMISSIONS];
    operator = await createServiceAccount(kubeconfigPath, account, rights);
    runtime = await startRuntime(kubeconfigPath, namespace.name);
    good = await startFixtureServer({});
    bad = await startFixtureServer({
      behaviour: { origin: 'accept', crash: { how: 'hang', on: () => isHanging } },
    });
    store = await inMemoryStore(systemClock);
    history = faulty(store);
    controllers = await start(1);
    await create('good', good.url);
    await create('bad', bad.url);
    await apply(profileManifest({ checks: ASKED.map((id) => ({ id })) }, { name: profile }));
  }, 120_000);
  afterAll(async () => {
    await controllers.stop();
    await kubectl(kubeconfigPath, ['delete', 'mcpcp', profile]);
    await runtime.stop();
    await operator.remove();
    await namespace.remove();
    await Promise.all([good.close(), bad.close(), store.close()]);
  });

  it('a new one runs at once: score and worst on the check, Compliant and score on its servers', async () => {
    const spec = { profileRef: { name: profile }, schedule: '0 0 1 1 *', thresholds: { score: 100 } };
    await apply(checkManifest(spec, { name: 'nightly', namespace: namespace.name }));
    const status = await settled();
    expect(status).toMatchObject({
      result: 'NonCompliant',
      counts: { pass: 5, fail: 1, warn: 0, error: 0, skip: 0 },
      coverage: 100,
      servers: 2,
      lastRun: { trigger: 'Change' },
      nextRun: expect.stringMatching(/^20\d\d-01-01T00:00:00Z$/),
      worst: [{ server: `${namespace.name}/bad`, check: 'MCP-S08', severity: 'high' }],
    });
    expect(condition(status, 'Ready')).toBe('Ready');
    expect(condition(status, 'Recorded')).toBe('Recorded');
    expect(condition(status, 'ReportsPublished')).toBe('NoReportAPI');
    await waitFor(async () => (await compliant('bad')) === 'NonCompliant');
    await waitFor(async () => (await compliant('good')) === 'Compliant');
    expect((await server('good')).status?.compliance).toMatchObject({ score: 100, coverage: 100, failed: 0 });
    expect((await server('bad')).status?.compliance).toMatchObject({ failed: 1 });
    // What the other controller wrote is still there.
    expect((await server('bad')).status?.conditions?.map(({ type }) => type).toSorted()).toEqual([
      'Compliant',
      'Ready',
    ]);
    expect(controllers.events).toEqual(
      expect.arrayContaining(['ComplianceCheck/nightly: NonCompliant', 'MCPServer/bad: NonCompliant']),
    );
    const stored = await store.run(status.lastRun?.id ?? '');
    expect(stored).toMatchObject({ result: 'NonCompliant', profile: { name: profile } });
    expect(await controllers.metrics.metrics()).toContain('mcp_compliance_score{');
  });

  it('writes nothing while nothing happens, also after a restart', async () => {
    const before = await Promise.all([check(), server('good'), server('bad')]);
    await controllers.stop();
    controllers = await start(2);
    await create('other', good.url);
    // It is covered too, and checked by itself: what was there before is left as it is.
    await waitFor(async () => (await compliant('other')) === 'Compliant', { deadlineMs: 60_000 });
    const [, one, two] = before;
    expect((await server('good')).metadata.resourceVersion).toBe(one.metadata.resourceVersion);
    expect((await server('bad')).metadata.resourceVersion).toBe(two.metadata.resourceVersion);
    const status = await settled();
    expect(status.lastRun?.trigger).toBe('Change');
    expect(status.servers).toBe(3);
    expect(await store.results(status.lastRun?.id ?? '')).toHaveLength(1);
    await run('delete', 'mcps', 'other');
  });

  it('runs when somebody asks, once for each time', async () => {
    const { lastRun } = await settled();
    const at = new Date().toISOString();
    await run('annotate', 'mcpcc', 'nightly', `${ANNOTATION}=${at}`);
    const status = await settledAfter(lastRun?.id);
    expect(status).toMatchObject({ lastRun: { trigger: 'Request' }, lastRunRequest: at });
    await run('label', 'mcpcc', 'nightly', 'looked=again');
    await controllers.stop();
    controllers = await start(3);
    await create('probe-of-restart', good.url);
    await waitFor(async () => (await compliant('probe-of-restart')) === 'Compliant', { deadlineMs: 60_000 });
    const runs = await store.runs({ from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }, 100);
    expect(runs.filter(({ trigger }) => trigger === 'Request')).toHaveLength(1);
    await run('delete', 'mcps', 'probe-of-restart');
  });

  it('says what is wrong with a request that is no time', async () => {
    await run('annotate', '--overwrite', 'mcpcc', 'nightly', `${ANNOTATION}=now`);
    await waitFor(async () => condition(await statusOf(), 'Ready') === 'InvalidRunRequest');
    await run('annotate', 'mcpcc', 'nightly', `${ANNOTATION}-`);
    await waitFor(async () => condition(await statusOf(), 'Ready') === 'Ready');
  });

  it('goes on with a run that a restart broke off: the same id, and no server twice', async () => {
    const { lastRun } = await settled();
    isHanging = true;
    await run('annotate', '--overwrite', 'mcpcc', 'nightly', `${ANNOTATION}=2026-11-25T20:00:00Z`);
    const id = await waitFor(async () => {
      const status = await statusOf();
      return status.phase === 'Running' && status.lastRun?.id !== lastRun?.id && status.lastRun?.id;
    });
    await waitFor(async () => (await store.results(id)).length === 1);
    await controllers.stop();
    const asked = good.requests.length;
    isHanging = false;
    controllers = await start(4);
    const status = await settledAfter(lastRun?.id);
    expect(status.lastRun?.id).toBe(id);
    expect(status.lastRun?.trigger).toBe('Request');
    expect(await store.results(id)).toHaveLength(2);
    expect(good.requests).toHaveLength(asked);
  });

  it('waits for the store, says so, and goes on by itself', async () => {
    const { lastRun } = await settled();
    history.isDown = true;
    await run('annotate', '--overwrite', 'mcpcc', 'nightly', `${ANNOTATION}=2026-11-25T21:00:00Z`);
    await waitFor(async () => condition(await statusOf(), 'Recorded') === 'StoreUnavailable');
    expect((await statusOf()).phase).toBe('Running');
    history.isDown = false;
    const status = await settledAfter(lastRun?.id);
    expect(condition(status, 'Recorded')).toBe('Recorded');
    expect(await store.results(status.lastRun?.id ?? '')).toHaveLength(2);
  });

  it('starts nothing while suspended', async () => {
    const { lastRun } = await settled();
    const patch = (suspend: boolean) =>
      run('patch', 'mcpcc', 'nightly', '--type=merge', `--patch={"spec":{"suspend":${suspend}}}`);
    await patch(true);
    await waitFor(async () => condition(await statusOf(), 'Ready') === 'Suspended');
    await waitFor(async () => (await compliant('good')) === 'Suspended');
    await run('annotate', '--overwrite', 'mcpcc', 'nightly', `${ANNOTATION}=2026-11-25T22:00:00Z`);
    await run('label', 'mcps', 'good', 'changed=yes');
    await waitFor(
      async () => (await check()).status?.observedGeneration === (await check()).metadata.generation,
    );
    expect((await statusOf()).lastRun?.id).toBe(lastRun?.id);
    await patch(false);
    expect((await settledAfter(lastRun?.id)).lastRun?.trigger).toBe('Request');
    await waitFor(async () => (await compliant('good')) === 'Compliant');
  });

  it('of the cluster counts waivers, and shows which are of no use', async () => {
    const name = `cluster-${namespace.name}`;
    const waiver = {
      reason: 'Known, and behind a proxy.',
      owner: 'platform',
      expiresAt: '2099-01-01T00:00:00Z',
    };
    const spec = {
      profileRef: { name: profile },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace.name } },
      waivers: [
        { ...waiver, check: 'MCP-S08' },
        { ...waiver, check: 'MCP-P01' },
        { ...waiver, check: 'MCP-W01' },
        { ...waiver, check: 'MCP-P02', expiresAt: '2020-01-01T00:00:00Z' },
      ],
    };
    await apply(clusterCheckManifest(spec, { name }));
    const found = await waitFor(
      async () => {
        const live = await runtime.client.get(
          CLUSTER_COMPLIANCE_CHECK,
          { namespace: '', name },
          runtime.signal,
        );
        return live?.status?.phase === 'Done' && live.status;
      },
      { deadlineMs: 60_000 },
    );
    expect(found).toMatchObject({
      result: 'Compliant',
      score: 100,
      counts: { pass: 5, fail: 0, skip: 1 },
      waivers: { active: 1, expired: 1, unused: 1, invalid: 1 },
    });
    // The tenant's own check knows no waiver, and Compliant is the AND of both.
    await waitFor(async () => (await compliant('bad')) === 'NonCompliant');
    const changes = await store.changes({ from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' });
    expect(changes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['CheckChanged', 'ProfileChanged', 'WaiverChanged']),
    );
    await kubectl(kubeconfigPath, ['delete', 'mcpccc', name]);
  });

  it('says what is missing, and takes Compliant away with the last check', async () => {
    await apply(
      checkManifest({ profileRef: { name: 'nobody' } }, { name: 'lost', namespace: namespace.name }),
    );
    await waitFor(async () => condition(await statusOf('lost'), 'Ready') === 'ProfileNotFound');
    await run('delete', 'mcpcc', 'lost', 'nightly');
    await waitFor(async () => (await compliant('good')) === undefined);
    expect((await server('good')).status?.compliance).toBeUndefined();
    const { items } = await runtime.client.list(COMPLIANCE_PROFILE, {}, runtime.signal);
    expect(items.map(({ metadata }) => metadata.name)).toContain(profile);
  });

  it('without a store says so on each check', async () => {
    await controllers.stop();
    controllers = await startCompliance({
      kubeconfigPath: operator.kubeconfigPath,
      namespace: namespace.name,
    });
    await apply(
      checkManifest({ profileRef: { name: profile } }, { name: 'idle', namespace: namespace.name }),
    );
    await waitFor(async () => condition(await statusOf('idle'), 'Ready') === 'StoreRequired');
    expect(condition(await statusOf('idle'), 'Recorded')).toBe('StoreRequired');
    await waitFor(async () => (await compliant('good')) === 'NotEvaluated');
  });
});

const MCPSERVER_IDENTITY = { apiVersion: `${MCPSERVER.group}/${MCPSERVER.version}`, kind: MCPSERVER.kind };
