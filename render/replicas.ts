/** How many pods a server gets. */
import type { MCPServer } from '../api/index.ts';

/** Of the spec; none while the server is in quarantine, which stops it without a change of what Git may own. */
export function effectiveReplicas({ spec, status }: MCPServer): number {
  return status?.quarantine === undefined ? spec.replicas : 0;
}
