/** The cluster as the executor reads and writes it: live, never from a cache, because what it reads decides what it does. */
import type { ApprovalDecision, MCPServer } from '../../api/index.ts';
import type {
  ActionTarget,
  ApprovalRow,
  ApprovalStore,
  ExecutionFacts,
  ObservedTarget,
  PatchOperation,
} from '../../approval/index.ts';
import type { NamespaceFacts } from '../../checks/index.ts';
import { TransientError } from '../../core/errors.ts';
import { excerpt } from '../../core/excerpt.ts';
import {
  ForbiddenError,
  InvalidError,
  NotFoundError,
  type KubernetesClient,
  type ObjectKey,
} from '../../operator/runtime/index.ts';
import { APPROVAL_DECISION, gatherDecisions, oldestOf, type Authority } from '../decisions/index.ts';
import { MCPSERVER, NAMESPACE, TARGETS } from './kinds.ts';

/** Its changes are told from everybody else's by this. */
const FIELD_MANAGER = 'mcp-executor';
const PAGE = 500;

/** What came of a patch. */
export type PatchAnswer =
  | { readonly kind: 'patched'; readonly server: MCPServer }
  | { readonly kind: 'refused'; readonly isForbidden: boolean; readonly message: string };

export interface ClusterOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'list' | 'patchJson'>;
  readonly store: Pick<ApprovalStore, 'admissionIntervals'>;
  readonly authority: Authority;
  /** The setting `approval.personKey`. */
  readonly personKey: string;
}

/** Every method rejects with what the API server answers in vain, or with the reason of `signal`. */
export class Cluster {
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Decisions and target, read for this one execution. */
  async factsOf(row: ApprovalRow, signal: AbortSignal): Promise<ExecutionFacts> {
    const { store, authority, personKey } = this.#options;
    const decisions = await this.#decisionsOn(row, signal);
    const oldest = oldestOf(decisions);
    const admission = oldest === undefined ? [] : await store.admissionIntervals(oldest);
    const { facts } = await gatherDecisions(row, { decisions, authority, admission, personKey }, signal);
    return { decisions: facts, target: await this.#observed(row.namespace, row.action.target, signal) };
  }

  /** @returns the MCPServer that a request is about; undefined when it does not exist or is another one of that name. */
  async server(
    { namespace, action }: Pick<ApprovalRow, 'namespace' | 'action'>,
    signal: AbortSignal,
  ): Promise<MCPServer | undefined> {
    const key: ObjectKey = { namespace, name: action.target.name };
    const server = await this.#options.client.get(MCPSERVER, key, signal);
    return server?.metadata.uid === action.target.uid ? server : undefined;
  }

  async namespace(name: string, signal: AbortSignal): Promise<NamespaceFacts> {
    const namespace = await this.#options.client.get(NAMESPACE, { namespace: '', name }, signal);
    if (namespace === undefined) throw new TransientError(`Namespace ${name} is not there`);
    return { name, labels: namespace.metadata.labels ?? {} };
  }

  /** Applies the operations to the server as it was read, and to no other state of it. */
  async patch(
    { metadata }: MCPServer,
    operations: readonly PatchOperation[],
    { dryRun }: { readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<PatchAnswer> {
    const { namespace, name, uid, resourceVersion } = metadata;
    const guarded = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      ...operations,
    ] as const;
    try {
      const options = { fieldManager: FIELD_MANAGER, dryRun };
      const server = await this.#options.client.patchJson(
        MCPSERVER,
        { namespace, name },
        guarded,
        options,
        signal,
      );
      return { kind: 'patched', server };
    } catch (error) {
      if (isRefusal(error)) return refused(error);
      throw error;
    }
  }

  async #decisionsOn(
    { namespace, requestUid }: ApprovalRow,
    signal: AbortSignal,
  ): Promise<readonly ApprovalDecision[]> {
    const found: ApprovalDecision[] = [];
    const fieldSelector = `spec.requestRef.uid=${requestUid}`;
    let next: string | undefined;
    do {
      const options = {
        namespace,
        fieldSelector,
        limit: PAGE,
        ...(next !== undefined && { continue: next }),
      };
      const page = await this.#options.client.list(APPROVAL_DECISION, options, signal);
      found.push(...page.items);
      next = page.continue;
    } while (next !== undefined && next !== '');
    return found;
  }

  async #observed(namespace: string, target: ActionTarget, signal: AbortSignal): Promise<ObservedTarget> {
    const type = TARGETS[target.kind];
    if (type === undefined) return 'unknown';
    const object = await this.#options.client.get(type, { namespace, name: target.name }, signal);
    if (object === undefined) return 'gone';
    const { uid = '', generation = 0 } = object.metadata;
    return { uid, generation };
  }
}

type Refusal = ForbiddenError | InvalidError | NotFoundError;

function isRefusal(error: unknown): error is Refusal {
  return error instanceof ForbiddenError || error instanceof InvalidError || error instanceof NotFoundError;
}

/** RBAC and policies both answer 403; both are about what may be changed. */
function refused(error: Refusal): PatchAnswer {
  return { kind: 'refused', isForbidden: error instanceof ForbiddenError, message: excerpt(error.message) };
}
