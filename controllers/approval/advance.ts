/** Moves one request as far as it goes: observe, one pure step, one write, and again. */
import {
  ApprovalConflictError,
  isFinal,
  transition,
  type ApprovalRow,
  type Observed,
} from '../../approval/index.ts';
import type { Clock } from '../../core/clock.ts';
import { ConflictError } from '../../core/errors.ts';
import { gatherDecisions, knownFromMs, oldestOf } from '../decisions/index.ts';
import type { AdmissionWatch } from '../locks/index.ts';
import { policyFor } from './derive.ts';
import type { ApprovalFeed } from './feed.ts';
import { isNewer } from './rows.ts';
import { decisionsOn, labelsOf, observedTarget, type ApprovalSources } from './sources.ts';

/** A request goes from Pending over Approved to an end in a few; more is a bug that must not turn into a loop. */
const MOST_STEPS = 8;

export interface AdvanceDependencies {
  readonly feed: ApprovalFeed;
  readonly sources: ApprovalSources;
  readonly admission: Pick<AdmissionWatch, 'observeSince'>;
  readonly clock: Clock;
}

/** How far a request came. */
export interface Advanced {
  readonly row: ApprovalRow;
  /** In how many milliseconds it will be known of a decision whether admission was whole. */
  readonly settlesInMs: number | undefined;
}

/** @param isLive whether the ApprovalRequest exists. @throws ConflictError, and what the store rejects with. */
export async function advance(
  row: ApprovalRow,
  isLive: boolean,
  dependencies: AdvanceDependencies,
  signal: AbortSignal,
): Promise<Advanced> {
  let current = row;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (isFinal(current.phase) || current.phase === 'Executing')
      return { row: current, settlesInMs: undefined };
    const { observed, settlesInMs } = await observe(current, isLive, dependencies, signal);
    const next = transition(current, observed, dependencies.clock.now());
    if (next === undefined) return { row: current, settlesInMs };
    current = await written(next, dependencies);
  }
  throw new ConflictError(`request ${row.namespace}/${row.name} does not come to rest`);
}

/** The executor writes as well, and Kubernetes knows the same answer to a lost race: look again. */
async function written(
  next: Parameters<ApprovalFeed['advance']>[0],
  { feed }: AdvanceDependencies,
): Promise<ApprovalRow> {
  try {
    return await feed.advance(next);
  } catch (error) {
    if (!(error instanceof ApprovalConflictError)) throw error;
    const { requestUid } = next.row;
    const now = await feed.read((store) => store.request(requestUid));
    if (now === undefined) throw new ConflictError('the request is gone from the store', { cause: error });
    return now;
  }
}

async function observe(
  row: ApprovalRow,
  isLive: boolean,
  dependencies: AdvanceDependencies,
  signal: AbortSignal,
): Promise<{ readonly observed: Observed; readonly settlesInMs: number | undefined }> {
  const { sources, feed } = dependencies;
  const { namespace, action, derived } = row;
  const { facts, settlesInMs } = await gathered(row, dependencies, signal);
  const observed: Observed = {
    request: isLive ? 'live' : 'deleted',
    decisions: facts,
    target: observedTarget(sources, namespace, action.target),
    policy:
      derived.policy === undefined
        ? policyFor(sources.policies.store.list(), action, {
            risk: derived.plan.risk,
            namespaceLabels: labelsOf(sources, namespace),
          })
        : undefined,
    isNewest: feed.rows.rivalsOf(row).every((rival) => isNewer(row, rival)),
  };
  return { observed, settlesInMs };
}

async function gathered(
  row: ApprovalRow,
  { feed, sources, admission, clock }: AdvanceDependencies,
  signal: AbortSignal,
) {
  const decisions = decisionsOn(sources, row.namespace, row.requestUid);
  const oldest = oldestOf(decisions);
  if (oldest === undefined) return { facts: [], settlesInMs: undefined };
  const newest =
    decisions
      .map(({ metadata }) => metadata.creationTimestamp ?? '')
      .toSorted()
      .at(-1) ?? oldest;
  const canBeKnown = clock.now().getTime() >= knownFromMs(newest);
  // Nobody has to wait for the next look at the locks, once one can tell.
  if (canBeKnown) await admission.observeSince(knownFromMs(newest), signal);
  const { facts, unsettled } = await gatherDecisions(
    row,
    {
      decisions,
      authority: sources.authority,
      admission: await feed.read((store) => store.admissionIntervals(oldest)),
      personKey: sources.personKey,
    },
    signal,
  );
  const settlesInMs = unsettled === undefined ? undefined : settlesIn(unsettled, canBeKnown, clock.now());
  return { facts, settlesInMs };
}

/** What should be known by now could not be looked at: the next look by the clock tells. */
const SETTLE_RETRY_MS = 10_000;

/** @param wasLooked whether somebody looked at the locks late enough, and could not tell all the same. */
function settlesIn(unsettled: string, wasLooked: boolean, now: Date): number {
  return wasLooked ? SETTLE_RETRY_MS : Math.max(1, knownFromMs(unsettled) - now.getTime());
}
