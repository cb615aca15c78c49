/**
 * A namespace in which people ask and decide: the controllers of approval with exactly the rights that the code declares, a PostgreSQL of its own, and
 * roles that say who may decide. No webhooks are served: tests write what admission would have stamped.
 */
import {
  GROUP,
  VERSION,
  type ApprovalRequest,
  type ApprovalRequestStatus,
  type DecisionVerb,
  type MCPServer,
} from '../../api/index.ts';
import {
  begin,
  finish,
  type ApprovalFence,
  type ApprovalRow,
  type ExecutionOutcome,
  type PreImage,
} from '../../approval/index.ts';
import { APPROVAL_PERMISSIONS } from '../../controllers/approval/index.ts';
import { COMPLIANCE_PERMISSIONS } from '../../controllers/compliancecheck/permissions.ts';
import { APPROVAL_DECISION, APPROVAL_POLICY, APPROVAL_REQUEST } from '../../controllers/decisions/index.ts';
import { MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import { SECURITY_POLICY_PERMISSIONS } from '../../controllers/securitypolicy/permissions.ts';
import type { KubernetesObject, Permission, ResourceType } from '../../operator/runtime/index.ts';
import type { Store } from '../../stores/index.ts';
import {
  lockOf,
  startApprovals,
  type ApprovalFixture,
  type RunningApprovals,
} from './approval-controllers.ts';
import {
  approvalPolicyManifest,
  changedBy,
  decisionManifest,
  requestManifest,
  type TestUser,
} from './approval-objects.ts';
import { kubectl } from './kubectl.ts';
import { mcpServerManifest } from './mcp-server.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { PostgresServer } from './postgres.ts';
import { startRuntime, type RuntimeFixture } from './runtime.ts';
import { createServiceAccount, type TestServiceAccount } from './service-account.ts';
import { openStore } from './store.ts';
import { waitFor } from './wait.ts';

/** Asks, and may approve, but for their own. */
export const ALICE: TestUser = { username: 'alice@example.com' };
export const BOB: TestUser = { username: 'bob@example.com', groups: ['approvers'] };
/** May override as well. */
export const CAROL: TestUser = { username: 'carol@example.com', groups: ['approvers', 'platform-leads'] };
/** May decide nothing. */
export const MALLORY: TestUser = { username: 'mallory@example.com' };
/** Whoever plays the executor writes as it. */
export const EXECUTOR: ApprovalFence = { epoch: 1, writer: 'executor' };

/** A check that {@link FAULT} fails, and that can be repaired. */
export const CHECK = 'MCP-W03';
export const FAULT = { podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } };
const IMAGE = { image: { ref: 'example.com/server:1' } };

const MATCH = { actionKinds: ['Remediate', 'AcceptDefinitions', 'Waive'] };
/** Two approvals, one of them of a lead. */
export const TWO = {
  match: MATCH,
  quorum: { approvals: 2 },
  required: [{ group: 'platform-leads', count: 1 }],
};
/** Nobody is asked. */
export const AUTOMATIC = {
  match: { actionKinds: [...MATCH.actionKinds, 'Quarantine'] },
  auto: { actionKinds: [...MATCH.actionKinds, 'Quarantine'], maxRisk: 'high' },
};

const EXECUTED: ExecutionOutcome = { phase: 'Executed', reason: 'Recorded', message: 'played' };

/** Long enough for a machine that does much else: what is waited for takes a second or two on one that does not. */
const DEADLINE_MS = 60_000;
const FIELD_MANAGER = 'approval-test';

/** What the controllers are started with, over what the world gives them. */
export type Start = Pick<ApprovalFixture, 'clock' | 'findings' | 'waivers'>;

/** @see module header. */
export class ApprovalWorld {
  readonly kubeconfigPath: string;
  readonly namespace: string;
  readonly runtime: RuntimeFixture;
  readonly postgres: PostgresServer;
  readonly store: Store;
  readonly operator: TestServiceAccount;
  readonly #namespace: TestNamespace;
  readonly #policies = new Set<string>();
  #controllers: RunningApprovals | undefined;
  #epoch = 0;
  #names = 0;

