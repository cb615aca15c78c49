/** The kinds that the controller reads, and what the two kinds of checks have in common. */
import {
  clusterComplianceCheckResource,
  complianceCheckResource,
  complianceProfileResource,
  securityPolicyResource,
  type ClusterComplianceCheck,
  type ComplianceCheck,
  type ComplianceProfile,
  type MCPSecurityPolicy,
  type TenantWaiver,
  type Waiver,
} from '../../api/index.ts';
import type { KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';

/** A check of a namespace, or of the cluster. */
export type AnyCheck = ComplianceCheck | ClusterComplianceCheck;

export const COMPLIANCE_PROFILE: ResourceType<ComplianceProfile> = complianceProfileResource;
export const COMPLIANCE_CHECK: ResourceType<ComplianceCheck> = complianceCheckResource;
export const CLUSTER_COMPLIANCE_CHECK: ResourceType<ClusterComplianceCheck> = clusterComplianceCheckResource;
/** For the ledger alone. */
export const SECURITY_POLICY: ResourceType<MCPSecurityPolicy> = securityPolicyResource;
export const NAMESPACE: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

/** All that the spec says, whether it counts or not: see docs/adr/0020-waivers-with-approvals.md and `counting-waivers.ts`. */
export function waiversOf(check: AnyCheck): readonly Waiver[] {
  if (check.kind === 'ClusterComplianceCheck') return check.spec.waivers ?? [];
  return (check.spec.waivers ?? []).map(ofNamespace);
}

/** A tenant's waiver reaches no further than the check. */
export function ofNamespace({ approvalRef: _approval, ...waiver }: TenantWaiver): Waiver {
  return { ...waiver, namespaceSelector: {} };
}

/** @returns the uid, which every object that the API server returned has. */
export function uidOf({ metadata }: Pick<KubernetesObject, 'metadata'>): string {
  return metadata.uid ?? '';
}

/** What history knows a check by. */
export interface CheckOwner {
  readonly kind: string;
  /** Empty for a ClusterComplianceCheck. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** @returns the check as history knows it. */
export function ownerOf(check: AnyCheck): CheckOwner {
  const namespace = check.kind === 'ComplianceCheck' ? check.metadata.namespace : '';
  return { kind: check.kind, namespace, name: check.metadata.name, uid: uidOf(check) };
}
