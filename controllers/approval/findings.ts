/**
 * Asks for the repair of what a ComplianceCheck with mode Remediate found: one ApprovalRequest for each failure that a plan can put right. The name
 * of a request is derived from what it would do, so finding the same again meets the request that is there.
 */
import { GROUP, VERSION, mcpServerResource, type ApprovalRequest, type MCPServer } from '../../api/index.ts';
import { PLANNED_CHECKS, planFor } from '../../approval/plan/index.ts';
import {
  askAgain,
  digestOf,
  isFinal,
  requestName,
  type Action,
  type PlanEffect,
} from '../../approval/index.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { Clock } from '../../core/clock.ts';
import {
  AlreadyExistsError,
  type KubernetesClient,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
  type Watch,
} from '../../operator/runtime/index.ts';
import { APPROVAL_REQUEST } from '../decisions/index.ts';
import type { ApprovalFeed } from './feed.ts';
import { labelsOf, targetOf, type ApprovalSources } from './sources.ts';

/** What compliance has to say about servers that may be asked about. */
export interface FindingsPort {
  /**
   * Ids of checks that the server, at its present generation, fails and nobody has waived, in a ComplianceCheck or ClusterComplianceCheck with
   * mode Remediate.
   */
  failuresOf(server: MCPServer): readonly string[];
  /** Name the servers of which there is news. */
  readonly watches: readonly Watch[];
}

export interface FindingsOptions {
  readonly sources: ApprovalSources;
  readonly findings: FindingsPort;
  readonly feed: ApprovalFeed;
  readonly client: Pick<KubernetesClient, 'create'>;
  readonly clock: Clock;
}

const FIELD_MANAGER = 'mcp-operator/approval';
const LONGEST_WAIT_MS = 3_600_000;
/** A cache is seldom further behind. */
const UNSEEN_RETRY_MS = 1_000;
const MOST_NAMES = 8;

/** @see module header */
export class FindingsReconciler implements Reconciler {
  readonly #options: FindingsOptions;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, context: ReconcileContext): Promise<ReconcileResult> {
    const { sources, findings } = this.#options;
    const server = sources.servers.store.get(key);
    if (server === undefined || server.metadata.deletionTimestamp !== undefined) return { kind: 'done' };
    const failures = findings.failuresOf(server).filter((check) => PLANNED_CHECKS.includes(check));
    const waits: number[] = [];
    for (const check of failures) {
      const afterMs = await this.#ask(server, check, context);
      if (afterMs !== undefined) waits.push(afterMs);
    }
    if (waits.length === 0) return { kind: 'done' };
    return { kind: 'requeue', afterMs: Math.min(Math.max(1, Math.min(...waits)), LONGEST_WAIT_MS) };
  }

  /** @returns in how many milliseconds it may be asked again. */
  async #ask(
    server: MCPServer,
    check: string,
    { signal, logger }: ReconcileContext,
  ): Promise<number | undefined> {
    const { feed, clock } = this.#options;
    const action = actionFor(server, check);
    const effect = this.#planned(server, action);
    if (effect === undefined) return undefined;
    const digest = digestOf(action, effect);
    const question = { targetUid: action.target.uid, kind: action.kind, check };
    const previous = await feed.read((store) => store.requestsFor(question));
    const answer = askAgain(previous, digest, clock.now());
    if (answer.ask === 'Open') return undefined;
    if (answer.ask === 'Later') return answer.after.getTime() - clock.now().getTime();
    return this.#create(server, { action, digest, attempt: answer.attempt }, { signal, logger });
  }

  /**
   * Under the derived name, so that finding the same again meets the request that is there. Whoever guessed the name, and took it for something else,
   * keeps nobody from asking, and neither does a request that ended and is not in the store any more: then the next number is taken.
   */
  async #create(
    { metadata: { namespace } }: MCPServer,
    {
      action,
      digest,
      attempt,
    }: { readonly action: Action; readonly digest: string; readonly attempt: number },
    { signal, logger }: Pick<ReconcileContext, 'signal' | 'logger'>,
  ): Promise<number | undefined> {
    const { sources } = this.#options;
    for (let number = attempt; number < attempt + MOST_NAMES; number += 1) {
      const name = requestName(action, digest, number);
      if (await this.#isCreated({ namespace, name }, action, signal)) {
        logger.info('asked for approval', { request: name, check: action.parameters['check'] });
        return undefined;
      }
      const there = sources.requests.store.get({ namespace, name });
      // It was made a moment ago, and the cache does not know yet by whom and for what.
      if (there === undefined) return UNSEEN_RETRY_MS;
      if (isOpenFor(action, there)) return undefined;
    }
    logger.warn('the names of a request for approval are taken by others', { digest });
    return LONGEST_WAIT_MS;
  }

  /** @returns whether it is new: false where the name is taken. */
  async #isCreated(key: ObjectKey, action: Action, signal: AbortSignal): Promise<boolean> {
    const { group, version, kind } = APPROVAL_REQUEST;
    const request = { apiVersion: `${group}/${version}`, kind, metadata: key, spec: { action } };
    try {
      await this.#options.client.create(APPROVAL_REQUEST, request, { fieldManager: FIELD_MANAGER }, signal);
      return true;
    } catch (error) {
      if (error instanceof AlreadyExistsError) return false;
      throw error;
    }
  }

  /** The same plan that the request will have when it is opened; none where nothing can be done. */
  #planned(server: MCPServer, action: Action): PlanEffect | undefined {
    const { sources, clock } = this.#options;
    const { namespace } = server.metadata;
    const planned = planFor(
      action,
      {
        target: 'MCPServer',
        server,
        namespace: { name: namespace, labels: labelsOf(sources, namespace) },
        settings: sources.rendering,
        managers: targetOf(sources, namespace, action.target).managers,
        acceptedHash: undefined,
        isQuarantined: false,
      },
      clock.now(),
    );
    return planned.kind === 'planned' ? planned.plan.effect : undefined;
  }
}

function isOpenFor(action: Action, { spec, status }: ApprovalRequest): boolean {
  const hasEnded = status?.phase !== undefined && isFinal(status.phase);
  return !hasEnded && canonicalJson(spec.action) === canonicalJson(action);
}

function actionFor({ metadata: { name, uid = '', generation = 0 } }: MCPServer, check: string): Action {
  const apiVersion = `${GROUP}/${VERSION}`;
  const target = { apiVersion, kind: mcpServerResource.kind, name, uid, generation };
  return { kind: 'Remediate', target, parameters: { check } };
}
