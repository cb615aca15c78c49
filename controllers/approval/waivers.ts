/** Executed approvals of waivers, as compliance asks for them: read from the store for each ComplianceCheck that may have any, and remembered. */
import type { ComplianceCheck } from '../../api/index.ts';
import type { ExecutedAction } from '../../approval/index.ts';
import type {
  ObjectKey,
  ReconcileContext,
  Reconciler,
  ReconcileResult,
  Store,
  Watch,
} from '../../operator/runtime/index.ts';
import type { ApprovedWaiversPort, WaiverApprovals } from '../compliancecheck/index.ts';
import type { ApprovalFeed } from './feed.ts';

const NONE: WaiverApprovals = new Map();

/** @see module header. Made before both controllers, since each needs it. */
export class ApprovedWaivers implements ApprovedWaiversPort {
  readonly #approvals = new Map<string, WaiverApprovals>();
  readonly #listeners = new Set<(key: ObjectKey) => void>();

  approvalsOf(checkUid: string): WaiverApprovals {
    return this.#approvals.get(checkUid) ?? NONE;
  }

  watch(): Watch {
    return {
      hasSynced: () => true,
      start: (enqueue) => {
        const tell = (key: ObjectKey): void => enqueue(key, 0);
        this.#listeners.add(tell);
        return () => void this.#listeners.delete(tell);
      },
    };
  }

  /** Remembers what was executed for the check, and tells if that is news. */
  put(key: ObjectKey, checkUid: string, approvals: WaiverApprovals): void {
    if (isSame(this.approvalsOf(checkUid), approvals)) return;
    if (approvals.size === 0) this.#approvals.delete(checkUid);
    else this.#approvals.set(checkUid, approvals);
    for (const tell of this.#listeners) tell(key);
  }
}

function isSame(one: WaiverApprovals, other: WaiverApprovals): boolean {
  return one.size === other.size && [...one].every(([hash, at]) => other.get(hash) === at);
}

/** @returns when each waiver was approved, the last time if several; by its hash. */
export function approvalsIn(executed: readonly ExecutedAction[]): WaiverApprovals {
  return new Map(
    executed.flatMap(({ effect, executedAt }) =>
      effect.kind === 'Waiver' ? [[effect.waiverHash, executedAt] as const] : [],
    ),
  );
}

export interface WaiverReconcilerOptions {
  readonly checks: Pick<Store<ComplianceCheck>, 'get'>;
  readonly feed: ApprovalFeed;
  readonly waivers: ApprovedWaivers;
}

/** Reads what was executed for one check. While the store cannot be used, what was known before stands. */
export class WaiverReconciler implements Reconciler {
  readonly #options: WaiverReconcilerOptions;

  constructor(options: WaiverReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, _context: ReconcileContext): Promise<ReconcileResult> {
    const { checks, feed, waivers } = this.#options;
    const check = checks.get(key);
    const uid = check?.metadata.uid ?? '';
    // Most checks have none, and are not worth a question.
    if (check === undefined || (check.spec.waivers ?? []).length === 0) return { kind: 'done' };
    const executed = await feed.read((store) => store.executedActions(uid));
    waivers.put(key, uid, approvalsIn(executed));
    return { kind: 'done' };
  }
}
