/**
 * Asks for the repair of what a ComplianceCheck with mode Remediate found: one ApprovalRequest for each failure that a plan can put right. The name
 * of a request is derived from what it would do, so finding the same again meets the request that is there.
 */
import { GROUP, VERSION, mcpServerResource, type MCPServer } from '../../api/index.ts';
import { PLANNED_CHECKS, planFor } from '../../approval/plan/index.ts';
import { askAgain, digestOf, requestName, type Action, type PlanEffect } from '../../approval/index.ts';
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
    const { feed, clock, client } = this.#options;
    const action = actionFor(server, check);
    const effect = this.#planned(server, action);
    if (effect === undefined) return undefined;
    const digest = digestOf(action, effect);
    const question = { targetUid: action.target.uid, kind: action.kind, check };
    const previous = await feed.read((store) => store.requestsFor(question));
    const answer = askAgain(previous, digest, clock.now());
    if (answer.ask === 'Open') return undefined;
    if (answer.ask === 'Later') return answer.after.getTime() - clock.now().getTime();
    const name = requestName(action, digest, answer.attempt);
    const { namespace } = server.metadata;
    const { group, version, kind } = APPROVAL_REQUEST;
    const request = {
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { namespace, name },
      spec: { action },
    };
    try {
      await client.create(APPROVAL_REQUEST, request, { fieldManager: FIELD_MANAGER }, signal);
      logger.info('asked for approval', { request: name, check });
    } catch (error) {
      // It was asked a moment ago, and the store does not know the request yet.
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
    return undefined;
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

function actionFor({ metadata: { name, uid = '', generation = 0 } }: MCPServer, check: string): Action {
  const apiVersion = `${GROUP}/${VERSION}`;
  const target = { apiVersion, kind: mcpServerResource.kind, name, uid, generation };
  return { kind: 'Remediate', target, parameters: { check } };
}
