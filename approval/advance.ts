/**
 * The operator's half of the state machine: how a request that waits for decisions, or for its execution, goes on. What executes it is in
 * `execute.ts`. Pure: the same row, observation and time give the same step.
 */
import { type Tally, countDecisions } from './count.ts';
import { type Ending, endingOf } from './endings.ts';
import { freezeEnd } from './freeze.ts';
import { phaseMessage } from './messages.ts';
import { noteDecisions } from './note-decisions.ts';
import type { Observed } from './observed.ts';
import { expiryOf, noApprovals, policyDetails, waitingAtFirst } from './open.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';
import type { WaitingReason } from './reasons.ts';
import type { ApprovalCondition, ApprovalRow } from './request.ts';
import type { ApprovalEvent } from './store.ts';
import { type Transition, withConditions } from './transition.ts';

/** @returns the next step at `now`; undefined when nothing changes, and for what is Executing or final. */
export function transition(row: ApprovalRow, observed: Observed, now: Date): Transition | undefined {
  if (row.phase !== 'Pending' && row.phase !== 'Approved') return undefined;
  const tally = countDecisions(row, observed.decisions);
  // With a namespace its decisions go as well: what was counted stays on record.
  const noted = observed.request === 'deleted' ? { row, events: [] } : noteDecisions(row, tally);
  const ending = endingOf(row, observed, tally, now);
  if (ending !== undefined) return ended(noted, ending, now);
  if (row.derived.policy === undefined) return bound(noted, observed.policy, now);
  if (row.phase === 'Pending' && mayApprove(tally, observed)) return approved(noted, tally, now);
  return waited(row, noted, { tally, observed }, now);
}

/**
 * @returns when the row may change by the clock alone: it expires, or a freeze ends; undefined when it does not. For the reconciler's timer.
 */
export function nextWake(row: ApprovalRow, now: Date): Date | undefined {
  if (row.phase === 'Pending') return dateOf(row.derived.expiresAt);
  if (row.phase !== 'Approved') return undefined;
  const thaw = row.waiting === 'Freeze' ? freezeEnd(row.derived.policy?.freeze ?? [], now) : undefined;
  return thaw ?? dateOf(row.executeBefore);
}

