/** What ends a request before it is executed, the first that applies. */
import type { Observed, ObservedTarget } from './observed.ts';
import type { Tally } from './count.ts';
import type { CountedDecision, DecisionVerb, ApprovalRow } from './request.ts';

/** An end, and who caused it. */
export interface Ending {
  readonly phase: 'Denied' | 'Expired' | 'Cancelled' | 'Superseded';
  readonly reason: string;
  readonly message: string;
  /** Empty for the clock, and where nobody decided. */
  readonly person: string;
  /** What the person wrote; empty where nobody did. */
  readonly text: string;
}

/**
 * @returns how the row ends at `now`; undefined when it goes on. A denial in time counts though nobody looked before the request expired; an
 * approval that nobody looked at in time does not.
 */
export function endingOf(row: ApprovalRow, observed: Observed, tally: Tally, now: Date): Ending | undefined {
  return (
    vanished(observed) ??
    superseded(row, observed) ??
    (tally.cancelled
      ? by(tally, 'cancel', { phase: 'Cancelled', reason: 'CancelledByPerson' })
      : undefined) ??
    denied(row, tally) ??
    expired(row, now)
  );
}

function vanished({ request }: Observed): Ending | undefined {
  if (request === 'live') return undefined;
  return nobody('Cancelled', 'RequestDeleted', 'the ApprovalRequest was deleted');
}

function superseded(row: ApprovalRow, { target, isNewest }: Observed): Ending | undefined {
  const change = targetChange(row.action, target);
  if (change !== undefined) return nobody('Superseded', change.reason, change.message);
  return isNewest
    ? undefined
    : nobody('Superseded', 'NewerRequest', 'a newer request is open for the same thing');
}

/** @returns why the target is no longer what the request is bound to; undefined when it is, or cannot be seen. */
export function targetChange(
  { kind, target: bound }: ApprovalRow['action'],
  target: ObservedTarget,
): { readonly reason: 'TargetGone' | 'TargetChanged'; readonly message: string } | undefined {
  if (target === 'unknown') return undefined;
  if (target === 'gone')
    return { reason: 'TargetGone', message: `${bound.kind} ${bound.name} does not exist` };
  if (target.uid !== bound.uid)
    return { reason: 'TargetGone', message: `${bound.kind} ${bound.name} is another one of that name` };
  if (kind === 'Quarantine' || target.generation === bound.generation) return undefined;
  const message = `the spec of ${bound.kind} ${bound.name} changed: generation ${target.generation}, asked for ${bound.generation}`;
  return { reason: 'TargetChanged', message };
}

function denied(row: ApprovalRow, tally: Tally): Ending | undefined {
  if (!tally.denied) return undefined;
  return by(tally, 'deny', {
    phase: 'Denied',
    reason: row.phase === 'Approved' ? 'WithdrawnByDenial' : 'Denied',
  });
}

function expired({ phase, derived, executeBefore }: ApprovalRow, now: Date): Ending | undefined {
  const end = phase === 'Pending' ? derived.expiresAt : executeBefore;
  if (end === undefined || now.getTime() < Date.parse(end)) return undefined;
  return phase === 'Pending'
    ? nobody('Expired', 'NotDecided', `not approved before ${end}`)
    : nobody('Expired', 'NotExecuted', `not executed before ${end}`);
}

function nobody(phase: Ending['phase'], reason: string, message: string): Ending {
  return { phase, reason, message, person: '', text: '' };
}

/** The last one with that verb tipped the scales. */
function by({ counted }: Tally, verb: DecisionVerb, end: Pick<Ending, 'phase' | 'reason'>): Ending {
  const last: CountedDecision | undefined = counted.findLast((decision) => decision.verb === verb);
  return {
    ...end,
    message: `by ${last?.name ?? verb}`,
    person: last?.person ?? '',
    text: last?.reason ?? '',
  };
}
