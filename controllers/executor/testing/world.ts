/**
 * Everything that an execution touches, in memory: an API server with one MCPServer and the decisions on one request, and a store with one row. Every
 * call can be the last one of a process, before it takes effect or after.
 */
import type { ApprovalDecision, MCPServer } from '../../../api/index.ts';
import {
  ApprovalConflictError,
  type ApprovalFence,
  type ApprovalRow,
  type DecisionVerb,
  type Plan,
  applyOperations,
  decisionName,
  transition,
} from '../../../approval/index.ts';
import { OPENED, aDecision, aRow, anAction, later, observing } from '../../../approval/testing/rows.ts';
import { canonicalJson } from '../../../core/canonical-json.ts';
import { type Logger, silentLogger } from '../../../core/logger.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import {
  ForbiddenError,
  InvalidError,
  type JsonPatchOperation,
  type KubernetesClient,
  type ResourceType,
  type WriteOptions,
} from '../../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../../render/index.ts';
import { Cluster } from '../cluster.ts';
import { type Again, Execution } from '../execution.ts';

const SETTLE_MS = 60_000;
const FENCE: ApprovalFence = { epoch: 1, writer: 'executor' };
const MOST_STEPS = 200;

/** The process ends here. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Called around every call to the API server and to the store; may throw {@link Crash}, or do what somebody else does meanwhile. */
export type Around = (moment: 'before' | 'after') => Promise<void> | void;

/** What becomes of the server when its spec changes, as the operator would find. */
export type Readiness = (
  server: MCPServer,
) => { readonly status: 'True' | 'False'; readonly reason: string } | 'unseen';

export interface WorldOptions {
  readonly server: MCPServer;
  readonly plan: Plan;
  readonly kind?: ApprovalRow['action']['kind'];
  readonly readiness?: Readiness;
  /** Patches that the API server refuses, by what they are: a dry run, or the real thing. */
  readonly refuses?: (patch: { readonly dryRun: boolean; readonly count: number }) => boolean;
  readonly isLedgerContinued?: boolean;
  /** Whether whoever is asked about holds the verb; undefined when that cannot be asked. */
  readonly holds?: () => boolean | undefined;
  readonly logger?: Logger;
}

