/**
 * The executor in the test's own process, with exactly its rights on the test's API server and a store on a real PostgreSQL; and what people and the
 * operator do around it: decide, approve, and say how a server is.
 */
import type { MCPServer } from '../../api/index.ts';
import {
  type ApprovalFence,
  type ApprovalRow,
  type ApprovalStore,
  type DecisionVerb,
  type Plan,
  type PolicySource,
  decisionName,
  opening,
  planRemediation,
  policySnapshot,
  requestName,
  transition,
} from '../../approval/index.ts';
import { createAuthority, gatherDecisions, APPROVAL_DECISION } from '../../controllers/decisions/index.ts';
import { createExecutor, type ExecutorDependencies } from '../../controllers/executor/index.ts';
import { MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger, type Logger } from '../../core/logger.ts';
import { ledgerHead } from '../../operator/ledger-checkpoints.ts';
import { connect, loadClusterAccess, type KubernetesClient } from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import type { Store } from '../../stores/index.ts';
import { kubectl } from './kubectl.ts';
import { mcpServerManifest } from './mcp-server.ts';

const OPERATOR: ApprovalFence = { epoch: 1, writer: 'operator' };
const SETTLE_MS = 5_000;

/** Where it all happens. */
export interface Place {
  readonly kubeconfigPath: string;
  readonly namespace: string;
  readonly store: ApprovalStore;
  /** The administrator's. */
  readonly client: KubernetesClient;
}

/** What is asked for of a server. */
export interface Asked {
  readonly check: string;
  /** Over the plan that is computed. */
  readonly plan?: (plan: Plan) => Plan;
  /** What the policies of the request ask for, over one approval. */
  readonly policy?: Partial<PolicySource['spec']>;
}

/** What an executor is started with, where a test has something else in mind than that all is well. */
export interface ExecutorOptions {
  /** By default it does. */
  readonly isLedgerContinued?: (signal: AbortSignal) => Promise<boolean>;
  readonly logger?: Logger;
  /** Stands between the executor, and the API server and the store. */
  readonly between?: (reached: Reached) => Reached;
}

/** What an executor reaches. */
export type Reached = Pick<ExecutorDependencies, 'client' | 'store' | 'isLedgerContinued'>;

/** Starts an executor. @returns what ends it. */
export async function startExecutor(
  kubeconfigPath: string,
  store: Store,
  options: ExecutorOptions = {},
): Promise<() => Promise<void>> {
  const { isLedgerContinued = () => Promise.resolve(true), logger = silentLogger, between } = options;
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'executor-test/0' });
  const reached: Reached = { client: api.client('executor'), store, isLedgerContinued };
  const executor = createExecutor({
    ...(between?.(reached) ?? reached),
    ledgerHead: () => ledgerHead(store),
    rendering: DEFAULT_RENDER_SETTINGS,
    personKey: '',
    clock: systemClock,
    logger,
    settings: { settleMs: SETTLE_MS, concurrency: 4 },
  });
  const end = new AbortController();
  const running = executor.run(end.signal, end.signal, { epoch: 1, signal: end.signal });
  return async () => {
    end.abort();
    await running;
    await api.close();
  };
}

/** A policy of that name, for the store alone: who may decide by it is for RBAC to say. */
function policyOf(name: string, spec: Partial<PolicySource['spec']> = {}): PolicySource {
  return {
    metadata: { name, uid: `uid-of-${name}`, generation: 1 },
    spec: {
      namespaceSelector: {},
      match: { actionKinds: ['Remediate', 'Quarantine'], minRisk: 'low' },
      quorum: { approvals: 1, denials: 1 },
      separationOfDuties: true,
      requireReason: { approve: false, deny: true, override: true },
      ttl: { approval: '1h', execution: '1h' },
      ...spec,
    },
  };
}

/** Creates a server that the operator says is Ready. */
export async function createServer(
  place: Place,
  name: string,
  spec: object,
  annotations: Readonly<Record<string, string>> = {},
): Promise<MCPServer> {
  const manifest = mcpServerManifest(
    { source: { image: { ref: 'example.com/server:1' } }, ...spec },
    { name, namespace: place.namespace, annotations },
  );
  await kubectl(place.kubeconfigPath, ['create', '-f', '-'], JSON.stringify(manifest));
  await say(place, name, { status: 'True', reason: 'Verified' });
  return serverOf(place, name);
}

/** The server as it is. */
export async function serverOf({ client, namespace }: Place, name: string): Promise<MCPServer> {
  const server = await client.get(MCPSERVER, { namespace, name }, AbortSignal.timeout(10_000));
  if (server === undefined) throw new Error(`there is no MCPServer ${name}`);
  return server;
}

