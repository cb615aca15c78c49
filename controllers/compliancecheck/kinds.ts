/** The kinds that the controller reads, and what the two kinds of checks have in common. */
import {
  clusterComplianceCheckResource,
  complianceCheckResource,
  complianceProfileResource,
  type ClusterComplianceCheck,
  type ComplianceCheck,
  type ComplianceProfile,
  type Waiver,
} from '../../api/index.ts';
import type { KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';

/** A check of a namespace, or of the cluster. */
export type AnyCheck = ComplianceCheck | ClusterComplianceCheck;

export const COMPLIANCE_PROFILE: ResourceType<ComplianceProfile> = complianceProfileResource;
export const COMPLIANCE_CHECK: ResourceType<ComplianceCheck> = complianceCheckResource;
export const CLUSTER_COMPLIANCE_CHECK: ResourceType<ClusterComplianceCheck> = clusterComplianceCheckResource;
export const NAMESPACE: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

/** A tenant's count with an approval only, and none is looked up here: see docs/adr/0020-waivers-with-approvals.md. */
export function waiversOf(check: AnyCheck): readonly Waiver[] {
  return check.kind === 'ClusterComplianceCheck' ? (check.spec.waivers ?? []) : [];
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
