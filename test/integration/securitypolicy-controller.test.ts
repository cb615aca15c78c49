/**
 * Security policies in the background, against a real API server of their own (policies are cluster-scoped, so that tests beside this one
 * would see them): what becomes of the status of policies and of servers when anything changes, and that nothing is written when
 * nothing does. There are no webhooks here: what admission would refuse gets past it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MCPSecurityPolicy, MCPServer } from '../../api/index.ts';
import { DEPLOYMENT, MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import { SECURITY_POLICY } from '../../controllers/securitypolicy/kinds.ts';
import { SECURITY_POLICY_PERMISSIONS } from '../../controllers/securitypolicy/permissions.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { keyOf, type KubernetesObject, type ResourceType } from '../../operator/runtime/index.ts';
import { kubectl } from '../harness/kubectl.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { startPolicyControllers, type PolicyControllers } from '../harness/policy-controllers.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { CONFIG_MAP, startRuntime, type RuntimeFixture } from '../harness/runtime.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { waitFor } from '../harness/wait.ts';

const BY_TEST = { fieldManager: 'test', force: true };
/** A server that comes to rest at once: no pods are waited for. */
const UNPINNED = { source: { image: { ref: 'example.com/server:1.0.0' } }, replicas: 0 };
const PINNED = {
  source: { image: { ref: `example.com/server:1.0.0@sha256:${'a'.repeat(64)}` } },
  replicas: 0,
};
const DIGESTS = { images: { requireDigest: true } };

let directory: string;
let controlPlane: ControlPlane;
let operator: TestServiceAccount;
let runtime: RuntimeFixture;
let controllers: PolicyControllers;
let home: TestNamespace;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'policies-'));
  controlPlane = await startControlPlane({ directory, prepare: applyResourceDefinitions });
  const { kubeconfigPath } = controlPlane;
  home = await createNamespace(kubeconfigPath, 'home');
  // With exactly the rights that the code declares, and so the chart grants.
  const account = { namespace: home.name, name: 'operator' };
  const permissions = [...MCPSERVER_PERMISSIONS, ...SECURITY_POLICY_PERMISSIONS];
  operator = await createServiceAccount(kubeconfigPath, account, permissions);
  runtime = await startRuntime(kubeconfigPath, home.name);
  controllers = await startPolicyControllers(operator);
});