  private constructor(parts: {
    readonly kubeconfigPath: string;
    readonly namespace: TestNamespace;
    readonly runtime: RuntimeFixture;
    readonly postgres: PostgresServer;
    readonly store: Store;
    readonly operator: TestServiceAccount;
  }) {
    this.kubeconfigPath = parts.kubeconfigPath;
    this.namespace = parts.namespace.name;
    this.runtime = parts.runtime;
    this.postgres = parts.postgres;
    this.store = parts.store;
    this.operator = parts.operator;
    this.#namespace = parts.namespace;
  }

  /** With {@link TWO} as the policy `main`, and no controllers yet: see {@link start}. */
  static async create(kubeconfigPath: string): Promise<ApprovalWorld> {
    const namespace = await createNamespace(kubeconfigPath, 'approval');
    const postgres = await PostgresServer.start('18');
    const { store } = await openStore(await postgres.createDatabase());
    // Not in the namespace of the test, which may be deleted.
    const account = { namespace: 'default', name: `operator-${namespace.name}` };
    const operator = await createServiceAccount(kubeconfigPath, account, rightsIn(namespace.name));
    const runtime = await startRuntime(kubeconfigPath, namespace.name);
    const world = new ApprovalWorld({ kubeconfigPath, namespace, runtime, postgres, store, operator });
    await world.create(lock(world.lockName), ...rolesIn(namespace.name));
    await world.policy('main', TWO);
    return world;
  }

  get lockName(): string {
    return `lock-${this.namespace}`;
  }

