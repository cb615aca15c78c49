/**
 * Builders for what the controller observes: each makes a working thing, and a test says what is different about it.
 */
import type { MCPServer, MCPServerStatus } from '../../../api/index.ts';
import { TEMPLATE_HASH_ANNOTATION } from '../../../render/index.ts';
import { aServer } from '../../../render/testing/a-server.ts';
import { buildStatus } from '../status.ts';
import type { ContainerStatus, Deployment, Pod } from '../kinds.ts';
import { decide } from '../decide.ts';
import type { Observed, Workload } from '../observed.ts';
import { newMemory, type ProbeMemory, type Verified } from '../probe-memory.ts';

export const NOW = Date.parse('2026-06-01T12:00:00Z');
const LONG_AGO = '2026-06-01T11:00:00Z';

/** A container that runs and is ready. */
export function aContainer(status: Partial<ContainerStatus> = {}): ContainerStatus {
  return {
    name: 'server',
    image: 'example.com/server:1.0.0',
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: LONG_AGO } },
    ...status,
  };
}

/** A container that is not ready, in `state`. */
export function aBrokenContainer(status: Partial<ContainerStatus>): ContainerStatus {
  return aContainer({ ready: false, started: false, state: {}, ...status });
}

/** A ready pod of the template whose hash is `templateHash`. */
export function aPod(
  name = 'mcp-github-5d8f-abcde',
  status: Pod['status'] = {},
  templateHash = 'current',
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'team-a',
      uid: `uid-of-${name}`,
      labels: { 'mcp.kilocode.ai/server': 'github' },
      annotations: { [TEMPLATE_HASH_ANNOTATION]: templateHash },
    },
    spec: { containers: [{ name: 'server', image: 'example.com/server:1.0.0' }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.7',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [aContainer()],
      ...status,
    },
  };
}

/** A pod whose only container is `container`. */
export function aBrokenPod(container: Partial<ContainerStatus>, name?: string): Pod {
  return aPod(name, {
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [aBrokenContainer(container)],
  });
}

/** A Deployment whose every replica is updated and available. */
export function aDeployment(status: Deployment['status'] = {}, replicas = 1): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mcp-github', namespace: 'team-a', generation: 3 },
    spec: { replicas },
    status: {
      observedGeneration: 3,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      ...status,
    },
  };
}

export const VERIFIED: Verified = {
  kind: 'verified',
  protocol: {
    era: 'legacy',
    version: '2025-11-25',
    serverInfo: { name: 's', version: '1' },
    capabilities: ['tools'],
  },
  definitions: { tools: 3, prompts: 0, resourceTemplates: 0, hash: `sha256:${'0'.repeat(64)}` },
};

/** A memory that knows nothing yet. */
export function aMemory(memory: Partial<ProbeMemory> = {}, server: MCPServer = aServer()): ProbeMemory {
  const recall = { subject: 'subject', templateHash: 'current', readyRuns: [], nowMs: 0, jitter: 0.5 };
  return { ...newMemory(server, recall), ...memory };
}

/** A server that is in every respect as it should be, and was verified. */
export function anObserved(observed: Partial<Observed> = {}, workload: Partial<Workload> = {}): Observed {
  const pods = workload.pods ?? [aPod()];
  return {
    server: aServer(),
    children: { kind: 'applied' },
    workload: {
      templateHash: 'current',
      deployment: aDeployment(),
      evictedPods: [],
      pods,
      currentPods: pods.filter(
        ({ metadata }) => metadata.annotations?.[TEMPLATE_HASH_ANNOTATION] === 'current',
      ),
      ...workload,
    },
    forbiddenAddress: undefined,
    brokenPolicies: [],
    probe: aMemory({ settled: VERIFIED }),
    nowMs: NOW,
    ...observed,
  };
}

/** `server` with the status that follows from `observed`. */
export function withStatus(observed: Observed): MCPServer & { readonly status: MCPServerStatus } {
  return { ...observed.server, status: buildStatus(observed, decide(observed)) };
}
