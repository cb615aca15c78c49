/** Which Events a change of a check's status, or of a server's Compliant, deserves. Pure. */
import type { CheckCondition, CheckStatus, CompliantCondition } from '../../api/index.ts';
import type { EventDetails } from '../../operator/runtime/index.ts';

/** One when the verdict changed, when failures came to it, and when the check can no longer do its work. */
export function announcements(before: CheckStatus | undefined, after: CheckStatus): readonly EventDetails[] {
  return [
    ...(['Ready', 'Recorded'] as const).flatMap((type) => troubleOf(find(before, type), find(after, type))),
    ...verdictOf(before, after),
    ...failuresOf(before, after),
  ];
}

const QUIET = new Set<string>(['Suspended', 'StoreRequired']);

function troubleOf(
  before: CheckCondition | undefined,
  after: CheckCondition | undefined,
): readonly EventDetails[] {
  if (after?.status !== 'False' || before?.reason === after.reason || QUIET.has(after.reason)) return [];
  return [{ type: 'Warning', reason: after.reason, action: 'Run', note: after.message }];
}

function find(status: CheckStatus | undefined, type: CheckCondition['type']): CheckCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

function verdictOf(before: CheckStatus | undefined, after: CheckStatus): readonly EventDetails[] {
  if (after.result === undefined || after.result === before?.result) return [];
  const note = `score ${after.score ?? 'none'}, coverage ${after.coverage ?? 'none'}, ${after.counts?.fail ?? 0} failed`;
  const isGood = after.result === 'Compliant' || after.result === 'NotApplicable';
  return [{ type: isGood ? 'Normal' : 'Warning', reason: after.result, action: 'Evaluate', note }];
}

/** A run of which the status tells for the first time, with failures that were not there. */
function failuresOf(before: CheckStatus | undefined, after: CheckStatus): readonly EventDetails[] {
  const isNews = after.lastRun?.finishedAt !== undefined && !isSameRun(before, after);
  const count = after.changes?.new ?? 0;
  if (!isNews || count === 0 || before?.result === undefined) return [];
  const worst = after.worst?.[0];
  const example = worst === undefined ? '' : `; the worst now: ${worst.check} at ${worst.server}`;
  return [
    { type: 'Warning', reason: 'NewFailures', action: 'Evaluate', note: `${count} new failures${example}` },
  ];
}

function isSameRun(before: CheckStatus | undefined, after: CheckStatus): boolean {
  return (
    before?.lastRun?.id === after.lastRun?.id && before?.lastRun?.finishedAt === after.lastRun?.finishedAt
  );
}

/** Of a server: when it becomes compliant, or stops being so. */
export function serverAnnouncements(
  before: CompliantCondition | undefined,
  after: CompliantCondition | undefined,
): readonly EventDetails[] {
  if (after === undefined || after.status === 'Unknown' || before?.status === after.status) return [];
  const type = after.status === 'True' ? 'Normal' : 'Warning';
  return [{ type, reason: after.reason, action: 'Evaluate', note: after.message }];
}