function dateOf(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

/** A row with its decisions brought up to date, and the events of that. */
interface Noted {
  readonly row: ApprovalRow;
  readonly events: readonly ApprovalEvent[];
}

function ended(
  { row, events }: Noted,
  { phase, reason, message, person, text }: Ending,
  now: Date,
): Transition {
  const condition: ApprovalCondition = { type: phase, reason, message, at: now.toISOString() };
  const next: ApprovalRow = {
    ...row,
    phase,
    waiting: '',
    conditions: withConditions(row.conditions, [condition]),
  };
  const event: ApprovalEvent = {
    event: phase,
    person,
    ...(text !== '' && { reason: text }),
    details: { from: row.phase, reason, message, digest: row.derived.digest },
  };
  return { row: next, events: [...events, event], messages: [phaseMessage(next, now)] };
}

/** The first policies that match bind the request for good, and start its time. */
function bound(
  { row, events }: Noted,
  policy: PolicySnapshot | undefined,
  now: Date,
): Transition | undefined {
  if (policy === undefined) return events.length === 0 ? undefined : { row, events, messages: [] };
  const derived = { ...row.derived, policy, expiresAt: expiryOf(policy, now) };
  const next: ApprovalRow = {
    ...row,
    derived,
    waiting: waitingAtFirst(policy),
    approvals: noApprovals(derived),
  };
  const event: ApprovalEvent = { event: 'PolicyBound', person: '', details: policyDetails(policy) };
  return { row: next, events: [...events, event], messages: [phaseMessage(next, now)] };
}

/** Nothing is approved past a denial that may count, or for a target that nobody can see. */
function mayApprove(tally: Tally, { target }: Observed): boolean {
  return tally.isMet && !isHeld(tally) && target !== 'unknown';
}

function isHeld({ undecided }: Tally): boolean {
  return undecided.some(({ verb }) => verb === 'deny' || verb === 'cancel');
}

function approvalMessage(reason: string, { have, need }: Tally, isProposal: boolean): string {
  const by = reason === 'Automatic' ? 'the policy approves this by itself' : `${have} of ${need} approvals`;
  const next = '; the owner of the target makes the change, which `kilo-mcp approval export` prints';
  return `${by}${isProposal ? next : ''}`;
}

function approved({ row, events }: Noted, tally: Tally, now: Date): Transition {
  const { policy, plan } = row.derived;
  const reason = approvalReason(policy, tally);
  const isProposal = plan.effect.kind === 'Proposal';
  const message = approvalMessage(reason, tally, isProposal);
  const conditions = [condition('Approved', reason, message, now), ...overriddenBy(tally, now)];
  const thaw = tally.overridden ? undefined : freezeEnd(policy?.freeze ?? [], now);
  const executeBefore = isProposal ? undefined : deadline(thaw ?? now, policy);
  const next: ApprovalRow = {
    ...row,
    phase: 'Approved',
    waiting: waitingWhenApproved(isProposal, thaw),
    conditions: withConditions(row.conditions, conditions),
    ...(executeBefore !== undefined && { executeBefore }),
  };
  const event: ApprovalEvent = {
    event: 'Approved',
    person: tally.counted.at(-1)?.person ?? '',
    details: {
      from: row.phase,
      reason,
      digest: row.derived.digest,
      decisions: tally.counted.map(({ name }) => name),
      approvals: next.approvals,
      ...policyDetails(policy),
      ...(executeBefore !== undefined && { executeBefore }),
    },
  };
  return { row: next, events: [...events, event], messages: [phaseMessage(next, now)] };
}

function approvalReason(policy: PolicySnapshot | undefined, { have, need, missing }: Tally): string {
  if (policy?.auto === true) return 'Automatic';
  return have >= need && missing.length === 0 ? 'QuorumMet' : 'Overridden';
}

function waitingWhenApproved(isProposal: boolean, thaw: Date | undefined): WaitingReason | '' {
  if (isProposal) return 'Proposal';
  return thaw === undefined ? '' : 'Freeze';
}

function deadline(from: Date, policy: PolicySnapshot | undefined): string {
  return new Date(from.getTime() + (policy?.ttl.execution ?? 0) * 1000).toISOString();
}

function overriddenBy({ counted }: Tally, now: Date): readonly ApprovalCondition[] {
  const override = counted.find(({ verb }) => verb === 'override');
  return override ? [condition('Overridden', 'Overridden', `by ${override.name}`, now)] : [];
}

function condition(
  type: ApprovalCondition['type'],
  reason: string,
  message: string,
  now: Date,
): ApprovalCondition {
  return { type, reason, message, at: now.toISOString() };
}

/** Nothing ends and nothing is approved: what is known of the wait, brought up to date. */
function waited(
  before: ApprovalRow,
  { row, events }: Noted,
  { tally, observed }: { readonly tally: Tally; readonly observed: Observed },
  now: Date,
): Transition | undefined {
  const unfrozen = row.phase === 'Approved' && tally.overridden ? overrideApproved(row, tally, now) : row;
  const waiting = waitingReason(unfrozen, tally, observed, now);
  if (waiting === before.waiting && unfrozen === before) return undefined;
  // Every write has its entry in the ledger: where nobody decided, this one says what is waited for.
  const noEvent: ApprovalEvent = { event: 'WaitingChanged', person: '', details: { waiting } };
  return { row: { ...unfrozen, waiting }, events: events.length === 0 ? [noEvent] : events, messages: [] };
}

/** An override of what is approved lifts the freeze; it gives no more time than there was. */
function overrideApproved(row: ApprovalRow, tally: Tally, now: Date): ApprovalRow {
  const conditions = withConditions(row.conditions, overriddenBy(tally, now));
  if (conditions === row.conditions) return row;
  const { executeBefore } = row;
  if (executeBefore === undefined) return { ...row, conditions };
  const soon = deadline(now, row.derived.policy);
  return { ...row, conditions, executeBefore: soon < executeBefore ? soon : executeBefore };
}

function waitingReason(row: ApprovalRow, tally: Tally, { target }: Observed, now: Date): WaitingReason | '' {
  const { policy, plan } = row.derived;
  const isFrozen = (): boolean => !tally.overridden && freezeEnd(policy?.freeze ?? [], now) !== undefined;
  const reasons: readonly (readonly [WaitingReason, () => boolean])[] = [
    ['QuorumNotMet', () => !tally.isMet],
    ['AuthorityUnknown', () => isHeld(tally)],
    ['TargetUnknown', () => target === 'unknown'],
    ['Proposal', () => plan.effect.kind === 'Proposal'],
    ['Freeze', isFrozen],
  ];
  return reasons.find(([, applies]) => applies())?.[0] ?? '';
}
