/** Which Events a change of a request deserves. Pure. */
import type { ApprovalRequestStatus, RequestCondition } from '../../api/index.ts';
import type { EventDetails } from '../../operator/runtime/index.ts';

const BAD: ReadonlySet<string> = new Set(['Denied', 'Expired', 'Failed', 'RolledBack']);

/** One when the phase changed, one for what keeps the request from being opened, and one when decisions come not to count. */
export function announcements(
  before: ApprovalRequestStatus | undefined,
  after: ApprovalRequestStatus,
): readonly EventDetails[] {
  return [...phaseOf(before, after), ...troubleOf(before, after), ...disregardedOf(before, after)];
}

function phaseOf(
  before: ApprovalRequestStatus | undefined,
  after: ApprovalRequestStatus,
): readonly EventDetails[] {
  const { phase } = after;
  if (phase === undefined || phase === before?.phase) return [];
  const said = after.conditions?.find(({ type }) => type === phase);
  const note = said === undefined ? openNote(after) : `${said.reason}: ${said.message}`;
  return [{ type: BAD.has(phase) ? 'Warning' : 'Normal', reason: phase, action: 'Approve', note }];
}

function openNote({ waiting, derived, approvals }: ApprovalRequestStatus): string {
  const waits = waiting === undefined ? '' : `, ${waiting}`;
  return `${derived?.summary ?? ''} Risk ${derived?.risk ?? 'unknown'}, approvals ${approvals?.summary ?? 'none'}${waits}`;
}

/** The store's absence is told by its own alert, not once for each request. */
function troubleOf(
  before: ApprovalRequestStatus | undefined,
  after: ApprovalRequestStatus,
): readonly EventDetails[] {
  const now = acceptedIn(after);
  if (now?.status !== 'False' || acceptedIn(before)?.reason === now.reason) return [];
  return [{ type: 'Warning', reason: now.reason, action: 'Derive', note: now.message }];
}

function acceptedIn(status: ApprovalRequestStatus | undefined): RequestCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Accepted');
}

function disregardedOf(
  before: ApprovalRequestStatus | undefined,
  after: ApprovalRequestStatus,
): readonly EventDetails[] {
  const known = new Set((before?.disregarded ?? []).map(({ uid, why }) => `${uid}/${why}`));
  return (after.disregarded ?? [])
    .filter(({ uid, why }) => !known.has(`${uid}/${why}`))
    .map(({ name, why }) => ({
      type: 'Warning',
      reason: 'DecisionDisregarded',
      action: 'Count',
      note: `${name} does not count: ${why}`,
    }));
}
