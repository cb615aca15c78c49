/** Judging the kinds of approval without a cluster: for the command line, and for tests. */
import { ApprovalDecision } from '../approvaldecision/approval-decision.ts';
import { ApprovalPolicy } from '../approvalpolicy/approval-policy.ts';
import { approvalDecisionResource, approvalPolicyResource, approvalRequestResource } from '../group.ts';
import { manifestValidator } from '../schema/manifest.ts';
import { structural } from '../schema/structural.ts';
import { ApprovalRequest } from './approval-request.ts';

/** The structural schema of ApprovalPolicy, as its CRD has it. */
export const approvalPolicySchema = structural(ApprovalPolicy);
/** The structural schema of ApprovalRequest, as its CRD has it. */
export const approvalRequestSchema = structural(ApprovalRequest);
/** The structural schema of ApprovalDecision, as its CRD has it. */
export const approvalDecisionSchema = structural(ApprovalDecision);

/** @returns the policy with its defaults, or every error of its schema, each with field and fix. */
export const validateApprovalPolicy = manifestValidator<ApprovalPolicy>(
  approvalPolicySchema,
  approvalPolicyResource,
);
/** @returns the request, or every error of its schema, each with field and fix. */
export const validateApprovalRequest = manifestValidator<ApprovalRequest>(
  approvalRequestSchema,
  approvalRequestResource,
);
/** @returns the decision with its defaults, or every error of its schema, each with field and fix. */
export const validateApprovalDecision = manifestValidator<ApprovalDecision>(
  approvalDecisionSchema,
  approvalDecisionResource,
);