afterAll(async () => {
  await controllers.stop();
  await runtime.stop();
  await operator.remove();
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

afterEach(async () => {
  const { items } = await runtime.client.list(SECURITY_POLICY, {}, runtime.signal);
  for (const { metadata } of items) await removePolicy(metadata.name);
});

const namespace = (labels: Readonly<Record<string, string>> = {}): Promise<TestNamespace> =>
  createNamespace(controlPlane.kubeconfigPath, 'team', labels);

const get = <T extends KubernetesObject>(type: ResourceType<T>, name: string, namespace = '') =>
  runtime.client.get(type, { namespace, name }, runtime.signal);

const applyServer = (team: TestNamespace, name: string, spec: object): Promise<MCPServer> =>
  runtime.client.apply(
    MCPSERVER,
    mcpServerManifest(spec, { name, namespace: team.name }) as MCPServer,
    BY_TEST,
    runtime.signal,
  );

/** A policy for one namespace, unless `spec` selects otherwise. Each test has names of its own: writes of one policy are rationed. */
const applyPolicy = (team: TestNamespace, name: string, spec: object): Promise<MCPSecurityPolicy> => {
  const { group, version, kind } = SECURITY_POLICY;
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': team.name } };
  const object = {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name },
    spec: { namespaceSelector, ...spec },
  };
  return runtime.client.apply(SECURITY_POLICY, object, BY_TEST, runtime.signal);
};

async function removePolicy(name: string): Promise<void> {
  const policy = await get(SECURITY_POLICY, name);
  if (policy === undefined) return;
  await runtime.client.delete(
    SECURITY_POLICY,
    keyOf(policy),
    { uid: policy.metadata.uid ?? '' },
    runtime.signal,
  );
}

/** `matched/violating/violations`, once it is that. */
function figures(name: string, wanted: string): Promise<MCPSecurityPolicy> {
  return waitFor(
    async () => {
      const policy = await get(SECURITY_POLICY, name);
      const { matchedServers, violatingServers, violations } = policy?.status ?? {};
      expect(`${matchedServers}/${violatingServers}/${violations}`).toBe(wanted);
      return policy;
    },
    { description: `the figures of ${name} to be ${wanted}` },
  );
}

const conditionOf = (object: MCPServer | MCPSecurityPolicy | undefined, type: string) =>
  object?.status?.conditions?.find((condition) => condition.type === type);

/** The server, once its condition Accepted says that. */
function accepted(team: TestNamespace, name: string, reason: string, message = ''): Promise<MCPServer> {
  return waitFor(
    async () => {
      const server = await get(MCPSERVER, name, team.name);
      expect(conditionOf(server, 'Accepted')).toMatchObject({ status: 'True', reason });
      expect(conditionOf(server, 'Accepted')?.message).toContain(message);
      return server;
    },
    { description: `Accepted of ${name} to be ${reason}` },
  );
}

describe('a policy over servers that are there already', () => {
  it('is judged by and reported, and breaks nothing', async () => {
    const team = await namespace();
    await applyServer(team, 'unpinned', UNPINNED);
    await applyServer(team, 'pinned', PINNED);
    await accepted(team, 'pinned', 'Accepted');
    const before = await accepted(team, 'unpinned', 'Accepted');
    const child = await get(DEPLOYMENT, 'mcp-unpinned', team.name);
    await applyPolicy(team, 'pins-there', DIGESTS);
    const policy = await figures('pins-there', '2/1/1');
    expect(policy.status).toMatchObject({ observedGeneration: 1, lastEvaluated: expect.any(String) });
    expect(conditionOf(policy, 'Accepted')).toMatchObject({ status: 'True', reason: 'Accepted' });
    expect(conditionOf(policy, 'Enforced')).toMatchObject({ status: 'True', reason: 'Enforced' });
    const message = 'breaks security policies: pins-there [images.requireDigest]';
    const after = await accepted(team, 'unpinned', 'PolicyViolated', message);
    expect(conditionOf(after, 'Ready')).toEqual(conditionOf(before, 'Ready'));
    // The generation: the controller manager goes on writing the status.
    const { uid, generation } = child?.metadata ?? {};
    expect((await get(DEPLOYMENT, 'mcp-unpinned', team.name))?.metadata).toMatchObject({ uid, generation });
    await waitFor(() => controllers.events.includes('MCPServer/unpinned: PolicyViolated'));
    const metrics = await controllers.metrics.metrics();
    expect(metrics).toContain('mcp_policy_violations{policy="pins-there",rule="images.requireDigest"} 1');
    expect(metrics).toContain('mcp_policy_servers{policy="pins-there",state="matched"} 2');
  });

  it('follows a server that changes', async () => {
    const team = await namespace();
    await applyPolicy(team, 'pins-server', DIGESTS);
    await applyServer(team, 'changing', UNPINNED);
    await figures('pins-server', '1/1/1');
    await accepted(team, 'changing', 'PolicyViolated');
    await applyServer(team, 'changing', PINNED);
    await figures('pins-server', '1/0/0');
    await accepted(team, 'changing', 'Accepted');
    await waitFor(() => controllers.events.includes('MCPServer/changing: PolicySatisfied'));
    await kubectl(controlPlane.kubeconfigPath, ['delete', 'mcpserver/changing', '-n', team.name]);
    await figures('pins-server', '0/0/0');
  });

  it('follows a policy that changes, and one that goes', async () => {
    const team = await namespace();
    await applyServer(team, 'steady', UNPINNED);
    await applyPolicy(team, 'pins-policy', DIGESTS);
    await accepted(team, 'steady', 'PolicyViolated', '[images.requireDigest]');
    await applyPolicy(team, 'pins-policy', { ...DIGESTS, images: { allowed: ['other.example.com/*'] } });
    await accepted(team, 'steady', 'PolicyViolated', '[images.allowed]');
    await waitFor(async () => (await figures('pins-policy', '1/1/1')).status?.observedGeneration === 2);
    await removePolicy('pins-policy');
    await accepted(team, 'steady', 'Accepted');
  });

  it('follows a namespace whose labels change', async () => {
    const team = await namespace({ stage: 'test' });
    await applyServer(team, 'relabelled', UNPINNED);
    await accepted(team, 'relabelled', 'Accepted');
    await applyPolicy(team, 'production', {
      ...DIGESTS,
      namespaceSelector: { matchLabels: { stage: 'production' } },
    });
    await figures('production', '0/0/0');
    const label = (stage: string) =>
      kubectl(controlPlane.kubeconfigPath, [
        'label',
        'namespace',
        team.name,
        `stage=${stage}`,
        '--overwrite',
      ]);
    await label('production');
    await figures('production', '1/1/1');
    await accepted(team, 'relabelled', 'PolicyViolated');
    await label('test');
    await figures('production', '0/0/0');
    await accepted(team, 'relabelled', 'Accepted');
  });

  it('stands in the first status of a new server: there is no other one before it', async () => {
    const team = await namespace();
    await applyPolicy(team, 'pins-first', DIGESTS);
    await figures('pins-first', '0/0/0');
    const seen: (string | undefined)[] = [];
    const open = new AbortController();
    const list = await runtime.client.list(MCPSERVER, { namespace: team.name }, runtime.signal);
    const watching = (async () => {
      const { resourceVersion } = list;
      const options = { namespace: team.name, resourceVersion, timeoutSeconds: 60, inactivityMs: 60_000 };
      for await (const event of runtime.client.watch(MCPSERVER, options, open.signal))
        if (event.type === 'ADDED' || event.type === 'MODIFIED')
          seen.push(conditionOf(event.object, 'Accepted')?.reason);
    })().catch((error: unknown) => {
      if (!open.signal.aborted) throw error;
    });
    await applyServer(team, 'new', UNPINNED);
    await waitFor(() => seen.includes('PolicyViolated'));
    open.abort();
    await watching;
    expect([...new Set(seen)]).toEqual([undefined, 'PolicyViolated']);
  });
});

describe('a policy', () => {
  it('that got past admission and makes no sense says so, and is held against nobody', async () => {
    const team = await namespace();
    await applyServer(team, 'unjudged', UNPINNED);
    await applyPolicy(team, 'senseless', { network: { denyCIDRs: ['10.0.0.0/99'] } });
    const policy = await waitFor(async () => {
      const found = await get(SECURITY_POLICY, 'senseless');
      return conditionOf(found, 'Accepted') && found;
    });
    expect(conditionOf(policy, 'Accepted')).toMatchObject({
      status: 'False',
      reason: 'InvalidRule',
      message: expect.stringContaining('spec.network.denyCIDRs'),
    });
    expect(conditionOf(policy, 'Enforced')).toMatchObject({ status: 'False', reason: 'InvalidRule' });
    expect(policy.status).not.toHaveProperty('violations');
    await waitFor(() => controllers.events.includes('MCPSecurityPolicy/senseless: InvalidRule'));
    await accepted(team, 'unjudged', 'Accepted');
    await applyPolicy(team, 'senseless', { network: { denyCIDRs: ['10.0.0.0/9'] } });
    await figures('senseless', '1/0/0');
  });

  it('says whether admission asks it', async () => {
    const team = await namespace();
    await applyPolicy(team, 'enforced', DIGESTS);
    await applyPolicy(team, 'audited', { ...DIGESTS, enforcement: 'Audit' });
    await figures('audited', '0/0/0');
    const enforced = (name: string, reason: string) =>
      waitFor(async () => conditionOf(await get(SECURITY_POLICY, name), 'Enforced')?.reason === reason, {
        description: `Enforced of ${name} to be ${reason}`,
      });
    await enforced('audited', 'ReportOnly');
    await enforced('enforced', 'Enforced');
    controllers.setLocks({ webhook: false, secondLock: true });
    await enforced('enforced', 'WebhookMissing');
    controllers.setLocks({ webhook: true, secondLock: true });
    await enforced('enforced', 'Enforced');
    await enforced('audited', 'ReportOnly');
  });

  it('costs a few writes in a burst of servers, and ends with the right figures', async () => {
    const team = await namespace();
    await applyPolicy(team, 'pins-burst', DIGESTS);
    const { metadata } = await figures('pins-burst', '0/0/0');
    let writes = 0;
    const open = new AbortController();
    const watching = (async () => {
      const resourceVersion = metadata.resourceVersion ?? '';
      const options = { resourceVersion, timeoutSeconds: 60, inactivityMs: 60_000 };
      for await (const event of runtime.client.watch(SECURITY_POLICY, options, open.signal))
        if (event.type === 'MODIFIED') writes += 1;
    })().catch((error: unknown) => {
      if (!open.signal.aborted) throw error;
    });
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => applyServer(team, `burst-${index}`, UNPINNED)),
    );
    await figures('pins-burst', '60/60/60');
    open.abort();
    await watching;
    expect(writes).toBeGreaterThan(0);
    expect(writes).toBeLessThan(8);
  });
});

