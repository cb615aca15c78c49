/** One look at one policy: what the evaluation of servers says of it, and whether admission asks it, into its status. */
import type { MCPSecurityPolicy } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import type {
  EventRecorder,
  ObjectKey,
  ObjectWriter,
  ReconcileContext,
  Reconciler,
  ReconcileResult,
  Store,
} from '../../operator/runtime/index.ts';
import { announcements } from './announcements.ts';
import { decide } from './decide.ts';
import type { Evaluations } from './evaluations.ts';
import { SECURITY_POLICY } from './kinds.ts';
import type { LocksPort } from './locks.ts';
import type { Observed } from './observed.ts';
import { buildStatus } from './status.ts';

export interface PolicyReconcilerOptions {
  readonly policies: Pick<Store<MCPSecurityPolicy>, 'get'>;
  readonly evaluations: Pick<Evaluations, 'evaluationOf'>;
  readonly locks: Pick<LocksPort, 'locks'>;
  readonly writer: Pick<ObjectWriter, 'applyStatus'>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

export class PolicyReconciler implements Reconciler {
  readonly #options: PolicyReconcilerOptions;

  constructor(options: PolicyReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { signal, logger }: ReconcileContext): Promise<ReconcileResult> {
    const { policies, evaluations, locks, clock } = this.#options;
    const policy = policies.get(key);
    if (policy === undefined) return { kind: 'done' };
    const evaluation = evaluations.evaluationOf(policy);
    // Its end names the policy again.
    if (evaluation.kind === 'pending') return { kind: 'done' };
    const observed = { policy, evaluation, locks: locks.locks(), nowMs: clock.now().getTime() };
    if (await this.#report(observed, signal))
      logger.info('status written', { generation: policy.metadata.generation });
    if (evaluation.kind === 'impossible') return { kind: 'done' };
    return { kind: 'requeue', afterMs: evaluation.dueInMs };
  }

  /** @returns whether the status was written: it is not while it says nothing new. */
  async #report(observed: Observed, signal: AbortSignal): Promise<boolean> {
    const { policy } = observed;
    const { writer, recorder } = this.#options;
    const status = buildStatus(observed, decide(observed));
    const written = await writer.applyStatus(SECURITY_POLICY, policy, status, signal);
    if (!written) return false;
    for (const event of announcements(policy, status)) recorder.event(policy, event);
    return true;
  }
}
