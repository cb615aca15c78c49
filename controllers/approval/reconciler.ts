/** One look at one request: open it, move it as far as it goes, and show what the store says of it. */
import type { ApprovalRequest } from '../../api/index.ts';
import { isFinal, nextWake, opening, type ApprovalRow } from '../../approval/index.ts';
import { isStoresOwn } from '../../checks/engine/history.ts';
import type { Clock } from '../../core/clock.ts';
import type {
  EventRecorder,
  ObjectKey,
  ObjectWriter,
  ReconcileContext,
  Reconciler,
  ReconcileResult,
} from '../../operator/runtime/index.ts';
import { APPROVAL_REQUEST } from '../decisions/index.ts';
import type { AdmissionWatch } from '../locks/index.ts';
import { advance, type Advanced } from './advance.ts';
import { announcements } from './announcements.ts';
import { derive, type Derivation } from './derive.ts';
import type { ApprovalFeed } from './feed.ts';
import type { ApprovalMetrics } from './metrics.ts';
import { labelsOf, targetOf, type ApprovalSources } from './sources.ts';
import { ACCEPTED, RECORDED, requestStatus, type Standing } from './status.ts';
import { STORE_RETRY_MS } from './store-trouble.ts';

/** A wait may be as long as a policy says; a timer may not. */
const LONGEST_WAIT_MS = 3_600_000;
/** What could not be worked out is tried again, though nothing tells that it can be now. */
const DERIVE_RETRY_MS = 30_000;

export interface RequestReconcilerOptions {
  readonly sources: ApprovalSources;
  /** Absent without a store. */
  readonly feed?: ApprovalFeed;
  readonly admission: Pick<AdmissionWatch, 'observeSince'>;
  readonly writer: Pick<ObjectWriter, 'applyStatus'>;
  readonly recorder: EventRecorder;
  readonly metrics: Pick<ApprovalMetrics, 'moved'>;
  readonly clock: Clock;
}

/** What a look came to. */
interface Outcome {
  readonly row?: ApprovalRow;
  readonly standing: Standing;
  readonly againInMs?: number;
}

export class RequestReconciler implements Reconciler {
  readonly #options: RequestReconcilerOptions;

  constructor(options: RequestReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { signal, logger }: ReconcileContext): Promise<ReconcileResult> {
    const { feed, sources } = this.#options;
    const stored = sources.requests.store.get(key);
    const request = stored?.metadata.deletionTimestamp === undefined ? stored : undefined;
    if (feed !== undefined) await this.#endGone(key, request, feed, signal);
    if (request === undefined) return { kind: 'done' };
    const outcome = await this.#outcomeOf(request, feed, signal);
    if (await this.#report(request, outcome, signal))
      logger.info('status written', { phase: outcome.row?.phase, waiting: outcome.row?.waiting });
    return again(outcome);
  }

  /** The row of a request that is gone, or was made anew, ends; nothing holds the object until it has. */
  async #endGone(
    key: ObjectKey,
    request: ApprovalRequest | undefined,
    feed: ApprovalFeed,
    signal: AbortSignal,
  ): Promise<void> {
    const gone = feed.rows.named(key).filter(({ requestUid }) => requestUid !== request?.metadata.uid);
    for (const row of gone) await this.#advance(row, false, feed, signal);
  }

