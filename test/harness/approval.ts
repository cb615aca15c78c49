/** Requests, decisions and policies as tests write them, and what the operator writes into a request. */

const API = '/apis/mcp.kilocode.ai/v1alpha1';
const apiVersion = 'mcp.kilocode.ai/v1alpha1';

export const APPROVAL_POLICIES_PATH = `${API}/approvalpolicies`;
/** Of the requests of a namespace. */
export const requestsPath = (namespace: string): string => `${API}/namespaces/${namespace}/approvalrequests`;
/** Of the decisions of a namespace. */
export const decisionsPath = (namespace: string): string =>
  `${API}/namespaces/${namespace}/approvaldecisions`;

/** A digest that a request can have. */
export const DIGEST = `sha256:${'1'.repeat(64)}`;

/** What a request is about: an MCPServer unless `change` says otherwise. */
export function target(change: object = {}): object {
  return { apiVersion, kind: 'MCPServer', name: 'github', uid: 'uid-of-server', generation: 1, ...change };
}

/** Asks to repair MCP-W06 of the server `github`, unless `action` says otherwise. */
export function requestManifest(name: string, action: object = {}, spec: object = {}): object {
  return {
    apiVersion,
    kind: 'ApprovalRequest',
    metadata: { name },
    spec: {
      action: { kind: 'Remediate', target: target(), parameters: { check: 'MCP-W06' }, ...action },
      ...spec,
    },
  };
}

/** As `kubectl create` sends it: the name is admission's. */
export function decisionManifest(
  requestRef: object,
  verb: string,
  spec: object = {},
  metadata: object = {},
): object {
  return {
    apiVersion,
    kind: 'ApprovalDecision',
    metadata: { generateName: `${verb}-`, ...metadata },
    spec: { requestRef, verb, digest: DIGEST, reason: 'reviewed', ...spec },
  };
}

/** One approval, everything else by default. */
export function policyManifest(name: string, spec: object = {}): object {
  return { apiVersion, kind: 'ApprovalPolicy', metadata: { name }, spec };
}

const person = (username: string): object => ({ person: username, username, uid: '' });

/** `status` of an open request that goes by the policy `prod`. */
export function openStatus(
  { requester, initiators = [] }: { readonly requester: string; readonly initiators?: readonly string[] },
  change: object = {},
): object {
  return {
    phase: 'Pending',
    waiting: 'QuorumNotMet',
    attempt: 1,
    derived: {
      effect: 'Patch',
      patch: {
        type: 'json-patch',
        ops: [
          { op: 'test', path: '/spec/replicas', value: 1 },
          { op: 'replace', path: '/spec/replicas', value: { any: ['json', 2, null] } },
        ],
      },
      summary: 'Sets replicas.',
      diff: '-replicas: 1\n+replicas: 2\n',
      risk: 'medium',
      requestedBy: person(requester),
      initiators: initiators.map(person),
      unknownInitiators: false,
      digest: DIGEST,
      policy: {
        policies: [{ name: 'prod', uid: 'uid-of-policy', generation: 1 }],
        hash: DIGEST,
        auto: false,
        quorum: { approvals: 2, denials: 1 },
        required: [],
        separationOfDuties: true,
        allowServiceAccounts: [],
        requireReason: { approve: false, deny: true, override: true },
        ttl: { approval: 86_400, execution: 3_600 },
        freeze: [],
      },
      expiresAt: '2099-01-01T00:00:00Z',
      verifyChecks: ['MCP-W06'],
    },
    approvals: { have: 0, need: 2, missing: [], summary: '0/2' },
    expires: '2099-01-01T00:00:00Z',
    ...change,
  };
}
