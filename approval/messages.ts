/** What leaves the cluster when a request moves: enough to know where to look, nothing that decides, no diff. */
import type { NewApprovalRow } from './request.ts';
import type { ApprovalMessage } from './store.ts';

/** Topic of every message about a request. */
export const APPROVAL_TOPIC = 'approval';
const KEEP_MS = 7 * 86_400_000;

/** @returns the message that says the row's phase; its key makes a repetition of it no second message. */
export function phaseMessage(row: NewApprovalRow, now: Date): ApprovalMessage {
  const { action, derived, phase } = row;
  return {
    topic: APPROVAL_TOPIC,
    key: `${row.requestUid}/${phase}`,
    payload: {
      request: { namespace: row.namespace, name: row.name, uid: row.requestUid },
      phase,
      reason: row.conditions.find(({ type }) => type === phase)?.reason ?? row.waiting,
      action: action.kind,
      target: { kind: action.target.kind, name: action.target.name },
      risk: derived.plan.risk,
      summary: derived.plan.summary,
      digest: derived.digest,
      approvals: { have: row.approvals.have, need: row.approvals.need, missing: row.approvals.missing },
      ...(phase === 'Pending' && derived.expiresAt !== undefined && { expiresAt: derived.expiresAt }),
      ...(row.executeBefore !== undefined && { executeBefore: row.executeBefore }),
      at: now.toISOString(),
    },
    expiresAt: new Date(now.getTime() + KEEP_MS).toISOString(),
  };
}