  async #outcomeOf(
    request: ApprovalRequest,
    feed: ApprovalFeed | undefined,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (feed === undefined) return { standing: { recorded: STORE_REQUIRED } };
    try {
      const outcome = await this.#look(request, feed, signal);
      // What needed no question of the store says nothing of it.
      if (feed.problem === undefined) return outcome;
    } catch (error) {
      if (!isStoresOwn(error)) throw error;
    }
    return unavailable(feed);
  }

  async #look(request: ApprovalRequest, feed: ApprovalFeed, signal: AbortSignal): Promise<Outcome> {
    const uid = request.metadata.uid ?? '';
    await feed.ready();
    const known = feed.rows.get(uid) ?? (await feed.read((store) => store.request(uid)));
    if (known === undefined && hasEnded(request)) return { standing: { recorded: NOT_IN_STORE } };
    const opened = known ?? (await this.#open(request, feed));
    if ('reason' in opened) return refusal(opened, this.#options.clock.now());
    const { row, settlesInMs } = await this.#advance(opened, true, feed, signal);
    const wake = nextWake(row, this.#options.clock.now());
    const waits = [settlesInMs, wake && wake.getTime() - this.#options.clock.now().getTime()];
    return { row, standing: { accepted: ACCEPTED, recorded: RECORDED }, ...soonest(waits) };
  }

  async #open(
    request: ApprovalRequest,
    feed: ApprovalFeed,
  ): Promise<ApprovalRow | Extract<Derivation, { kind: 'refused' }>> {
    const { sources, clock } = this.#options;
    const { namespace } = request.metadata;
    const { target: bound, kind, parameters } = request.spec.action;
    const question = { targetUid: bound.uid, kind, check: parameters['check'] ?? '' };
    const derivation = derive(
      {
        request,
        ...targetOf(sources, namespace, bound),
        namespaceLabels: labelsOf(sources, namespace),
        policies: sources.policies.store.list(),
        rendering: sources.rendering,
        executor: sources.executor,
        executed: await feed.read((store) => store.executedActions(bound.uid)),
        previous: await feed.read((store) => store.requestsFor(question)),
      },
      clock.now(),
    );
    if (derivation.kind === 'refused') return derivation;
    const row = await feed.open(opening(derivation.facts, clock.now()));
    this.#options.metrics.moved(undefined, row);
    return row;
  }

  async #advance(
    row: ApprovalRow,
    isLive: boolean,
    feed: ApprovalFeed,
    signal: AbortSignal,
  ): Promise<Advanced> {
    const { sources, admission, clock, metrics } = this.#options;
    const advanced = await advance(row, isLive, { feed, sources, admission, clock }, signal);
    if (advanced.row.phase !== row.phase) metrics.moved(row, advanced.row);
    return advanced;
  }

  /** @returns whether the status was written: it is not while it says nothing new. */
  async #report(request: ApprovalRequest, { row, standing }: Outcome, signal: AbortSignal): Promise<boolean> {
    const { writer, recorder, clock } = this.#options;
    const status = requestStatus(request, row, standing, clock.now().getTime());
    const written = await writer.applyStatus(APPROVAL_REQUEST, request, status, signal);
    if (!written) return false;
    for (const event of announcements(request.status, status)) recorder.event(request, event);
    return true;
  }
}

const STORE_REQUIRED: Standing['recorded'] = {
  reason: 'StoreRequired',
  message: 'the operator runs without a store: set the chart value store.mode',
};

const NOT_IN_STORE: Standing['recorded'] = {
  reason: 'NotInStore',
  message: 'the request had ended, and the store does not know it: nothing is done a second time',
};

/** Only the operator writes the status. A store that was restored, or is another one, must not count the decisions of then once more. */
function hasEnded({ status }: ApprovalRequest): boolean {
  return status?.phase !== undefined && isFinal(status.phase);
}

function unavailable({ problem = 'it does not answer' }: ApprovalFeed): Outcome {
  const recorded = { reason: 'StoreUnavailable', message: problem } as const;
  return { standing: { recorded }, againInMs: STORE_RETRY_MS };
}

function refusal({ reason, message, until }: Extract<Derivation, { kind: 'refused' }>, now: Date): Outcome {
  const standing = { accepted: { reason, message }, recorded: RECORDED };
  if (until !== undefined) return { standing, againInMs: until.getTime() - now.getTime() };
  return reason === 'NotDerivedYet' ? { standing, againInMs: DERIVE_RETRY_MS } : { standing };
}

function soonest(waits: readonly (number | undefined)[]): Pick<Outcome, 'againInMs'> {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? {} : { againInMs: Math.min(...known) };
}

function again({ againInMs }: Outcome): ReconcileResult {
  if (againInMs === undefined) return { kind: 'done' };
  return { kind: 'requeue', afterMs: Math.min(Math.max(againInMs, 1), LONGEST_WAIT_MS) };
}
