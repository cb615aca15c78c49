import { createLogger } from '../../core/logger.ts';
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
import { ApprovalConflictError, begin, type ApprovalFence } from '../../approval/index.ts';
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
      logger: createLogger({ level: 'debug' }),
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
  const TWO = { quorum: { approvals: 2 }, required: [{ group: 'platform-leads', count: 1 }] };

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
    await remove('approvalpolicies', '--all');
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
});

const CHECK = 'MCP-W03';
const FAULT = { podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } };
