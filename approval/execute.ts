/**
 * The executor's half of the state machine. It trusts no phase: before it begins it counts decisions itself, against the row's snapshot, and
 * looks at the target and the clock again.
 */
import type { ObservedTarget } from './observed.ts';
import { type Tally, countDecisions } from './count.ts';
import type { DecisionFact } from './decision.ts';
import { targetChange } from './endings.ts';
import { freezeEnd } from './freeze.ts';
import { digestOf } from './digest.ts';
import { phaseMessage } from './messages.ts';
import { TRANSITIONS } from './phase.ts';
import type { ApprovalRow, PreImage } from './request.ts';
import { type Transition, withConditions } from './transition.ts';
import { TerminalError } from '../core/errors.ts';

/** What the executor sees when it is about to begin. */
export interface ExecutionFacts {
  readonly decisions: readonly DecisionFact[];
  readonly target: ObservedTarget;
}

/** Whether an execution may begin; `reason` is CamelCase, `message` says what is missing. */
export type Permission =
  { readonly may: true } | { readonly may: false; readonly reason: Refusal; readonly message: string };

/** Why nothing begins. */
export type Refusal =
  | 'NotApproved'
  | 'DigestMismatch'
  | 'NoPolicy'
  | 'Proposal'
  | 'TooLate'
  | 'Cancelled'
  | 'Denied'
  | 'AuthorityUnknown'
  | 'QuorumNotMet'
  | 'TargetUnknown'
  | 'TargetGone'
  | 'TargetChanged'
  | 'Freeze';

/** How an execution ended. */
export interface ExecutionOutcome {
  readonly phase: 'Executed' | 'Failed' | 'RolledBack';
  /** CamelCase, see `reasons.ts`. */
  readonly reason: string;
  /** For people; no secret in it. */
  readonly message: string;
  /** For the ledger, redacted: outcomes of checks, hashes, resource versions. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Whether the row itself lets an execution begin: asked first, since it takes no question of anybody. That a freeze was overridden, the row says as
 * well once the operator has counted; whether it truly was, {@link mayBegin} counts.
 */
export function isReadyToBegin(row: ApprovalRow, now: Date): Permission {
  const isOverridden = row.conditions.some(({ type }) => type === 'Overridden');
  return refusalOfRow(row, now) ?? refusalOfFreeze(row, isOverridden, now) ?? { may: true };
}

/** Asked immediately before {@link begin}, with facts that were read for it. */
export function mayBegin(row: ApprovalRow, facts: ExecutionFacts, now: Date): Permission {
  return (
    refusalOfRow(row, now) ??
    refusalOfDecisions(row, facts, now) ??
    refusalOfTarget(row, facts) ?? { may: true }
  );
}

/**
 * Asked by whoever goes on with a row in Executing that they did not begin themselves: somebody else may have written it. A denial comes too late by
 * now, and so does the clock; digest and quorum must still be there.
 */
export function mayGoOn(row: ApprovalRow, { decisions }: Pick<ExecutionFacts, 'decisions'>): Permission {
  const tally = countDecisions(row, decisions);
  const refusal = refusalOfPlan(row) ?? refusalOfQuorum(tally);
  if (refusal === undefined) return { may: true };
  return tally.undecided.length === 0
    ? refusal
    : refused('AuthorityUnknown', 'whether those who approved may do so could not be asked');
}

function refusalOfRow(row: ApprovalRow, now: Date): Permission | undefined {
  const { phase, executeBefore } = row;
  if (phase !== 'Approved') return refused('NotApproved', `the request is ${phase}`);
  const refusal = refusalOfPlan(row);
  if (refusal !== undefined) return refusal;
  if (executeBefore === undefined || now.getTime() >= Date.parse(executeBefore))
    return refused(
      'TooLate',
      `not to be executed after ${executeBefore ?? 'its approval, which has no time'}`,
    );
  return undefined;
}

function refusalOfPlan({ action, derived: { policy, plan, digest } }: ApprovalRow): Permission | undefined {
  if (digestOf(action, plan.effect) !== digest)
    return refused('DigestMismatch', 'the row says another digest than its action and plan have');
  if (policy === undefined) return refused('NoPolicy', 'no ApprovalPolicy binds the request');
  return plan.effect.kind === 'Proposal' ? refused('Proposal', plan.effect.reason) : undefined;
}

function refusalOfDecisions(
  row: ApprovalRow,
  { decisions }: ExecutionFacts,
  now: Date,
): Permission | undefined {
  const tally = countDecisions(row, decisions);
  if (tally.cancelled) return refused('Cancelled', 'somebody cancelled the request');
  if (tally.denied) return refused('Denied', 'the request was denied');
  if (tally.undecided.some(({ verb }) => verb === 'deny' || verb === 'cancel'))
    return refused('AuthorityUnknown', 'whether a denial or cancellation counts could not be asked');
  return refusalOfQuorum(tally) ?? refusalOfFreeze(row, tally.overridden, now);
}

function refusalOfFreeze(row: ApprovalRow, isOverridden: boolean, now: Date): Permission | undefined {
  const thaw = isOverridden ? undefined : freezeEnd(row.derived.policy?.freeze ?? [], now);
  return thaw && refused('Freeze', `frozen until ${thaw.toISOString()}`);
}

function refusalOfQuorum({ isMet, have, need, missing }: Tally): Permission | undefined {
  if (isMet) return undefined;
  const lacking = missing.length === 0 ? '' : `, nobody of ${missing.join(', ')}`;
  return refused('QuorumNotMet', `${have} of ${need} approvals count${lacking}`);
}

function refusalOfTarget({ action }: ApprovalRow, { target }: ExecutionFacts): Permission | undefined {
  if (target === 'unknown') return refused('TargetUnknown', 'the target could not be read');
  const change = targetChange(action, target);
  return change && refused(change.reason, change.message);
}

function refused(reason: Refusal, message: string): Permission {
  return { may: false, reason, message };
}

/**
 * @param preImage what is put back when checks fail; undefined for an effect that is a record alone.
 * @throws TerminalError when the row is not Approved.
 */
export function begin(row: ApprovalRow, preImage: PreImage | undefined, now: Date): Transition {
  assertWay(row, 'Executing');
  const next: ApprovalRow = { ...row, phase: 'Executing', waiting: '', ...(preImage && { preImage }) };
  const details = { from: row.phase, digest: row.derived.digest, ...(preImage && { preImage }) };
  return {
    row: next,
    events: [{ event: 'Executing', person: '', details }],
    messages: [phaseMessage(next, now)],
  };
}

/** @throws TerminalError when the row is not Executing. */
export function finish(row: ApprovalRow, outcome: ExecutionOutcome, now: Date): Transition {
  const { phase, reason, message, details = {} } = outcome;
  assertWay(row, phase);
  const at = now.toISOString();
  const next: ApprovalRow = {
    ...row,
    phase,
    conditions: withConditions(row.conditions, [{ type: phase, reason, message, at }]),
    ...(phase === 'Executed' && { executedAt: at }),
  };
  const said = { ...details, from: row.phase, reason, message, digest: row.derived.digest };
  return {
    row: next,
    events: [{ event: phase, person: '', details: said }],
    messages: [phaseMessage(next, now)],
  };
}

function assertWay({ phase, name }: ApprovalRow, to: ApprovalRow['phase']): void {
  if (!TRANSITIONS[phase].includes(to))
    throw new TerminalError(`request ${name} is ${phase}: it cannot become ${to}`);
}
