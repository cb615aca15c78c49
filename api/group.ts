/**
 * The API group of everything this operator serves, and the names that other objects carry because of it.
 */

/** API group of every kind of ours. */
export const GROUP = 'mcp.kilocode.ai';

/** Version that is served and stored. */
export const VERSION = 'v1alpha1';

/** `kubectl get kilomcp` lists every kind of ours. (`mcp` is taken on OpenShift.) */
export const CATEGORY = 'kilomcp';

/** How a client finds MCPServers. */
export const mcpServerResource = {
  group: GROUP,
  version: VERSION,
  kind: 'MCPServer',
  plural: 'mcpservers',
  namespaced: true,
} as const;

/** How a client finds MCPSecurityPolicies. */
export const securityPolicyResource = {
  group: GROUP,
  version: VERSION,
  kind: 'MCPSecurityPolicy',
  plural: 'mcpsecuritypolicies',
  namespaced: false,
} as const;

/** How a client finds ComplianceProfiles. */
export const complianceProfileResource = {
  group: GROUP,
  version: VERSION,
  kind: 'ComplianceProfile',
  plural: 'complianceprofiles',
  namespaced: false,
} as const;

/** How a client finds ComplianceChecks. */
export const complianceCheckResource = {
  group: GROUP,
  version: VERSION,
  kind: 'ComplianceCheck',
  plural: 'compliancechecks',
  namespaced: true,
} as const;

/** How a client finds ClusterComplianceChecks. */
export const clusterComplianceCheckResource = {
  group: GROUP,
  version: VERSION,
  kind: 'ClusterComplianceCheck',
  plural: 'clustercompliancechecks',
  namespaced: false,
} as const;

/** How a client finds ApprovalPolicies. */
export const approvalPolicyResource = {
  group: GROUP,
  version: VERSION,
  kind: 'ApprovalPolicy',
  plural: 'approvalpolicies',
  namespaced: false,
} as const;

/** How a client finds ApprovalRequests. */
export const approvalRequestResource = {
  group: GROUP,
  version: VERSION,
  kind: 'ApprovalRequest',
  plural: 'approvalrequests',
  namespaced: true,
} as const;

/** How a client finds ApprovalDecisions. */
export const approvalDecisionResource = {
  group: GROUP,
  version: VERSION,
  kind: 'ApprovalDecision',
  plural: 'approvaldecisions',
  namespaced: true,
} as const;

/** Labels that mean something to the operator. */
export const LABELS = {
  /** On every child: the name of its MCPServer. Alone, it is the immutable selector of the pods. */
  server: `${GROUP}/server`,
  /** On every child: `mcp-operator`. */
  managedBy: `${GROUP}/managed-by`,
  /** On pods of users: `"true"` opens the way to the MCP servers of the same namespace. */
  client: `${GROUP}/client`,
} as const;

/** Annotations that mean something to the operator. None of them approves, waives, pauses or enforces anything. */
export const ANNOTATIONS = {
  /** On an MCPServer: an RFC 3339 time; a new value asks for a probe now. */
  probeRequestedAt: `${GROUP}/probe-requested-at`,
  /** On a ComplianceCheck or ClusterComplianceCheck: an RFC 3339 time; a new value asks for a run now. */
  runRequestedAt: `${GROUP}/run-requested-at`,
  /** On a kind that is stamped (`stamps.ts`): who created it, as JSON `{username, uid}`. Written by admission alone. */
  createdBy: `${GROUP}/created-by`,
  /** On a kind that is stamped: who changed its spec, as JSON, a list of `{username, uid}`. Written by admission alone. */
  changedBy: `${GROUP}/changed-by`,
} as const;

/** Name of the container that runs the MCP server itself. */
export const SERVER_CONTAINER = 'server';

/** Name of the emptyDir that every server has at `/tmp`. */
export const TMP_VOLUME = 'tmp';

/** @returns the name of every child of the server: its ServiceAccount, NetworkPolicy, Service, Deployment ... */
export function childName(serverName: string): string {
  return `mcp-${serverName}`;
}