  /** @throws Error when none run. */
  get controllers(): RunningApprovals {
    if (this.#controllers === undefined) throw new Error('the controllers were not started');
    return this.#controllers;
  }

  /** Of the leader that {@link start} makes next, for who leads beside it. */
  get nextEpoch(): number {
    return this.#epoch + 1;
  }

  /** Starts the controllers, as a new leader if some ran before. */
  async start(overrides: Start = {}): Promise<void> {
    await this.stopControllers();
    this.#epoch += 1;
    this.#controllers = await startApprovals({
      kubeconfigPath: this.operator.kubeconfigPath,
      namespace: this.namespace,
      store: this.store,
      locks: [lockOf(this.lockName)],
      epoch: this.#epoch,
      ...overrides,
    });
  }

  /** The same for an operator that has no store. */
  async startWithoutStore(): Promise<void> {
    await this.stopControllers();
    this.#controllers = await startApprovals({
      kubeconfigPath: this.operator.kubeconfigPath,
      namespace: this.namespace,
      locks: [],
    });
  }

  /** Nobody leads any more. */
  async stopControllers(): Promise<void> {
    await this.#controllers?.stop();
    this.#controllers = undefined;
  }

  /** Decisions are stamped in whole seconds: those of the second in which somebody looked at the lock first do not count. */
  async protectedNow(): Promise<void> {
    const isProtected = async (): Promise<boolean> => {
      const last = (await this.store.admissionIntervals(new Date(0).toISOString())).at(-1);
      return last !== undefined && Date.parse(last.from) + 1_000 < Date.now();
    };
    await this.sees(isProtected, 'admission to be looked at');
  }

  /** Creates objects as an administrator, whom nothing stamps. */
  async create(...manifests: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: manifests };
    await this.kubectl(['create', '-f', '-'], list);
  }

  /** As an administrator, in the namespace. */
  async kubectl(args: readonly string[], input?: object): Promise<string> {
    return kubectl(
      this.kubeconfigPath,
      [`--namespace=${this.namespace}`, ...args],
      input && JSON.stringify(input),
    );
  }

  /** A name that nothing has yet. */
  name(prefix: string): string {
    this.#names += 1;
    return `${prefix}-${this.#names}`;
  }

  /** A server that fails {@link CHECK}, changed by those. */
  async server(...changers: readonly TestUser[]): Promise<MCPServer> {
    const metadata = {
      name: this.name('server'),
      namespace: this.namespace,
      annotations: changedBy(...changers),
    };
    return this.#created(MCPSERVER, mcpServerManifest({ source: IMAGE, ...FAULT }, metadata));
  }

  /** The server as it is now. */
  async serverNow({ metadata: { name } }: Pick<MCPServer, 'metadata'>): Promise<MCPServer> {
    return this.#got(MCPSERVER, name);
  }

  /** The name of a request that `by` makes. */
  async ask(server: MCPServer, by: TestUser = ALICE, action: object = actionOn(server)): Promise<string> {
    const name = this.name('request');
    await this.#created(APPROVAL_REQUEST, requestManifest({ namespace: this.namespace, name }, action, by));
    return name;
  }

  /** A request that the controllers have opened. */
  async pending(...parameters: Parameters<ApprovalWorld['ask']>): Promise<string> {
    const name = await this.ask(...parameters);
    await this.reaches(name, 'Pending');
    return name;
  }

  async request(name: string): Promise<ApprovalRequest> {
    return this.#got(APPROVAL_REQUEST, name);
  }

  async status(name: string): Promise<ApprovalRequestStatus> {
    return (await this.request(name)).status ?? {};
  }

  /** What the store has of the request. */
  async row(name: string): Promise<ApprovalRow> {
    const row = await this.store.request((await this.request(name)).metadata.uid ?? '');
    if (row === undefined) throw new Error(`the store has no ${name}`);
    return row;
  }

  /** The reason of the condition of that type. */
  async reason(name: string, type: string): Promise<string | undefined> {
    return reasonOf(await this.status(name), type);
  }

  /** @returns the status, once the request is in that phase. */
  async reaches(name: string, phase: string): Promise<ApprovalRequestStatus> {
    return this.shows(name, (status) => status.phase === phase, phase);
  }

  /** @returns the status, once it is as `is` says. */
  async shows(
    name: string,
    is: (status: ApprovalRequestStatus) => boolean,
    description = 'as it should be',
  ): Promise<ApprovalRequestStatus> {
    const look = async (): Promise<ApprovalRequestStatus> => {
      const status = await this.status(name);
      if (!is(status)) throw new Error(JSON.stringify({ ...status, derived: undefined }));
      return status;
    };
    return waitFor(look, { description: `${name} to be ${description}`, deadlineMs: DEADLINE_MS });
  }

  /** @returns the status, once a decision does not count for that reason. */
  async disregards(name: string, why: string): Promise<ApprovalRequestStatus> {
    return this.shows(name, ({ disregarded = [] }) => disregarded.some((each) => each.why === why), why);
  }

  /** Waits for anything. */
  async sees<T>(look: () => Promise<T | undefined | false>, description: string): Promise<T> {
    return waitFor(look, { description, deadlineMs: DEADLINE_MS });
  }

  /** Plays the executor: begins what was approved. */
  async begin(name: string, preImage?: PreImage): Promise<void> {
    const { row, events, messages } = begin(await this.row(name), preImage, new Date());
    await this.store.advanceRequest(row, events, messages, EXECUTOR);
    await this.reaches(name, 'Executing');
  }

  /** Plays the executor: ends what was begun. */
  async finish(name: string, outcome: ExecutionOutcome = EXECUTED): Promise<void> {
    const { row, events, messages } = finish(await this.row(name), outcome, new Date());
    await this.store.advanceRequest(row, events, messages, EXECUTOR);
    await this.reaches(name, outcome.phase);
  }

  /** Waits until that was told of the object: `Kind/name: Reason`. */
  async tells(event: string): Promise<void> {
    await this.sees(async () => this.controllers.events.includes(event), event);
  }

  /** Creates a decision as admission lets it through. @param overrides of its spec. */
  async decide(name: string, verb: DecisionVerb, by: TestUser, overrides: object = {}): Promise<void> {
    const manifest = decisionManifest(await this.request(name), verb, by, overrides);
    await this.#created(APPROVAL_DECISION, manifest);
  }

  /** As {@link TWO} wants it. @returns the status of then. */
  async approve(name: string): Promise<ApprovalRequestStatus> {
    await this.decide(name, 'approve', BOB);
    await this.decide(name, 'approve', CAROL);
    return this.reaches(name, 'Approved');
  }

  /** Writes a policy of the namespace, whole, and waits until the controllers know it. */
  async policy(name: string, spec: object): Promise<void> {
    const full = `${this.namespace}-${name}`;
    this.#policies.add(full);
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': this.namespace } };
    const manifest = approvalPolicyManifest(full, { namespaceSelector, ...spec });
    const { metadata } = await this.runtime.client.apply(
      APPROVAL_POLICY,
      manifest as KubernetesObject,
      { fieldManager: FIELD_MANAGER, force: true },
      this.runtime.signal,
    );
    await this.#known(full, metadata.resourceVersion);
  }

  async removePolicy(name: string): Promise<void> {
    const full = `${this.namespace}-${name}`;
    await this.remove(APPROVAL_POLICY, full);
    this.#policies.delete(full);
    await this.#known(full, undefined);
  }

  async #known(policy: string, resourceVersion: string | undefined): Promise<void> {
    const controllers = this.#controllers;
    if (controllers === undefined) return;
    const isKnown = async (): Promise<boolean> => controllers.policies().get(policy) === resourceVersion;
    await this.sees(isKnown, `the controllers to know ${policy}`);
  }

  /** Deletes an object, if it is there. */
  async remove(type: ResourceType, name: string): Promise<void> {
    const { client, signal } = this.runtime;
    const key = { namespace: type.namespaced ? this.namespace : '', name };
    const uid = (await client.get(type, key, signal))?.metadata.uid;
    if (uid !== undefined) await client.delete(type, key, { uid }, signal);
  }

  /** Takes away what stands for the locks of admission. */
  async unlock(): Promise<void> {
    await this.remove(lockOf(this.lockName).type, this.lockName);
  }

  /** Puts it back. */
  async lock(): Promise<void> {
    await this.create(lock(this.lockName));
  }

  async stop(): Promise<void> {
    await this.stopControllers();
    await this.unlock();
    for (const name of this.#policies) await this.remove(APPROVAL_POLICY, name);
    await this.runtime.stop();
    await this.operator.remove();
    await this.kubectl(['delete', 'namespace', this.#namespace.name, '--wait=false', '--ignore-not-found']);
    await this.store.close();
    await this.postgres.stop();
  }

  async #created<T extends KubernetesObject>(type: ResourceType<T>, manifest: object): Promise<T> {
    const { client, signal } = this.runtime;
    // A boundary: what a test writes is for the API server to judge.
    return client.create(type, manifest as KubernetesObject, { fieldManager: FIELD_MANAGER }, signal);
  }

  async #got<T extends KubernetesObject>(type: ResourceType<T>, name: string): Promise<T> {
    const found = await this.runtime.client.get(
      type,
      { namespace: this.namespace, name },
      this.runtime.signal,
    );
    if (found === undefined) throw new Error(`there is no ${type.kind} ${name}`);
    return found;
  }
}

