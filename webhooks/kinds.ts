/** The kinds that admission reads, with as much of each as it looks at. */
import {
  approvalRequestResource,
  mcpServerResource,
  securityPolicyResource,
  type ApprovalRequest,
  type MCPSecurityPolicy,
  type MCPServer,
} from '../api/index.ts';
import type { ResourceType } from '../operator/runtime/index.ts';

export const MCPSERVER: ResourceType<MCPServer> = mcpServerResource;

export const SECURITY_POLICY: ResourceType<MCPSecurityPolicy> = securityPolicyResource;

export const APPROVAL_REQUEST: ResourceType<ApprovalRequest> = approvalRequestResource;

/** Only its metadata is read. */
export const NAMESPACE: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
