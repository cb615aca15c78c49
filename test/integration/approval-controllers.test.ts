/**
 * Requests for approval against a real API server and a real database: real roles decide who may decide, and what is asserted is what people see
 * in the cluster and what the store holds.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  GROUP,
  VERSION,
  type ApprovalRequest,
  type ApprovalRequestStatus,
  type DecisionVerb,
  type MCPServer,
} from '../../api/index.ts';
import { ApprovalConflictError, begin, finish, type ApprovalFence } from '../../approval/index.ts';
import { APPROVAL_PERMISSIONS } from '../../controllers/approval/index.ts';
import { COMPLIANCE_PERMISSIONS } from '../../controllers/compliancecheck/permissions.ts';
import { APPROVAL_REQUEST } from '../../controllers/decisions/index.ts';
import { MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import { SECURITY_POLICY_PERMISSIONS } from '../../controllers/securitypolicy/permissions.ts';
import { systemClock } from '../../core/clock.ts';
import type { OpenStore } from '../../stores/open-store.ts';
import { inMemoryStore } from '../../stores/testing/in-memory.ts';
import { lockOf, startApprovals, type RunningApprovals } from '../harness/approval-controllers.ts';
import {
  approvalPolicyManifest,
  changedBy,
  decisionManifest,
  requestManifest,
  type TestUser,
} from '../harness/approval-objects.ts';
import { faulty, type Faulty } from '../harness/compliance-controllers.ts';
import { kubectl } from '../harness/kubectl.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { startRuntime, type RuntimeFixture } from '../harness/runtime.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { waitFor } from '../harness/wait.ts';

const ALICE: TestUser = { username: 'alice@example.com' };
const BOB: TestUser = { username: 'bob@example.com', groups: ['approvers'] };
const CAROL: TestUser = { username: 'carol@example.com', groups: ['approvers', 'platform-leads'] };
const MALLORY: TestUser = { username: 'mallory@example.com' };
const EXECUTOR: ApprovalFence = { epoch: 1, writer: 'executor' };

describe('requests for approval', () => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let operator: TestServiceAccount;
  let runtime: RuntimeFixture;
  let open: OpenStore;
  let store: Faulty<OpenStore>;
  let controllers: RunningApprovals;
  let names = 0;

  const apply = (manifest: object) => kubectl(kubeconfigPath, ['apply', '-f', '-'], JSON.stringify(manifest));
  const create = (manifest: object) =>
    kubectl(kubeconfigPath, ['create', '-f', '-'], JSON.stringify(manifest));
  const remove = (...what: string[]) => kubectl(kubeconfigPath, ['delete', ...what, '--wait=false']);
  const run = (...args: string[]) => kubectl(kubeconfigPath, ['-n', namespace.name, ...args]);
  const lockName = () => `lock-${namespace.name}`;
  const lock = (expression = 'true') => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: lockName() },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [GROUP],
            apiVersions: [VERSION],
            operations: ['CREATE'],
            resources: ['approvaldecisions'],
          },
        ],
      },
      validations: [{ expression }],
    },
  });
  const start = (epoch: number) =>
    startApprovals({
      kubeconfigPath: operator.kubeconfigPath,
      namespace: namespace.name,
      store,
      locks: [lockOf(lockName())],
      epoch,
    });
  /** Decisions are stamped in whole seconds: those of the second in which somebody looked first do not count. */
  const isProtectedNow = () =>
    waitFor(
      async () => {
        const last = (await open.admissionIntervals(new Date(0).toISOString())).at(-1);
        return last !== undefined && Date.parse(last.from) + 1_000 < Date.now();
      },
      { description: 'admission to be looked at' },
    );

  /** A server that MCP-W03 finds fault with, changed by those. */
  async function aServer(...changers: readonly TestUser[]): Promise<MCPServer> {
    names += 1;
    const name = `server-${names}`;
    const metadata = { name, namespace: namespace.name, annotations: changedBy(...changers) };
    const spec = { source: { image: { ref: 'example.com/server:1' } }, ...FAULT };
    await create(mcpServerManifest(spec, metadata));
    const server = await runtime.client.get(MCPSERVER, { namespace: namespace.name, name }, runtime.signal);
    if (server === undefined) throw new Error(`there is no server ${name}`);
    return server;
  }
  const actionOn = ({ metadata: { name, uid, generation } }: MCPServer, more: object = {}) => ({
    kind: 'Remediate',
    parameters: { check: CHECK },
    ...more,
    target: { apiVersion: `${GROUP}/${VERSION}`, kind: 'MCPServer', name, uid, generation },
  });
  async function ask(server: MCPServer, by = ALICE, action: object = actionOn(server)): Promise<string> {
    names += 1;
    const name = `request-${names}`;
    await create(requestManifest({ namespace: namespace.name, name }, action, by));
    return name;
  }
  async function request(name: string): Promise<ApprovalRequest> {
    const found = await runtime.client.get(
      APPROVAL_REQUEST,
      { namespace: namespace.name, name },
      runtime.signal,
    );
    if (found === undefined) throw new Error(`there is no request ${name}`);
    return found;
  }
  const statusOf = async (name: string): Promise<ApprovalRequestStatus> => (await request(name)).status ?? {};
  const reasonOf = (status: ApprovalRequestStatus, type: string) =>
    status.conditions?.find((condition) => condition.type === type)?.reason;
  const reaches = (name: string, phase: string): Promise<ApprovalRequestStatus> =>
    waitFor(
      async () => {
        const status = await statusOf(name);
        if (status.phase !== phase) throw new Error(JSON.stringify({ ...status, derived: undefined }));
        return status;
      },
      { description: `${name} to be ${phase}` },
    );
  const decide = async (name: string, verb: DecisionVerb, by: TestUser, overrides: object = {}) =>
    create(decisionManifest(await request(name), verb, by, overrides));
  const policy = (name: string, spec: object) =>
    apply(
      approvalPolicyManifest(`${namespace.name}-${name}`, {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace.name } },
        ...spec,
      }),
    );
  const match = { actionKinds: ['Remediate', 'AcceptDefinitions', 'Waive'] };
  const TWO = { match, quorum: { approvals: 2 }, required: [{ group: 'platform-leads', count: 1 }] };

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'approval');
    const account = { namespace: namespace.name, name: 'operator' };
    const look = {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingadmissionpolicies'],
      resourceNames: [lockName()],
      verbs: ['list'],
      why: 'The lock of the test.',
    };
    operator = await createServiceAccount(kubeconfigPath, account, [
      ...MCPSERVER_PERMISSIONS,
      ...SECURITY_POLICY_PERMISSIONS,
      ...COMPLIANCE_PERMISSIONS,
      ...APPROVAL_PERMISSIONS,
      look,
    ]);
    runtime = await startRuntime(kubeconfigPath, namespace.name);
    open = await inMemoryStore(systemClock);
    store = faulty(open);
    await create(lock());
    for (const verb of ['approve', 'deny', 'cancel', 'override']) {
      await run(
        'create',
        'role',
        `may-${verb}`,
        `--verb=${verb}`,
        '--resource=approvalpolicies.mcp.kilocode.ai',
      );
    }
    await run(
      'create',
      'rolebinding',
      'approve',
      '--role=may-approve',
      '--group=approvers',
      `--user=${ALICE.username}`,
    );
    await run('create', 'rolebinding', 'deny', '--role=may-deny', '--group=approvers');
    await run('create', 'rolebinding', 'override', '--role=may-override', `--user=${CAROL.username}`);
    await policy('main', TWO);
    controllers = await start(1);
    await isProtectedNow();
  }, 120_000);
  afterAll(async () => {
    await controllers.stop();
    await remove('validatingadmissionpolicy', lockName());
    for (const name of ['main', 'quarantines', 'freeze', 'short'])
      await remove('approvalpolicy', `${namespace.name}-${name}`, '--ignore-not-found');
    await runtime.stop();
    await operator.remove();
    await namespace.remove();
    await open.close();
  });

  it('says exactly what would be done, waits for two persons, and is approved by them', async () => {
    const name = await ask(await aServer(MALLORY));
    const pending = await reaches(name, 'Pending');
    expect(pending).toMatchObject({
      waiting: 'QuorumNotMet',
      attempt: 1,
      derived: {
        effect: 'Patch',
        digest: expect.stringMatching(/^sha256:/),
        requestedBy: { person: ALICE.username },
        initiators: [{ person: MALLORY.username }],
      },
      approvals: { have: 0, need: 2, missing: ['platform-leads'], summary: '0/2' },
    });
    expect(reasonOf(pending, 'Accepted')).toBe('Accepted');
    expect(reasonOf(pending, 'Recorded')).toBe('Recorded');
    await decide(name, 'approve', BOB);
    await waitFor(async () => (await statusOf(name)).approvals?.have === 1);
    expect((await statusOf(name)).phase).toBe('Pending');
    await decide(name, 'approve', CAROL);
    const approved = await reaches(name, 'Approved');
    expect(approved.decisions?.map(({ person }) => person)).toEqual([BOB.username, CAROL.username]);
    expect(reasonOf(approved, 'Approved')).toBe('QuorumMet');
    expect(controllers.events).toEqual(
      expect.arrayContaining([`ApprovalRequest/${name}: Pending`, `ApprovalRequest/${name}: Approved`]),
    );
    const row = await open.request((await request(name)).metadata.uid ?? '');
    expect(row).toMatchObject({ phase: 'Approved', ledgerSeq: approved.ledgerSeq });
    expect(await controllers.metrics.metrics()).toContain('mcp_approval_requests{phase="Approved"} 1');
  });

  it('has no policy, and waits, until one matches: that one binds it, whatever it says later', async () => {
    const server = await aServer(MALLORY);
    const name = await ask(server, ALICE, actionOn(server, { kind: 'Quarantine', parameters: {} }));
    expect(await reaches(name, 'Pending')).toMatchObject({ waiting: 'NoPolicy', approvals: { need: 0 } });
    await policy('quarantines', { match: { actionKinds: ['Quarantine'] }, quorum: { approvals: 1 } });
    const bound = await waitFor(async () => {
      const status = await statusOf(name);
      return status.waiting === 'QuorumNotMet' && status;
    });
    expect(bound.derived?.policy?.quorum.approvals).toBe(1);
    // In flight: the snapshot counts.
    await policy('quarantines', { match: { actionKinds: ['Quarantine'] }, quorum: { approvals: 5 } });
    await decide(name, 'approve', BOB);
    await reaches(name, 'Approved');
    await remove('approvalpolicy', `${namespace.name}-quarantines`);
  });

  it.each<[string, TestUser, object, string]>([
    ['without the verb', MALLORY, {}, 'NotAuthorised'],
    ['of who asked', ALICE, {}, 'SeparationOfDuties'],
    ['on another digest', BOB, { digest: `sha256:${'0'.repeat(64)}` }, 'DigestMismatch'],
  ])('does not count an approval %s, and says why', async (_reason, by, overrides, why) => {
    const name = await ask(await aServer(), ALICE);
    await reaches(name, 'Pending');
    await decide(name, 'approve', by, overrides);
    await waitFor(async () => (await statusOf(name)).disregarded?.[0]?.why === why);
    expect(await statusOf(name)).toMatchObject({ phase: 'Pending', approvals: { have: 0 } });
  });

  it('does not count what whoever changed the target approves, though somebody changed a label since', async () => {
    const server = await aServer(BOB, CAROL);
    await run('label', 'mcpserver', server.metadata.name, 'harmless=yes');
    const name = await ask(server);
    await reaches(name, 'Pending');
    await decide(name, 'approve', BOB);
    await waitFor(async () => (await statusOf(name)).disregarded?.[0]?.why === 'SeparationOfDuties');
  });

  it('is superseded when the target is edited', async () => {
    const server = await aServer(MALLORY);
    const name = await ask(server);
    await reaches(name, 'Pending');
    await run('patch', 'mcpserver', server.metadata.name, '--type=merge', '-p', '{"spec":{"replicas":3}}');
    expect(reasonOf(await reaches(name, 'Superseded'), 'Superseded')).toBe('TargetChanged');
  });

  it('is superseded by a newer one for the same', async () => {
    const server = await aServer(MALLORY);
    const first = await ask(server);
    await reaches(first, 'Pending');
    // Creations are stamped in whole seconds.
    const { creationTimestamp = '' } = (await request(first)).metadata;
    await waitFor(() => Date.now() > Date.parse(creationTimestamp) + 1_000);
    const second = await ask(server);
    expect(reasonOf(await reaches(first, 'Superseded'), 'Superseded')).toBe('NewerRequest');
    expect((await reaches(second, 'Pending')).attempt).toBe(2);
  });

  it('is denied by one veto, and the very same is not asked again', async () => {
    const server = await aServer(MALLORY);
    const name = await ask(server);
    await reaches(name, 'Pending');
    await decide(name, 'deny', BOB);
    await reaches(name, 'Denied');
    const again = await ask(server);
    await waitFor(async () => reasonOf(await statusOf(again), 'Accepted') === 'DeniedBefore');
  });

  it('is withdrawn by a denial before it is executed, and cannot be afterwards', async () => {
    const name = await ask(await aServer(MALLORY));
    await reaches(name, 'Pending');
    await decide(name, 'approve', BOB);
    await decide(name, 'approve', CAROL);
    await reaches(name, 'Approved');
    await decide(name, 'deny', CAROL);
    expect(reasonOf(await reaches(name, 'Denied'), 'Denied')).toBe('WithdrawnByDenial');
    const late = await ask(await aServer(MALLORY));
    await reaches(late, 'Pending');
    await decide(late, 'approve', BOB);
    await decide(late, 'approve', CAROL);
    await reaches(late, 'Approved');
    const row = await open.request((await request(late)).metadata.uid ?? '');
    if (row === undefined) throw new Error('there is no row');
    const begun = begin(row, undefined, new Date());
    await open.advanceRequest(begun.row, begun.events, begun.messages, EXECUTOR);
    // What the other process wrote shows here, and a denial changes nothing any more.
    await reaches(late, 'Executing');
    await decide(late, 'deny', CAROL);
    await expect(open.advanceRequest(row, begun.events, [], EXECUTOR)).rejects.toThrow(ApprovalConflictError);
    expect((await statusOf(late)).phase).toBe('Executing');
  });

  it('is cancelled by who asked for it, and when it is deleted; nothing holds the object', async () => {
    const name = await ask(await aServer(MALLORY));
    await reaches(name, 'Pending');
    await decide(name, 'cancel', ALICE);
    expect(reasonOf(await reaches(name, 'Cancelled'), 'Cancelled')).toBe('CancelledByPerson');
    const deleted = await ask(await aServer(MALLORY));
    await reaches(deleted, 'Pending');
    const { uid = '', ...metadata } = (await request(deleted)).metadata;
    expect(Object.keys(metadata)).not.toContain('finalizers');
    expect(Object.keys(metadata)).not.toContain('ownerReferences');
    await remove('-n', namespace.name, 'approvalrequest', deleted);
    await waitFor(async () => (await open.request(uid))?.phase === 'Cancelled');
  });

  it('runs without a human where every policy says so, and is recorded all the same', async () => {
    await policy('main', { match, auto: { actionKinds: ['Remediate'], maxRisk: 'high' } });
    const name = await ask(await aServer(MALLORY));
    expect(reasonOf(await reaches(name, 'Approved'), 'Approved')).toBe('Automatic');
    const entries = await open.entriesOf((await request(name)).metadata.uid ?? '');
    expect(entries.map(({ phase }) => phase)).toEqual(['Pending', 'Approved']);
    await policy('main', TWO);
  });

  it('waits for the end of a freeze, which somebody may override', async () => {
    await policy('freeze', { freeze: [{ schedule: '* * * * *', duration: '1h' }] });
    const name = await ask(await aServer(MALLORY));
    await reaches(name, 'Pending');
    await decide(name, 'approve', BOB);
    await decide(name, 'approve', CAROL);
    expect((await reaches(name, 'Approved')).waiting).toBe('Freeze');
    await decide(name, 'override', CAROL);
    const overridden = await waitFor(async () => {
      const status = await statusOf(name);
      return status.waiting === undefined && status;
    });
    expect(reasonOf(overridden, 'Overridden')).toBe('Overridden');
    await remove('approvalpolicy', `${namespace.name}-freeze`);
  });

  it('expires when nobody decides in time', async () => {
    await policy('short', { ttl: { approval: '2s' } });
    const name = await ask(await aServer(MALLORY));
    expect(reasonOf(await reaches(name, 'Expired'), 'Expired')).toBe('NotDecided');
    await remove('approvalpolicy', `${namespace.name}-short`);
  });

  it('does not count a decision of a time in which the lock was away, though it is back', async () => {
    const name = await ask(await aServer(MALLORY));
    await reaches(name, 'Pending');
    await remove('validatingadmissionpolicy', lockName());
    await decide(name, 'approve', BOB);
    await create(lock());
    await waitFor(async () => (await statusOf(name)).disregarded?.[0]?.why === 'UnprotectedAdmission');
    expect(controllers.events).toContain(`ApprovalRequest/${name}: DecisionDisregarded`);
    await isProtectedNow();
    await decide(name, 'approve', CAROL);
    await waitFor(async () => (await statusOf(name)).approvals?.have === 1);
    expect((await statusOf(name)).phase).toBe('Pending');
  });

  it('has its status put right when somebody else writes it', async () => {
    const name = await ask(await aServer(MALLORY));
    await reaches(name, 'Pending');
    await run(
      'patch',
      'approvalrequest',
      name,
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"phase":"Approved"}}',
    );
    await reaches(name, 'Pending');
    expect((await open.request((await request(name)).metadata.uid ?? ''))?.phase).toBe('Pending');
  });

  it('stops a server, and accepts its definitions, through its status', async () => {
    const server = await aServer(MALLORY);
    await policy('quarantines', {
      match: { actionKinds: ['Quarantine'] },
      auto: { actionKinds: ['Quarantine'], maxRisk: 'high' },
    });
    const serverStatus = async () =>
      (
        await runtime.client.get(
          MCPSERVER,
          { namespace: namespace.name, name: server.metadata.name },
          runtime.signal,
        )
      )?.status;
    const execute = async (operation: string): Promise<void> => {
      const name = await ask(
        server,
        ALICE,
        actionOn(server, { kind: 'Quarantine', parameters: { operation } }),
      );
      await reaches(name, 'Approved');
      const row = await open.request((await request(name)).metadata.uid ?? '');
      if (row === undefined) throw new Error('there is no row');
      const begun = begin(row, undefined, new Date());
      const executing = await open.advanceRequest(begun.row, begun.events, begun.messages, EXECUTOR);
      const ended = finish(
        executing,
        { phase: 'Executed', reason: 'Recorded', message: 'recorded' },
        new Date(),
      );
      await open.advanceRequest(ended.row, ended.events, ended.messages, EXECUTOR);
      await reaches(name, 'Executed');
    };
    await execute('Begin');
    await waitFor(async () => (await serverStatus())?.quarantine?.request.startsWith('request-'));
    // Whoever writes it away is not believed.
    await run(
      'patch',
      'mcpserver',
      server.metadata.name,
      '--subresource=status',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/status/quarantine"}]',
    );
    await waitFor(async () => (await serverStatus())?.quarantine !== undefined);
    await execute('End');
    await waitFor(async () => (await serverStatus())?.quarantine === undefined);
    await policy('main', TWO);
  });

  it('counts on a server how many wait for people', async () => {
    const server = await aServer(MALLORY);
    const key = { namespace: namespace.name, name: server.metadata.name };
    const pending = async () =>
      (await runtime.client.get(MCPSERVER, key, runtime.signal))?.status?.pendingApprovals;
    const name = await ask(server);
    await waitFor(async () => (await pending()) === 1);
    await decide(name, 'deny', BOB);
    await waitFor(async () => (await pending()) === 0);
  });

  it('moves nowhere while the store is away, says so, and goes on when it is back, also for a new leader', async () => {
    const pending = await ask(await aServer(MALLORY));
    await reaches(pending, 'Pending');
    const approved = await ask(await aServer(MALLORY));
    await reaches(approved, 'Pending');
    await decide(approved, 'approve', BOB);
    await decide(approved, 'approve', CAROL);
    await reaches(approved, 'Approved');
    store.isDown = true;
    const unheard = await ask(await aServer(MALLORY));
    for (const name of [pending, approved, unheard])
      await waitFor(async () => reasonOf(await statusOf(name), 'Recorded') === 'StoreUnavailable');
    await decide(pending, 'deny', BOB);
    await decide(approved, 'deny', CAROL);
    const { uid = '' } = (await request(approved)).metadata;
    expect((await open.request(uid))?.phase).toBe('Approved');
    expect((await statusOf(approved)).phase).toBe('Approved');
    await controllers.stop();
    controllers = await start(2);
    store.isDown = false;
    await reaches(pending, 'Denied');
    await reaches(approved, 'Denied');
    const heard = await reaches(unheard, 'Pending');
    expect(reasonOf(heard, 'Recorded')).toBe('Recorded');
  });

  it('needs a store', async () => {
    await controllers.stop();
    controllers = await startApprovals({
      kubeconfigPath: operator.kubeconfigPath,
      namespace: namespace.name,
      locks: [],
    });
    const name = await ask(await aServer(MALLORY));
    await waitFor(async () => reasonOf(await statusOf(name), 'Recorded') === 'StoreRequired');
    expect((await statusOf(name)).phase).toBeUndefined();
  });
});

const CHECK = 'MCP-W03';
const FAULT = { podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } };
