/** The kinds that the executor reads. */
import { complianceCheckResource, mcpServerResource, type MCPServer } from '../../api/index.ts';
import type { ResourceType } from '../../operator/runtime/index.ts';

export const MCPSERVER: ResourceType<MCPServer> = mcpServerResource;

export const NAMESPACE: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

/** Kinds that a request may be about, by their names. */
export const TARGETS: Readonly<Record<string, ResourceType>> = {
  MCPServer: mcpServerResource,
  ComplianceCheck: complianceCheckResource,
};
