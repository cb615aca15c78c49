/** Plans: what would be done, computed once, shown to people, and bound by the digest of a request. */
export { type PatchEffect, exportJson6902, exportKustomize, objectOf } from './export.ts';
export { applyOperations, inverseOperations, pointerOf, valueAt } from './json-patch.ts';
export { type GitOwner, type OwnershipFacts, gitOwner } from './ownership.ts';
export { type PlanFacts, planFor } from './plan-for.ts';
export type { PatchOperation, Plan, PlanEffect, PlanRefusal, Planned, ProposalObject } from './plan.ts';
export { type RequestedWaiver, type WaiverQuestion, waiverHash } from './records.ts';
export { PLANNED_CHECKS, type RemediationFacts, planRemediation } from './remediate.ts';