/** What the operator says of the server as it is now. */
export async function say(
  place: Place,
  name: string,
  ready: { readonly status: 'True' | 'False'; readonly reason: string },
): Promise<void> {
  const { metadata } = await serverOf(place, name);
  const observedGeneration = metadata.generation;
  const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`;
  const condition = {
    type: 'Ready',
    ...ready,
    message: 'said by a test',
    observedGeneration,
    lastTransitionTime,
  };
  const status = JSON.stringify({ status: { observedGeneration, conditions: [condition] } });
  const how = ['--subresource=status', '--type=merge', `--patch=${status}`, `--namespace=${place.namespace}`];
  await kubectl(place.kubeconfigPath, ['patch', 'mcpserver', name, ...how]);
}

let requests = 0;

/** Opens a request in the store, as the operator does for a check that fails. */
export async function open(place: Place, server: MCPServer, asked: Asked): Promise<ApprovalRow> {
  requests += 1;
  const { check, plan = (same) => same, policy } = asked;
  const { name, uid = '', generation = 0 } = server.metadata;
  const namespace = { name: place.namespace, labels: {} };
  const planned = planRemediation(check, {
    server,
    namespace,
    settings: DEFAULT_RENDER_SETTINGS,
    managers: [],
  });
  if (planned.kind === 'refused') throw new Error(planned.message);
  const now = new Date();
  const target = { apiVersion: server.apiVersion, kind: server.kind, name, uid, generation };
  const action = { kind: 'Remediate', target, parameters: { check } } as const;
  const { row, event, messages } = opening(
    {
      requestUid: `request-${requests}-${place.namespace}`,
      namespace: place.namespace,
      name: requestName(action, 'sha256:000000000000', requests),
      createdAt: now.toISOString(),
      action,
      plan: plan(planned.plan),
      requestedBy: { person: 'rita', username: 'rita', uid: '' },
      initiators: [],
      unknownInitiators: false,
      policy: policySnapshot([policyOf(place.namespace, policy)], {
        action,
        risk: planned.plan.risk,
        namespaceLabels: {},
      }),
      attempt: 1,
    },
    now,
  );
  return place.store.openRequest(row, event, messages, OPERATOR);
}

/** Creates a decision as admission would let it through; who makes it is for the test to say. */
export async function decide(
  place: Place,
  row: ApprovalRow,
  person: string,
  verb: DecisionVerb = 'approve',
): Promise<void> {
  const decision = {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: { name: decisionName(row.requestUid, person, verb), namespace: place.namespace },
    spec: {
      requestRef: { name: row.name, uid: row.requestUid },
      verb,
      digest: row.derived.digest,
      reason: 'because the test says so',
      decidedBy: { username: person, groups: ['system:authenticated'] },
      decidedAt: new Date().toISOString(),
      admissionUID: 'd290f1ee-6c54-4b01-90e6-d701748f0851',
    },
  };
  await kubectl(place.kubeconfigPath, ['create', '-f', '-'], JSON.stringify(decision));
}

/** Says that admission was whole from long ago until a little later than now, in which decisions are made. */
export async function protect({ store }: Place): Promise<void> {
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const whole = { fingerprint: 'whole', isContinuous: true };
  await store.recordAdmission({ ...whole, at: at(-3_600_000) }, OPERATOR);
  await store.recordAdmission({ ...whole, at: at(3_600_000) }, OPERATOR);
}

/** Counts, and moves the row on, as the operator does. @returns the row as it is then. */
export async function count(place: Place, row: ApprovalRow): Promise<ApprovalRow> {
  const { client, store, namespace } = place;
  const signal = AbortSignal.timeout(10_000);
  const { items } = await client.list(APPROVAL_DECISION, { namespace }, signal);
  const decisions = items.filter(({ spec }) => spec.requestRef.uid === row.requestUid);
  const authority = createAuthority({ client, clock: systemClock, logger: silentLogger, rememberMs: 0 });
  const admission = await store.admissionIntervals(new Date(0).toISOString());
  const { facts } = await gatherDecisions(row, { decisions, authority, admission, personKey: '' }, signal);
  const { uid, generation } = row.action.target;
  const observed = {
    request: 'live',
    decisions: facts,
    target: { uid, generation },
    isNewest: true,
  } as const;
  const step = transition(row, observed, new Date());
  return step === undefined ? row : store.advanceRequest(step.row, step.events, step.messages, OPERATOR);
}

/** Opens a request, and lets ann approve it. */
export async function approved(place: Place, server: MCPServer, asked: Asked): Promise<ApprovalRow> {
  const row = await open(place, server, asked);
  await decide(place, row, 'ann');
  const next = await count(place, row);
  if (next.phase !== 'Approved')
    throw new Error(
      `the request of the test is ${next.phase} (${next.waiting}): ${JSON.stringify(next.disregarded)}`,
    );
  return next;
}
