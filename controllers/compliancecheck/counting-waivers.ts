/** Which waivers of a check count: those of the cluster at once, a tenant's once its ApprovalRequest was executed. Pure but for the port. */
import type { Waiver } from '../../api/index.ts';
import { waiverHash } from '../../approval/plan/index.ts';
import type { Watch } from '../../operator/runtime/index.ts';
import { ofNamespace, type AnyCheck } from './kinds.ts';

/** Executed approvals of the waivers of a check: when each was executed (ISO 8601), by the hash of the waiver. */
export type WaiverApprovals = ReadonlyMap<string, string>;

/** Where executed approvals are known. */
export interface ApprovedWaiversPort {
  /** @returns none while they are not known. */
  approvalsOf(checkUid: string): WaiverApprovals;
  /** Names the ComplianceChecks whose approvals are news. */
  watch(): Watch;
}

const NONE: WaiverApprovals = new Map();

/** @returns every waiver in force or not, without those of a tenant that nobody approved as they are. */
export function waiversThatCount(check: AnyCheck, approvals: WaiverApprovals = NONE): readonly Waiver[] {
  if (check.kind === 'ClusterComplianceCheck') return check.spec.waivers ?? [];
  return (check.spec.waivers ?? [])
    .filter((waiver) => waiver.approvalRef !== undefined && approvals.has(waiverHash(waiver)))
    .map(ofNamespace);
}

/** @returns when the last of the waivers that count was approved; undefined where none had to be. */
export function lastApproval(check: AnyCheck, approvals: WaiverApprovals = NONE): string | undefined {
  if (check.kind === 'ClusterComplianceCheck') return undefined;
  return (check.spec.waivers ?? [])
    .map((waiver) => approvals.get(waiverHash(waiver)))
    .filter((at) => at !== undefined)
    .toSorted()
    .at(-1);
}
