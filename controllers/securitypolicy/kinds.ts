/** The kinds that the controller reads and writes. */
import { securityPolicyResource, type MCPSecurityPolicy } from '../../api/index.ts';
import type { ResourceType } from '../../operator/runtime/index.ts';

export const SECURITY_POLICY: ResourceType<MCPSecurityPolicy> = securityPolicyResource;

/** Watched for its labels alone. */
export const NAMESPACE: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