describe('nothing is written', () => {
  it('when nothing changed: neither by another look nor by another process', async () => {
    const team = await namespace();
    await applyPolicy(team, 'pins-still', DIGESTS);
    await applyPolicy(team, 'senseless', { network: { denyCIDRs: ['nonsense'] } });
    await applyServer(team, 'broken', UNPINNED);
    await applyServer(team, 'kept', PINNED);
    await figures('pins-still', '2/1/1');
    await accepted(team, 'broken', 'PolicyViolated');
    await accepted(team, 'kept', 'Accepted');
    const versions = async () => {
      const objects = [
        await get(SECURITY_POLICY, 'pins-still'),
        await get(SECURITY_POLICY, 'senseless'),
        await get(MCPSERVER, 'broken', team.name),
        await get(MCPSERVER, 'kept', team.name),
      ];
      return objects.map((object) => object?.metadata.resourceVersion);
    };
    await waitFor(async () => (await get(SECURITY_POLICY, 'senseless'))?.status !== undefined);
    const before = await versions();
    // Another look at everything, which ends with the figures of a policy that comes after it.
    controllers.setLocks({ webhook: true, secondLock: true });
    await applyPolicy(team, 'later', {});
    await figures('later', '2/0/0');
    expect(await versions()).toEqual(before);
    await controllers.stop();
    const events = controllers.events.length;
    controllers = await startPolicyControllers(operator);
    await applyPolicy(team, 'latest', {});
    await figures('latest', '2/0/0');
    expect(await versions()).toEqual(before);
    expect([events > 0, controllers.events]).toEqual([true, []]);
  });
});

