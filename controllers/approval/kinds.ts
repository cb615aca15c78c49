/** Which objects a request is about, and how they are found. */
import {
  complianceCheckResource,
  mcpServerResource,
  type ApprovalDecision,
  type ApprovalRequest,
  type ComplianceCheck,
  type MCPServer,
} from '../../api/index.ts';
import type { ObjectKey } from '../../operator/runtime/index.ts';

/** What a request can be about. */
export type Target = MCPServer | ComplianceCheck;

/** Requests by their target: `Kind/namespace/name`. */
export const TARGET_INDEX = 'approvalTarget';
/** Decisions by the request that they name: `namespace/uid`. */
export const REQUEST_INDEX = 'approvalRequest';

export function targetsOfRequest({ metadata, spec }: ApprovalRequest): readonly string[] {
  const { kind, name } = spec.action.target;
  return [targetId(kind, { namespace: metadata.namespace, name })];
}

export function targetId(kind: string, { namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

export function requestsOfDecision({ metadata, spec }: ApprovalDecision): readonly string[] {
  return [requestId(metadata.namespace, spec.requestRef.uid)];
}

export function requestId(namespace: string, uid: string): string {
  return `${namespace}/${uid}`;
}

/** Kinds of targets. */
export const SERVER_KIND = mcpServerResource.kind;
export const CHECK_KIND = complianceCheckResource.kind;