/** @returns an action on exactly that server, the repair of {@link CHECK} unless `more` says otherwise. */
export function actionOn({ metadata: { name, uid, generation } }: MCPServer, more: object = {}): object {
  return {
    kind: 'Remediate',
    parameters: { check: CHECK },
    ...more,
    target: { apiVersion: `${GROUP}/${VERSION}`, kind: 'MCPServer', name, uid, generation },
  };
}

/** @returns the reason of the condition of that type. */
export function reasonOf({ conditions }: ApprovalRequestStatus, type: string): string | undefined {
  return conditions?.find((condition) => condition.type === type)?.reason;
}

/** A policy of admission that refuses nothing: that it is there is what counts. */
function lock(name: string): object {
  const rule = {
    apiGroups: [GROUP],
    apiVersions: [VERSION],
    operations: ['CREATE'],
    resources: ['approvaldecisions'],
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
  };
}

function rightsIn(namespace: string): readonly Permission[] {
  return [
    ...MCPSERVER_PERMISSIONS,
    ...SECURITY_POLICY_PERMISSIONS,
    ...COMPLIANCE_PERMISSIONS,
    ...APPROVAL_PERMISSIONS,
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingadmissionpolicies'],
      resourceNames: [`lock-${namespace}`],
      verbs: ['list'],
      why: 'The lock of the test.',
    },
  ];
}

const HOLDERS: Readonly<Record<DecisionVerb, readonly object[]>> = {
  approve: [group('approvers'), user(ALICE), group('system:serviceaccounts')],
  deny: [group('approvers')],
  cancel: [],
  override: [user(CAROL), user(ALICE)],
};

/** Who may decide by any policy. */
function rolesIn(namespace: string): readonly object[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return Object.entries(HOLDERS).flatMap(([verb, subjects]) => [
    {
      apiVersion,
      kind: 'Role',
      metadata: { name: `may-${verb}`, namespace },
      rules: [{ apiGroups: [GROUP], resources: ['approvalpolicies'], verbs: [verb] }],
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: `may-${verb}`, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: `may-${verb}` },
      subjects,
    },
  ]);
}

function user({ username }: TestUser): object {
  return { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: username };
}

function group(name: string): object {
  return { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name };
}
