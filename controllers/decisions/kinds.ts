/** The kinds of approval as a client finds them, and the question whether somebody may do something. */
import {
  approvalDecisionResource,
  approvalPolicyResource,
  approvalRequestResource,
  type ApprovalDecision,
  type ApprovalPolicy,
  type ApprovalRequest,
} from '../../api/index.ts';
import type { KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';

export const APPROVAL_POLICY: ResourceType<ApprovalPolicy> = approvalPolicyResource;
export const APPROVAL_REQUEST: ResourceType<ApprovalRequest> = approvalRequestResource;
export const APPROVAL_DECISION: ResourceType<ApprovalDecision> = approvalDecisionResource;

/** The API server's answer to whether somebody may do something. */
export interface SubjectAccessReview extends KubernetesObject {
  readonly status?: { readonly allowed?: boolean };
}

export const SUBJECT_ACCESS_REVIEW: ResourceType<SubjectAccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
};
