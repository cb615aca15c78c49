/** The projection of a row into the status of its ApprovalRequest. What only the operator knows (Accepted, Recorded) is not in it. */
import type { ApprovalRequestStatus, RequestCondition } from '../api/index.ts';
import type { PlanEffect } from './plan/plan.ts';
import type { ApprovalRow } from './request.ts';

/** @returns what the row says; conditions are those that are never taken back. @param observedGeneration of the request. */
export function statusOf(row: ApprovalRow, observedGeneration: number): ApprovalRequestStatus {
  const { phase, waiting, attempt, approvals, decisions, disregarded, executeBefore, executedAt } = row;
  const expires = expiryOf(row);
  return {
    observedGeneration,
    phase,
    ...(waiting !== '' && { waiting }),
    attempt,
    derived: derivedOf(row),
    conditions: row.conditions.map(({ type, reason, message, at }) => ({
      type,
      status: 'True',
      // A boundary: the row's reasons are of the closed set, which its type does not say.
      reason: reason as RequestCondition['reason'],
      message,
      observedGeneration,
      lastTransitionTime: seconds(at),
    })) as RequestCondition[],
    approvals: {
      ...approvals,
      missing: [...approvals.missing],
      summary: `${approvals.have}/${approvals.need}`,
    },
    decisions: decisions.map(({ at, ...decision }) => ({ ...decision, time: at })),
    disregarded: disregarded.map((decision) => ({ ...decision })),
    ...(expires !== undefined && { expires }),
    ...(executeBefore !== undefined && { executeBefore }),
    ...(executedAt !== undefined && { executedAt }),
    ...preImageOf(row),
    ledgerSeq: row.ledgerSeq,
  };
}

/** metav1.Time has no fractions of a second. */
function seconds(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** As much as somebody needs who has to put things back by hand. */
function preImageOf({ preImage }: ApprovalRow): Pick<ApprovalRequestStatus, 'preImage'> {
  if (preImage === undefined) return {};
  const { resourceVersion, generation, values } = preImage;
  return { preImage: { resourceVersion, generation, values } };
}

function expiryOf({ phase, derived, executeBefore }: ApprovalRow): string | undefined {
  if (phase === 'Pending') return derived.expiresAt;
  return phase === 'Approved' ? executeBefore : undefined;
}

type DerivedStatus = NonNullable<ApprovalRequestStatus['derived']>;

function derivedOf({ derived }: ApprovalRow): DerivedStatus {
  const { plan, requestedBy, initiators, unknownInitiators, digest, policy, expiresAt } = derived;
  const { effect, summary, diff, risk, verifyChecks } = plan;
  return {
    effect: effect.kind,
    ...(effect.kind === 'Proposal' && { proposalReason: effect.reason }),
    ...(effect.kind === 'Proposal' && effect.object && { proposalObject: { ...effect.object } }),
    ...patchOf(effect),
    summary,
    diff,
    risk,
    requestedBy: { ...requestedBy },
    initiators: initiators.map((person) => ({ ...person })),
    unknownInitiators,
    digest,
    // A boundary: plain data of the same shape, read-only here.
    ...(policy && { policy: structuredClone(policy) as NonNullable<DerivedStatus['policy']> }),
    ...(expiresAt !== undefined && { expiresAt }),
    verifyChecks: [...verifyChecks],
  };
}

function patchOf(effect: PlanEffect): Pick<DerivedStatus, 'patch'> {
  if (effect.kind !== 'Patch' && effect.kind !== 'Proposal') return {};
  return { patch: { type: 'json-patch', ops: effect.operations.map((operation) => ({ ...operation })) } };
}
