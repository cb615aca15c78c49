/**
 * What becomes of approved requests, beside the executor, which the test plays: of servers and checks, in their statuses, and of findings, which become
 * requests. Against a real API server and a real PostgreSQL.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  GROUP,
  VERSION,
  type CheckStatus,
  type ComplianceCheck,
  type MCPServer,
  type MCPServerStatus,
} from '../../api/index.ts';
import { ApprovedWaivers } from '../../controllers/approval/index.ts';
import { COMPLIANCE_CHECK, COMPLIANCE_PROFILE } from '../../controllers/compliancecheck/kinds.ts';
import { APPROVAL_REQUEST } from '../../controllers/decisions/index.ts';
import { MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import { changedBy, createdBy } from '../harness/approval-objects.ts';
import {
  ALICE,
  ApprovalWorld,
  AUTOMATIC,
  BOB,
  CHECK,
  MALLORY,
  TWO,
  actionOn,
  reasonOf,
} from '../harness/approval-world.ts';
import { startCompliance, type RunningCompliance } from '../harness/compliance-controllers.ts';
import { checkManifest, profileManifest } from '../harness/compliance.ts';

let world: ApprovalWorld;

beforeAll(async () => {
  world = await ApprovalWorld.create(inject('kubeconfigPath'));
}, 120_000);
afterAll(() => world.stop());

async function execute(name: string): Promise<void> {
  await world.begin(name);
  await world.finish(name);
}

const statusOf = async (server: MCPServer) => (await world.serverNow(server)).status ?? {};

describe('a server', () => {
  beforeAll(async () => {
    await world.policy('main', AUTOMATIC);
    await world.start();
  }, 60_000);

  const quarantine = (server: MCPServer, operation: string): Promise<string> =>
    world.ask(server, ALICE, actionOn(server, { kind: 'Quarantine', parameters: { operation } }));

  it('is stopped, and started again, through its status, whoever writes there', async () => {
    const server = await world.server(MALLORY);
    const begun = await quarantine(server, 'Begin');
    await world.reaches(begun, 'Approved');
    expect((await statusOf(server)).quarantine).toBeUndefined();
    await execute(begun);
    const isStopped = async () => (await statusOf(server)).quarantine?.request === begun;
    await world.sees(isStopped, 'quarantine');
    await world.tells(`MCPServer/${server.metadata.name}: Quarantined`);
    const away = '[{"op":"remove","path":"/status/quarantine"}]';
    const { name } = server.metadata;
    await world.kubectl(['patch', 'mcpserver', name, '--subresource=status', '--type=json', '-p', away]);
    await world.sees(isStopped, 'quarantine, again');
    const ended = await quarantine(server, 'End');
    await world.reaches(ended, 'Approved');
    await execute(ended);
    await world.sees(async () => !(await isStopped()), 'the end of quarantine');
  });

  it('leaves quarantine by what was asked before it began, once there is something to end', async () => {
    const server = await world.server(MALLORY);
    const early = await quarantine(server, 'End');
    await world.shows(early, (status) => reasonOf(status, 'Accepted') === 'NothingToDo', 'refused');
    const begun = await quarantine(server, 'Begin');
    await world.reaches(begun, 'Approved');
    await execute(begun);
    const opened = await world.reaches(early, 'Approved');
    expect(reasonOf(opened, 'Accepted')).toBe('Accepted');
  });

  it('has the definitions that were accepted as its baseline', async () => {
    const server = await world.server(MALLORY);
    const hash = `sha256:${'a'.repeat(64)}`;
    const changedAt = '2026-01-01T00:00:00Z';
    await say(server, { definitions: { tools: 1, prompts: 0, resourceTemplates: 0, hash, changedAt } });
    const accept = (parameters: object) =>
      world.ask(server, ALICE, actionOn(server, { kind: 'AcceptDefinitions', parameters }));
    const others = await accept({ hash: `sha256:${'b'.repeat(64)}` });
    await world.shows(others, (status) => reasonOf(status, 'Accepted') === 'NoPlan', 'refused');
    const name = await accept({ hash });
    await world.reaches(name, 'Approved');
    expect((await statusOf(server)).baseline).toBeUndefined();
    await execute(name);
    const baseline = await world.sees(async () => (await statusOf(server)).baseline, 'a baseline');
    expect(baseline).toMatchObject({ hash, request: name });
  });

  it('says how many wait for people', async () => {
    await world.policy('main', TWO);
    await world.protectedNow();
    const server = await world.server(MALLORY);
    const pending = async () => (await statusOf(server)).pendingApprovals;
    const name = await world.pending(server);
    await world.sees(async () => (await pending()) === 1, 'one request');
    await world.decide(name, 'deny', BOB);
    await world.sees(async () => (await pending()) === 0, 'no request');
    await world.policy('main', AUTOMATIC);
  });

  it('that could not be put back is told of loudly, with what it was before', async () => {
    const name = await world.ask(await world.server(MALLORY));
    await world.reaches(name, 'Approved');
    const values = { '/spec/podTemplate/spec/securityContext/runAsNonRoot': false };
    const hash = `sha256:${'c'.repeat(64)}`;
    const preImage = {
      resourceVersion: '1',
      generation: 1,
      values,
      specHash: hash,
      expectedSpecHash: hash,
      inverse: [],
      wasReady: true,
    };
    const message = 'the values before could not be put back: forbidden';
    await world.begin(name, preImage);
    await world.finish(name, { phase: 'Failed', reason: 'RollbackFailed', message });
    const status = await world.status(name);
    expect(status).toMatchObject({
      phase: 'Failed',
      preImage: { values, resourceVersion: '1', generation: 1 },
    });
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Failed', status: 'True', reason: 'RollbackFailed', message }),
    );
    await world.tells(`ApprovalRequest/${name}: Failed`);
    // What the alert MCPApprovalFailed counts.
    expect(await world.controllers.metrics.metrics()).toContain(
      'mcp_approval_transitions_total{phase="Failed"} 1',
    );
  });
});

describe('a ComplianceCheck', () => {
  let compliance: RunningCompliance;
  let waivers: ApprovedWaivers;
  let profile: string;

  beforeAll(async () => {
    profile = `${world.namespace}-v1`;
    await world.create(profileManifest({ checks: [{ id: CHECK }] }, { name: profile }));
  });
  beforeEach(async () => {
    await world.policy('main', TWO);
    waivers = new ApprovedWaivers();
    compliance = await startCompliance({
      kubeconfigPath: world.operator.kubeconfigPath,
      namespace: world.namespace,
      history: world.store,
      approvals: waivers,
      epoch: world.nextEpoch,
    });
    const { findings } = compliance;
    await world.start({ waivers, ...(findings && { findings }) });
    await world.protectedNow();
  }, 60_000);
  afterEach(() => compliance.stop());
  afterAll(() => world.remove(COMPLIANCE_PROFILE, profile));

  const check = async (spec: object): Promise<ComplianceCheck> => {
    const name = world.name('check');
    const metadata = { name, namespace: world.namespace, annotations: changedBy(MALLORY) };
    await world.create(checkManifest({ profileRef: { name: profile }, onChange: true, ...spec }, metadata));
    return checkNow(name);
  };
  const checkNow = async (name: string): Promise<ComplianceCheck> => {
    const { client, signal } = world.runtime;
    const found = await client.get(COMPLIANCE_CHECK, { namespace: world.namespace, name }, signal);
    if (found === undefined) throw new Error(`there is no check ${name}`);
    return found;
  };
  /** @returns the status once a run that found that is over. */
  const finds = ({ metadata: { name } }: ComplianceCheck, counts: object): Promise<CheckStatus> =>
    world.sees(
      async () => {
        const { status } = await checkNow(name);
        expect(status).toMatchObject({ phase: 'Done', counts });
        return status;
      },
      `${name} to find ${JSON.stringify(counts)}`,
    );
  const only = ({ metadata: { name } }: MCPServer): object => ({
    serverSelector: { matchLabels: { only: name } },
  });
  const aServer = async (): Promise<MCPServer> => {
    const server = await world.server(MALLORY);
    await world.kubectl(['label', 'mcpserver', server.metadata.name, `only=${server.metadata.name}`]);
    // At rest, so that it is checked at once.
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Verified',
      message: 'played',
      observedGeneration: server.metadata.generation ?? 0,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    } as const;
    await say(server, { conditions: [ready] });
    return server;
  };
  const requestsAbout = async (server: MCPServer) => {
    const { client, signal } = world.runtime;
    const { items } = await client.list(APPROVAL_REQUEST, { namespace: world.namespace }, signal);
    return items.filter(({ spec }) => spec.action.target.uid === server.metadata.uid);
  };

  it('of mode Remediate asks once for the repair of what it finds, and the request outlives it', async () => {
    const server = await aServer();
    const owner = await check({ mode: 'Remediate', ...only(server) });
    const { lastRun } = await finds(owner, { fail: 1 });
    const [request] = await world.sees(async () => {
      const requests = await requestsAbout(server);
      return requests.length > 0 && requests;
    }, 'a request');
    const { name } = request?.metadata ?? { name: '' };
    expect(name).toMatch(new RegExp(`^remediate-${server.metadata.name}-[0-9a-f]{12}-1$`));
    expect(Object.keys(request?.metadata ?? {})).not.toContain('ownerReferences');
    // As admission stamps it.
    const { 'mcp.kilocode.ai/created-by': stamp = '' } = createdBy({
      username: `system:serviceaccount:${world.operator.namespace}:${world.operator.name}`,
    });
    await world.kubectl(['annotate', 'approvalrequest', name, `mcp.kilocode.ai/created-by=${stamp}`]);
    await world.reaches(name, 'Pending');
    // The same is found again.
    const at = new Date().toISOString();
    await world.kubectl(['annotate', 'mcpcc', owner.metadata.name, `mcp.kilocode.ai/run-requested-at=${at}`]);
    await world.sees(async () => {
      const { status } = await checkNow(owner.metadata.name);
      return status?.phase === 'Done' && status.lastRun?.id !== lastRun?.id;
    }, 'another run');
    await world.remove(COMPLIANCE_CHECK, owner.metadata.name);
    await world.approve(name);
    expect(await requestsAbout(server)).toHaveLength(1);
    expect((await world.row(name)).phase).toBe('Approved');
  }, 120_000);

  it('counts a waiver once that was approved and executed, as it was then', async () => {
    const server = await aServer();
    const request = world.name('waive');
    const waiver = {
      check: CHECK,
      reason: 'It needs root until June.',
      owner: 'platform',
      expiresAt: '2099-01-01T00:00:00Z',
      approvalRef: { name: request },
    };
    const { metadata } = await check({ ...only(server), waivers: [waiver] });
    const asked = await finds(await checkNow(metadata.name), { fail: 1 });
    expect(asked.result).toBe('NonCompliant');
    const { uid, generation } = (await checkNow(metadata.name)).metadata;
    const target = {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: 'ComplianceCheck',
      name: metadata.name,
      uid,
      generation,
    };
    const action = { kind: 'Waive', parameters: { check: CHECK }, target };
    await world.create({
      apiVersion: `${GROUP}/${VERSION}`,
      kind: 'ApprovalRequest',
      metadata: { name: request, namespace: world.namespace, annotations: createdBy(ALICE) },
      spec: { action },
    });
    await world.reaches(request, 'Pending');
    await world.approve(request);
    expect((await checkNow(metadata.name)).status?.result).toBe('NonCompliant');
    await execute(request);
    await finds(await checkNow(metadata.name), { fail: 0 });
    // Another waiver under the same request is one that nobody approved.
    const patch = JSON.stringify({ spec: { waivers: [{ ...waiver, expiresAt: '2199-01-01T00:00:00Z' }] } });
    await world.kubectl(['patch', 'mcpcc', metadata.name, '--type=merge', '-p', patch]);
    await finds(await checkNow(metadata.name), { fail: 1 });
  }, 120_000);
});

/** What the controller of servers would say. */
async function say(server: MCPServer, status: MCPServerStatus): Promise<void> {
  const { apiVersion, kind, metadata } = server;
  const { namespace, name } = metadata;
  await world.runtime.client.apply(
    MCPSERVER,
    { apiVersion, kind, metadata: { namespace, name }, status } as MCPServer,
    { fieldManager: 'mcp-operator/mcpserver', subresource: 'status', force: true },
    world.runtime.signal,
  );
}
