/**
 * What users write and read: the kinds of the group mcp.kilocode.ai, with types, schemas, defaults, validation, condition
 * reasons, labels and annotations. Everything else here is how that is made.
 */
export {
  ANNOTATIONS,
  GROUP,
  LABELS,
  SERVER_CONTAINER,
  TMP_VOLUME,
  VERSION,
  approvalDecisionResource,
  approvalPolicyResource,
  approvalRequestResource,
  childName,
  clusterComplianceCheckResource,
  complianceCheckResource,
  complianceProfileResource,
  mcpServerResource,
  securityPolicyResource,
} from './group.ts';
export {
  lastChangedBy,
  readPersons,
  STAMPED_RESOURCES,
  type Person,
  type StampedResource,
} from './stamps.ts';
export type {
  CompliantCondition,
  Condition,
  ConditionOf,
  ConditionShape,
  ConditionStatus,
} from './conditions.ts';
export {
  COMPLIANT_REASONS,
  CONDITION_TYPES,
  READY_REASONS,
  REASONS,
  type AcceptedReason,
  type AvailableReason,
  type CompliantReason,
  type ConditionType,
  type ReadyReason,
  type ReasonOf,
} from './reasons.ts';
export { type MCPServer, mcpServerCustomResource } from './mcpserver/mcp-server.ts';
export type { MCPServerSpec } from './mcpserver/spec.ts';
export type { MCPServerStatus } from './mcpserver/status.ts';
export type { Network } from './mcpserver/operation.ts';
export type { HeaderFrom } from './mcpserver/references.ts';
export { type MCPServerManifest, defaultMCPServer, mcpServerSchema } from './mcpserver/manifest.ts';
export { validateMCPServer } from './mcpserver/validate.ts';
export { type MCPSecurityPolicy, securityPolicyCustomResource } from './securitypolicy/security-policy.ts';
export type { MCPSecurityPolicySpec } from './securitypolicy/spec.ts';
export { DEFAULT_POLICY_SPEC } from './securitypolicy/default-policy.ts';
export type { MCPSecurityPolicyStatus, PolicyCondition } from './securitypolicy/status.ts';
export { POLICY_REASONS, type PolicyConditionType, type PolicyReasonOf } from './securitypolicy/reasons.ts';
export {
  type MCPSecurityPolicyManifest,
  defaultMCPSecurityPolicy,
  securityPolicySchema,
  validateMCPSecurityPolicy,
} from './securitypolicy/manifest.ts';
export {
  type ComplianceProfile,
  complianceProfileCustomResource,
} from './complianceprofile/compliance-profile.ts';
export type { ComplianceProfileSpec } from './complianceprofile/spec.ts';
export { complianceProfileSchema, validateComplianceProfile } from './complianceprofile/manifest.ts';
export {
  type ClusterComplianceCheck,
  type ComplianceCheck,
  clusterComplianceCheckCustomResource,
  complianceCheckCustomResource,
} from './compliancecheck/compliance-check.ts';
export type {
  ClusterComplianceCheckSpec,
  ComplianceCheckSpec,
  TenantWaiver,
  Waiver,
} from './compliancecheck/spec.ts';
export type { CheckCondition, CheckStatus } from './compliancecheck/status.ts';
export { CHECK_REASONS, type CheckConditionType, type CheckReasonOf } from './compliancecheck/reasons.ts';
export {
  clusterComplianceCheckSchema,
  complianceCheckSchema,
  validateClusterComplianceCheck,
  validateComplianceCheck,
} from './compliancecheck/manifest.ts';
export {
  type ActionKind,
  DECISION_VERBS,
  type DecisionVerb,
  PHASES,
  type Phase,
  RISKS,
  type Risk,
  type WaitingReason,
} from './approvalrequest/words.ts';
export {
  APPROVAL_REASONS,
  type ApprovalConditionType,
  REQUEST_REASONS,
  type RequestConditionType,
  type RequestReasonOf,
} from './approvalrequest/reasons.ts';
export { type ApprovalPolicy, approvalPolicyCustomResource } from './approvalpolicy/approval-policy.ts';
export type { ApprovalPolicySpec } from './approvalpolicy/spec.ts';
export { type ApprovalRequest, approvalRequestCustomResource } from './approvalrequest/approval-request.ts';
export type { ApprovalRequestSpec } from './approvalrequest/spec.ts';
export type { ApprovalRequestStatus, RequestCondition } from './approvalrequest/status.ts';
export {
  type ApprovalDecision,
  approvalDecisionCustomResource,
} from './approvaldecision/approval-decision.ts';
export type { ApprovalDecisionSpec } from './approvaldecision/spec.ts';
export {
  approvalDecisionSchema,
  approvalPolicySchema,
  approvalRequestSchema,
  validateApprovalDecision,
  validateApprovalPolicy,
  validateApprovalRequest,
} from './approvalrequest/manifest.ts';
export type { Validation } from './schema/manifest.ts';
export type { FieldError } from './schema/validator.ts';
export type { LabelSelector } from './kubernetes/index.ts';
