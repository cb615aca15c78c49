/**
 * Names and labels of what a server owns. The selector can never change on a Deployment, so it is one label and no more.
 */
import { GROUP, LABELS, childName, type MCPServer } from '../api/index.ts';
import type { ChildMetadata } from './manifest.ts';

/** Value of the `managed-by` label on every child. */
export const MANAGED_BY = 'mcp-operator';

/** On every pod: the hash of the template it was made from. */
export const TEMPLATE_HASH_ANNOTATION = `${GROUP}/template-hash`;

/** Selects every child of every server: what the operator watches. */
export const MANAGED_BY_SELECTOR = `${LABELS.managedBy}=${MANAGED_BY}`;

/** The labels by which a server's Service, Deployment and policies find its pods. */
export function selectorLabels(server: MCPServer): Record<string, string> {
  return { [LABELS.server]: server.metadata.name };
}

/** The labels on every child and every pod. Users cannot override them. */
export function childLabels(server: MCPServer): Record<string, string> {
  return { ...selectorLabels(server), [LABELS.managedBy]: MANAGED_BY };
}

/** Metadata of every child: one name, since no two children are of the same kind. */
export function childMetadata(server: MCPServer): ChildMetadata {
  return {
    name: childName(server.metadata.name),
    namespace: server.metadata.namespace,
    labels: childLabels(server),
  };
}