describe('the default policy', () => {
  it('is made once, where there is none, and not again when it was deleted', async () => {
    const { kubeconfigPath } = operator;
    const start = () => startPolicyControllers({ kubeconfigPath, defaultPolicyIn: home.name });
    await controllers.stop();
    controllers = await start();
    const made = await waitFor(() => get(SECURITY_POLICY, 'default'));
    expect(made.spec).toMatchObject({
      enforcement: 'Enforce',
      podSecurity: 'baseline',
      namespaceSelector: {},
    });
    const marker = () => get(CONFIG_MAP, 'mcp-operator-default-policy', home.name);
    await waitFor(marker);
    await waitFor(
      async () => conditionOf(await get(SECURITY_POLICY, 'default'), 'Accepted')?.status === 'True',
    );
    await removePolicy('default');
    await controllers.stop();
    controllers = await start();
    // A policy that comes after the start is judged: by then, it has been decided.
    const team = await namespace();
    await applyPolicy(team, 'other', {});
    await figures('other', '0/0/0');
    await removePolicy('other');
    await controllers.stop();
    controllers = await start();
    await applyPolicy(team, 'another', {});
    await figures('another', '0/0/0');
    expect(await get(SECURITY_POLICY, 'default')).toBeUndefined();
    expect(await marker()).toBeDefined();
  });
});
