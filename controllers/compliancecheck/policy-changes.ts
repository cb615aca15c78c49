/**
 * Changes of MCPSecurityPolicies and ApprovalPolicies, for the ledger: what servers may be, and who must agree to what, is as much of an auditor's
 * concern as what they are checked by. Each spec is recorded once, whoever leads; what changes while the store is down waits here, and is lost with
 * the process unless it is the newest.
 */
import { lastChangedBy } from '../../api/index.ts';
import { FencedError, type ChangeRecord, type RunHistory } from '../../checks/engine/history.ts';
import { digest } from '../../core/canonical-json.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type {
  Change,
  Informer,
  KubernetesObject,
  Leadership,
  Runnable,
} from '../../operator/runtime/index.ts';
import { uidOf } from './kinds.ts';
import { callStore } from './store-calls.ts';

/** A policy of the cluster. */
type Policy = KubernetesObject & { readonly spec: object };

export interface PolicyChangesOptions<T extends Policy> {
  readonly policies: Pick<Informer<T>, 'addHandler'>;
  /** A few words on what the policy says; its digest is added. */
  readonly describe: (policy: T) => string;
  readonly history: RunHistory;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Changes that may wait for the store. */
const MOST_WAITING = 1_000;

/** @see module header. */
export class PolicyChanges<T extends Policy> implements Runnable {
  readonly #options: PolicyChangesOptions<T>;
  readonly #waiting = new Map<string, ChangeRecord>();
  #wake: () => void = () => undefined;

  constructor(options: PolicyChangesOptions<T>) {
    this.#options = options;
  }

  async run(stop: AbortSignal, _abort: AbortSignal, leadership: Leadership): Promise<void> {
    const ended = AbortSignal.any([stop, leadership.signal]);
    const remove = this.#options.policies.addHandler((change) => this.#note(change));
    ended.addEventListener('abort', () => this.#wake(), { once: true });
    try {
      while (!ended.aborted) {
        const [next] = this.#waiting.values();
        if (next === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
        else await this.#record(next, leadership, ended);
      }
    } finally {
      remove();
      this.#waiting.clear();
    }
  }

  #note(change: Change<T>): void {
    const { clock, logger, describe } = this.#options;
    const record = recordOf(change, describe, clock.now().toISOString());
    if (record === undefined) return;
    if (this.#waiting.size < MOST_WAITING) this.#waiting.set(record.key, record);
    else logger.error('the ledger misses a change: too many wait for the store', { change: record.key });
    this.#wake();
  }

  async #record(change: ChangeRecord, { epoch, lease }: Leadership, signal: AbortSignal): Promise<void> {
    const { history, clock, logger } = this.#options;
    const fence = { epoch, ...(lease !== undefined && { lease }) };
    const options = { history, fence, clock, logger, signal, onProblem: () => undefined };
    try {
      await callStore((store) => store.recordChange(change, fence), options);
    } catch (error) {
      // Another one leads, or nobody does any more: it records what is now.
      if (signal.aborted || error instanceof FencedError) return;
      logger.error('the ledger misses a change', { change: change.key, error: errorMessage(error) });
    } finally {
      this.#waiting.delete(change.key);
    }
  }
}

/** @returns undefined for a change that leaves the spec as it is. */
function recordOf<T extends Policy>(
  change: Change<T>,
  describe: (policy: T) => string,
  at: string,
): ChangeRecord | undefined {
  const { metadata, spec, kind } = change.object;
  const { generation = 0, name } = metadata;
  if (change.kind === 'update' && change.previous.metadata.generation === generation) return undefined;
  const isGone = change.kind === 'delete';
  const uid = uidOf(change.object);
  return {
    key: `policy:${uid}:${isGone ? 'deleted' : generation}`,
    kind: 'PolicyChanged',
    object: { kind, namespace: '', name, uid },
    // Who deletes is known to the API server's audit log alone.
    changedBy: isGone ? '' : lastChangedBy(metadata.annotations),
    summary: isGone ? 'deleted' : `${describe(change.object)}, spec ${digest(spec)}`,
    at,
  };
}
