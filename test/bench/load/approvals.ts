/**
 * What people do about approval: one who changes servers asks for the repair of each, and another one decides, as files of a few lines would. Both have
 * roles of the chart and of the cluster, and nothing else.
 */
import {
  ANNOTATIONS,
  GROUP,
  VERSION,
  mcpServerResource,
  type ApprovalRequest,
  type MCPServer,
} from '../../../api/index.ts';
import { APPROVAL_POLICIES_PATH, decisionsPath, requestsPath } from '../../harness/approval.ts';
import { mcpServerManifest } from '../../harness/mcp-server.ts';
import type { Answer, PlainClient } from '../../harness/plain-client.ts';
import { forEachInFlight } from './concurrency.ts';
import { IN_FLIGHT, serversPath } from './servers.ts';

/** Changes servers, and asks. */
export const REQUESTER = 'alice@example.com';
/** Decides. */
export const APPROVER = 'bob@example.com';
/**
 * `edit`, and what the chart aggregates to its roles: no controller manager of the rig fills aggregated roles, so their parts are bound.
 */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  [REQUESTER]: ['system:aggregate-to-edit', 'mcp-operator-edit'],
  [APPROVER]: ['mcp-operator-approver-base'],
};

const CHECK = 'MCP-W06';
const FAULTY = {
  source: { image: { ref: 'registry.example.com/mcp/server:1.0.0' } },
  // Probes repeat once a day: they are not what is measured.
  probe: { intervalSeconds: 86_400 },
  podTemplate: {
    spec: { containers: [{ name: 'server', securityContext: { readOnlyRootFilesystem: false } }] },
  },
};

/** Lets both do in a namespace what people of their kind do. */
export async function bindPeople(admin: PlainClient, namespace: string): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
  const apiGroup = 'rbac.authorization.k8s.io';
  for (const [name, roles] of Object.entries(ROLES))
    for (const role of roles)
      await admin.demand('POST', path, {
        apiVersion: `${apiGroup}/v1`,
        kind: 'RoleBinding',
        metadata: { generateName: 'bench-' },
        roleRef: { apiGroup, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup, kind: 'User', name }],
      });
}

/** One approval for every repair. */
export async function createPolicy(admin: PlainClient, namespace: string): Promise<void> {
  await admin.demand('POST', APPROVAL_POLICIES_PATH, {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'ApprovalPolicy',
    metadata: { name: 'bench' },
    spec: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      match: { actionKinds: ['Remediate'], minRisk: 'low' },
      quorum: { approvals: 1, denials: 1 },
      ttl: { approval: '24h', execution: '4h' },
    },
  });
}

/** The requester makes servers that fail {@link CHECK}. @returns them as they were stored. */
export async function createFaultyServers(
  requester: PlainClient,
  namespace: string,
  names: readonly string[],
): Promise<readonly MCPServer[]> {
  const servers: MCPServer[] = [];
  await forEachInFlight(names, IN_FLIGHT, async (name) => {
    const server = await requester.demand(
      'POST',
      serversPath(namespace),
      mcpServerManifest(FAULTY, { name }),
    );
    servers.push(server as MCPServer);
  });
  const [first] = servers;
  if (first !== undefined && first.metadata.annotations?.[ANNOTATIONS.changedBy] === undefined)
    throw new Error('the servers are not stamped: the webhooks were not asked');
  return servers;
}

/** The requester asks for the repair of each, under the name of the server. */
export async function askForAll(requester: PlainClient, servers: readonly MCPServer[]): Promise<void> {
  await forEachInFlight(servers, IN_FLIGHT, async ({ metadata: { name, namespace, uid, generation } }) => {
    const { kind } = mcpServerResource;
    const apiVersion = `${GROUP}/${VERSION}`;
    const target = { apiVersion, kind, name, uid, generation };
    await requester.demand('POST', requestsPath(namespace), {
      apiVersion,
      kind: 'ApprovalRequest',
      metadata: { name },
      spec: { action: { kind: 'Remediate', target, parameters: { check: CHECK } } },
    });
  });
}

/** What the approver sends. */
export function approvalOf(request: Pick<ApprovalRequest, 'metadata' | 'status'>) {
  const { name, uid } = request.metadata;
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'ApprovalDecision',
    metadata: { generateName: 'approve-' },
    spec: {
      requestRef: { name, uid },
      verb: 'approve',
      digest: request.status?.derived?.digest,
      reason: 'reviewed',
    },
  };
}

/** What admission would write into a decision of the approver: for those that it is not asked about, so that the second lock lets them in. */
export const STAMPS = {
  decidedBy: { username: APPROVER, groups: ['system:authenticated'] },
  decidedAt: '2026-01-01T00:00:00.000Z',
  admissionUID: 'd290f1ee-6c54-4b01-90e6-d701748f0851',
} as const;

/** Sends a decision. @param query such as `?dryRun=All`. */
export function decide(
  approver: PlainClient,
  namespace: string,
  decision: object,
  query = '',
): Promise<Answer> {
  return approver.request('POST', `${decisionsPath(namespace)}${query}`, decision);
}
