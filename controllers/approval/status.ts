/** The status of a request: the projection of its row, and how it stands with the operator. Pure. */
import {
  REQUEST_REASONS,
  type ApprovalRequest,
  type ApprovalRequestStatus,
  type RequestCondition,
  type RequestReasonOf,
} from '../../api/index.ts';
import { statusOf, type ApprovalRow } from '../../approval/index.ts';
import { excerpt } from '../../core/excerpt.ts';
import { timestamp, transitionTime } from '../timestamps.ts';

const MAX_MESSAGE = 1_000;

/** How a request stands: whether it is known what would be done, and whether the store has it. */
export interface Standing {
  /** Undefined while that could not be asked: what was said stays. */
  readonly accepted?: { readonly reason: RequestReasonOf['Accepted']; readonly message: string };
  readonly recorded: { readonly reason: RequestReasonOf['Recorded']; readonly message: string };
}

export const ACCEPTED: NonNullable<Standing['accepted']> = {
  reason: 'Accepted',
  message: 'it is known what would be done',
};
export const RECORDED: Standing['recorded'] = {
  reason: 'Recorded',
  message: 'the store has what this status shows',
};

/** The whole status. Without a row, what was projected of one stays, since nothing newer is known. */
export function requestStatus(
  request: ApprovalRequest,
  row: ApprovalRow | undefined,
  standing: Standing,
  nowMs: number,
): ApprovalRequestStatus {
  const { generation = 1 } = request.metadata;
  const projected = row === undefined ? carried(request) : statusOf(row, generation);
  const now = timestamp(nowMs);
  return {
    ...projected,
    observedGeneration: generation,
    conditions: [
      ...present(request, 'Accepted', standing.accepted, now),
      ...present(request, 'Recorded', standing.recorded, now),
      ...(projected.conditions ?? []),
    ],
  };
}

function carried({ status = {} }: ApprovalRequest): ApprovalRequestStatus {
  const conditions = status.conditions?.filter(({ type }) => type !== 'Accepted' && type !== 'Recorded');
  return { ...status, ...(conditions && { conditions }) };
}

function present<Type extends 'Accepted' | 'Recorded'>(
  { metadata, status }: ApprovalRequest,
  type: Type,
  said: { readonly reason: RequestReasonOf[Type]; readonly message: string } | undefined,
  now: string,
): readonly RequestCondition[] {
  const previous = status?.conditions?.find((condition) => condition.type === type);
  if (said === undefined) return previous === undefined ? [] : [previous];
  const { reason } = said;
  const { status: truth } = reasonOf(type, String(reason));
  // A boundary: the mapped type knows that the reason fits `type`, its union does not.
  const condition = {
    type,
    status: truth,
    reason,
    message: excerpt(said.message, MAX_MESSAGE),
    observedGeneration: metadata.generation ?? 1,
    lastTransitionTime: transitionTime(previous, truth, now),
  } as RequestCondition;
  return [condition];
}

function reasonOf(
  type: 'Accepted' | 'Recorded',
  reason: string,
): { readonly status: RequestCondition['status'] } {
  const reasons: Readonly<Record<string, { readonly status: RequestCondition['status'] }>> =
    REQUEST_REASONS[type];
  return reasons[reason] ?? { status: 'Unknown' };
}