/** @see module header */
export class World {
  readonly clock = new FakeClock(later(120).getTime());
  around: Around = () => undefined;
  /** Called before the API server looks at a patch. */
  beforePatch: () => void = () => undefined;
  /** Called when the API server has answered a dry run. */
  onDryRun: () => void = () => undefined;
  server: MCPServer | undefined;
  row: ApprovalRow;
  decisions: readonly ApprovalDecision[];
  /** Every spec that was stored, in order, after the first. */
  readonly specs: MCPServer['spec'][] = [];
  /** Every phase that the store has seen, the first one too. */
  readonly phases: ApprovalRow['phase'][];
  isLedgerContinued: boolean;
  readonly #options: WorldOptions;
  #patches = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const metadata = { ...options.server.metadata, resourceVersion: '1' };
    this.server = settled({ ...options.server, metadata }, options.readiness);
    this.row = approvedRow(options);
    this.phases = [this.row.phase];
    this.decisions = ['ann', 'ben'].map((person) => decisionBy(this.row, person, 'approve'));
    this.isLedgerContinued = options.isLedgerContinued ?? true;
  }

  /** A process that executes: nothing of an earlier one is left in it. */
  execution(): Execution {
    const store = {
      admissionIntervals: () =>
        this.#call(() => [
          { fingerprint: 'whole', from: later(-3600).toISOString(), to: later(86_400).toISOString() },
        ]),
      advanceRequest: (row: ApprovalRow) => this.#call(() => this.advance(row)),
    };
    const { holds = () => true } = this.#options;
    const authority = { holds: () => this.#call(holds) };
    return new Execution({
      cluster: new Cluster({ client: this.#client(), store, authority, personKey: '' }),
      store,
      isLedgerContinued: () => this.#call(() => this.isLedgerContinued),
      rendering: DEFAULT_RENDER_SETTINGS,
      clock: this.clock,
      logger: this.#options.logger ?? silentLogger,
      settleMs: SETTLE_MS,
    });
  }

  /** Executes until the request is over or waits for `patienceMs`; a process that ends is followed by another one. */
  async run(patienceMs = 5 * SETTLE_MS): Promise<void> {
    const { signal } = new AbortController();
    let execution = this.execution();
    const endMs = this.clock.monotonicMs() + patienceMs;
    for (let steps = 0; steps < MOST_STEPS && this.clock.monotonicMs() < endMs; steps += 1) {
      if (this.row.phase !== 'Approved' && this.row.phase !== 'Executing') return;
      try {
        const again: Again = await execution.step(this.row, FENCE, signal);
        if (again !== undefined) await this.clock.advance(again.afterMs);
      } catch (error) {
        if (error instanceof Crash) execution = this.execution();
        else if (!(error instanceof ApprovalConflictError)) throw error;
      }
    }
  }

  /** The store's compare-and-set, by whomever. */
  advance(row: ApprovalRow): ApprovalRow {
    if (row.version !== this.row.version) throw new ApprovalConflictError('somebody else was faster');
    this.row = { ...row, version: row.version + 1, ledgerSeq: row.ledgerSeq + 1 };
    if (this.phases.at(-1) !== row.phase) this.phases.push(row.phase);
    return this.row;
  }

  /** Somebody edits the server. */
  edit(change: (spec: MCPServer['spec']) => MCPServer['spec']): void {
    if (this.server !== undefined) this.#store({ ...this.server, spec: change(this.server.spec) });
  }

  /** Somebody writes the status of the server. */
  touch(): void {
    if (this.server !== undefined) this.#store(this.server);
  }

  async #call<T>(effect: () => T): Promise<T> {
    await this.around('before');
    const answer = effect();
    await this.around('after');
    return answer;
  }

  #client(): Pick<KubernetesClient, 'get' | 'list' | 'patchJson'> {
    const client = {
      get: (type: ResourceType) => this.#call(() => this.#get(type)),
      list: () => this.#call(() => ({ items: this.decisions, resourceVersion: '1' })),
      patchJson: (
        _type: ResourceType,
        _key: unknown,
        operations: readonly JsonPatchOperation[],
        { dryRun = false }: WriteOptions,
      ) => this.#call(() => this.#patch(operations, dryRun)),
    };
    // A boundary: the kinds of objects that it answers with are those that are asked for.
    return client as unknown as Pick<KubernetesClient, 'get' | 'list' | 'patchJson'>;
  }

  #get({ kind }: ResourceType): unknown {
    if (kind === 'Namespace') return { metadata: { name: 'team-a', labels: {} } };
    return this.server;
  }

  #patch(operations: readonly JsonPatchOperation[], dryRun: boolean): MCPServer {
    this.beforePatch();
    const { refuses } = this.#options;
    if (!dryRun) this.#patches += 1;
    const answer = {
      code: 403,
      reason: 'Forbidden',
      message: 'not allowed',
      causes: [],
      retryAfterMs: undefined,
    };
    if (refuses?.({ dryRun, count: this.#patches }) === true) throw new ForbiddenError(answer);
    let patched: MCPServer;
    try {
      patched = applyOperations(this.server, operations) as MCPServer;
    } catch (error) {
      throw new InvalidError({ ...answer, code: 422, reason: 'Invalid', message: String(error) });
    }
    if (!dryRun) return this.#store(patched);
    this.onDryRun();
    return patched;
  }

  #store(next: MCPServer): MCPServer {
    const { generation = 1, resourceVersion = '1' } = this.server?.metadata ?? {};
    const isChanged = canonicalJson(next.spec) !== canonicalJson(this.server?.spec);
    if (isChanged) this.specs.push(next.spec);
    const metadata = {
      ...next.metadata,
      resourceVersion: String(Number(resourceVersion) + 1),
      generation: generation + (isChanged ? 1 : 0),
    };
    this.server = settled({ ...next, metadata }, this.#options.readiness);
    return this.server;
  }
}

/** What the operator says of the server by now. */
function settled(
  server: MCPServer,
  readiness: Readiness = () => ({ status: 'True', reason: 'Verified' }),
): MCPServer {
  const seen = readiness(server);
  if (seen === 'unseen') return server;
  const observedGeneration = server.metadata.generation ?? 1;
  const ready = {
    type: 'Ready',
    ...seen,
    message: '',
    observedGeneration,
    lastTransitionTime: OPENED.toISOString(),
  };
  // A boundary: reasons of tests are not of the closed set.
  return { ...server, status: { observedGeneration, conditions: [ready] } } as unknown as MCPServer;
}

function approvedRow({ server, plan, kind = 'Remediate' }: WorldOptions): ApprovalRow {
  const { name, uid = '', generation = 1 } = server.metadata;
  const target = { ...anAction().target, name, uid, generation };
  const row = aRow({ action: anAction({ kind, target }), plan });
  const facts = ['ann', 'ben'].map((person) => aDecision(row, person, 'approve'));
  const step = transition(row, observing(row, facts), later(120));
  if (step?.row.phase !== 'Approved') throw new Error('the row of the test is not approved');
  return step.row;
}

/** @returns the object of a decision, as admission stamps it. */
export function decisionBy(row: ApprovalRow, person: string, verb: DecisionVerb): ApprovalDecision {
  const at = later(60).toISOString();
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: {
      name: decisionName(row.requestUid, person, verb),
      namespace: row.namespace,
      uid: `uid-of-${person}-${verb}`,
      creationTimestamp: `${at.slice(0, 19)}Z`,
    },
    spec: {
      requestRef: { name: row.name, uid: row.requestUid },
      verb,
      digest: row.derived.digest,
      reason: 'because it is right',
      decidedBy: { username: person },
      decidedAt: at,
      admissionUID: 'uid-of-admission',
    },
  };
}
