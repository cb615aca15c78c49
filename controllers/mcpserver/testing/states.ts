/** States of servers, one for each thing that can be the matter with one: what decides about them, and what is made of that, is tested over all of them. */
import {
  REASONS,
  type ConditionType,
  type MCPServer,
  type MCPServerManifest,
  type MCPServerStatus,
} from '../../../api/index.ts';
import type { ProbeFailureReason } from '../../../mcp/index.ts';
import { aRemoteServer, aServer } from '../../../render/testing/a-server.ts';
import type { Pod } from '../kinds.ts';
import type { Observed } from '../observed.ts';
import { aBrokenPod, aDeployment, aMemory, anObserved, aPod, VERIFIED } from './builders.ts';

type Wanted = Readonly<Partial<Record<ConditionType, string>>>;

/** What is observed of a server, and what must be said of it. */
export interface ServerState {
  readonly name: string;
  readonly observed: Observed;
  /** `Status/Reason` of each condition that the row is about. */
  readonly wanted: Wanted;
}

const failed = (reason: ProbeFailureReason) => ({ kind: 'failed', reason, message: 'it failed' }) as const;
const authRequired = { kind: 'authRequired', status: 401, challenge: true } as const;
const unreadable = (reason: 'NoSecretAccess' | 'ReferenceNotFound' | 'ReferenceInvalid') =>
  anObserved({ probe: aMemory({ settled: { kind: 'unreadable', reason, message: 'why' } }) });
const restored = (
  status: 'True' | 'False' | 'Unknown',
  reason: 'Verified' | 'DefinitionsChanged' | 'Timeout' | 'Suspended',
) =>
  ({
    type: 'Verified',
    status,
    reason,
    message: 'as before',
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }) as const;
const unknown = aMemory();
const remote = (probe = aMemory({ settled: VERIFIED })): Observed =>
  anObserved({ server: aRemoteServer(), workload: undefined, probe });
const spec = (fields: Partial<MCPServerManifest['spec']>, observed: Partial<Observed> = {}) =>
  anObserved({ ...observed, server: aServer(fields) });

/** No pod is available; the pods are `pods`. */
export const broken = (...pods: Pod[]): Observed =>
  anObserved({}, { pods, deployment: aDeployment({ availableReplicas: 0, readyReplicas: 0 }) });
const waiting = (reason: string, message = ''): Observed =>
  broken(aBrokenPod({ state: { waiting: { reason, message } } }));
const ended = (exitCode: number, reason = 'Error'): Observed =>
  broken(aBrokenPod({ state: { terminated: { exitCode, reason } } }));
const refusedPods = (message: string): Observed =>
  anObserved(
    {},
    {
      pods: [],
      deployment: aDeployment({
        availableReplicas: 0,
        conditions: [{ type: 'ReplicaFailure', status: 'True', message }],
      }),
    },
  );

const PROBE_FAILURES = Object.entries(REASONS.Verified)
  .filter(([, { status }]) => status === 'False')
  .map(([reason]) => reason as ProbeFailureReason)
  // No probe failed then: the server answered something else than was accepted.
  .filter((reason) => !['DefinitionsChanged'].includes(reason));

const QUARANTINE = { request: 'stop-it', since: '2026-01-01T00:00:00Z' };
const KNOWN = { ...VERIFIED.definitions, changedAt: '2026-01-01T00:00:00Z' };
const baseline = (hash: string) => ({ hash, request: 'accept-it', acceptedAt: '2026-01-01T00:00:00Z' });
/** What executed requests made of the status. */
const executed = (
  status: MCPServerStatus,
  server: Partial<MCPServer> = {},
  probe = aMemory({ settled: VERIFIED }),
): Observed => anObserved({ server: { ...aServer(), ...server, status }, probe });

/** Together they give every reason that the API knows. */
export const SERVER_STATES: readonly ServerState[] = [
  {
    name: 'all is well',
    observed: anObserved(),
    wanted: {
      Accepted: 'True/Accepted',
      ResourcesReady: 'True/Applied',
      Available: 'True/MinimumReplicasReady',
      Verified: 'True/Verified',
      Ready: 'True/Ready',
    },
  },
  {
    name: 'all is well far away',
    observed: remote(),
    wanted: {
      Accepted: 'True/Accepted',
      ResourcesReady: 'True/RemoteSource',
      Available: 'True/RemoteSource',
      Verified: 'True/Verified',
      Ready: 'True/Ready',
    },
  },
  {
    name: "somebody else's object has the name of a child",
    observed: anObserved({
      children: { kind: 'collision', object: 'Service team-a/mcp-github', owner: undefined },
    }),
    wanted: {
      Accepted: 'False/NameCollision',
      ResourcesReady: 'False/NotAccepted',
      Available: 'False/NotAccepted',
      Verified: 'Unknown/NotAccepted',
      Ready: 'False/NameCollision',
    },
  },
  {
    name: 'the URL points to a forbidden address',
    observed: { ...remote(unknown), forbiddenAddress: '127.0.0.1: it is in 127.0.0.0/8' },
    wanted: {
      Accepted: 'False/ForbiddenAddress',
      Verified: 'Unknown/NotAccepted',
      Ready: 'False/ForbiddenAddress',
    },
  },
  {
    name: 'a policy is broken: that is said, and nothing else follows',
    observed: anObserved({ brokenPolicies: [{ policy: 'strict', rules: ['images.requireDigest'] }] }),
    wanted: {
      Accepted: 'True/PolicyViolated',
      ResourcesReady: 'True/Applied',
      Available: 'True/MinimumReplicasReady',
      Verified: 'True/Verified',
      Ready: 'True/Ready',
    },
  },
  {
    name: 'a policy is broken by a server that cannot be accepted anyway',
    observed: anObserved({
      children: { kind: 'collision', object: 'Service team-a/mcp-github', owner: undefined },
      brokenPolicies: [{ policy: 'strict', rules: ['images.requireDigest'] }],
    }),
    wanted: { Accepted: 'False/NameCollision' },
  },
  ...(['NoSecretAccess', 'ReferenceNotFound', 'ReferenceInvalid'] as const).map((reason) => ({
    name: `a reference: ${reason}`,
    observed: unreadable(reason),
    wanted: {
      Accepted: `False/${reason}`,
      ResourcesReady: 'True/Applied',
      Available: 'True/MinimumReplicasReady',
      Verified: 'Unknown/NotAccepted',
      Ready: `False/${reason}`,
    },
  })),
  {
    name: 'the API server refuses a child',
    observed: anObserved({
      children: { kind: 'refused', object: 'Deployment team-a/mcp-github', message: 'no' },
    }),
    wanted: { Accepted: 'True/Accepted', ResourcesReady: 'False/ApplyFailed', Ready: 'False/ApplyFailed' },
  },
  {
    name: 'a child is being deleted',
    observed: anObserved({ children: { kind: 'terminating', object: 'Deployment team-a/mcp-github' } }),
    wanted: { ResourcesReady: 'False/ApplyFailed', Ready: 'False/ApplyFailed' },
  },
  {
    name: 'suspended',
    observed: spec({ suspend: true }, { children: { kind: 'suspended' } }),
    wanted: {
      Accepted: 'True/Accepted',
      ResourcesReady: 'Unknown/Suspended',
      Available: 'True/MinimumReplicasReady',
      Verified: 'Unknown/Suspended',
      Ready: 'False/Suspended',
    },
  },
  {
    name: 'scaled to zero',
    observed: spec({ replicas: 0 }),
    wanted: {
      Available: 'False/ScaledToZero',
      Verified: 'Unknown/NotAvailable',
      Ready: 'False/ScaledToZero',
    },
  },
  {
    name: 'nothing is there yet',
    observed: anObserved({ probe: unknown }, { pods: [], deployment: undefined }),
    wanted: { Available: 'False/Progressing', Verified: 'Unknown/NotAvailable', Ready: 'False/Progressing' },
  },
  {
    name: 'pods start',
    observed: anObserved({ probe: unknown }, waiting('ContainerCreating').workload),
    wanted: { Available: 'False/Progressing', Verified: 'Unknown/NotAvailable', Ready: 'False/Progressing' },
  },
  {
    name: 'a wrong image',
    observed: waiting('ErrImagePull', 'not found'),
    wanted: { Available: 'False/ImagePullFailed', Ready: 'False/ImagePullFailed' },
  },
  {
    name: 'a crash loop',
    observed: ended(1),
    wanted: { Available: 'False/CrashLooping', Ready: 'False/CrashLooping' },
  },
  {
    name: 'too little memory',
    observed: ended(137, 'OOMKilled'),
    wanted: { Available: 'False/OutOfMemory' },
  },
  { name: 'killed by its probe', observed: ended(143), wanted: { Available: 'False/ProbeFailing' } },
  {
    name: 'cannot start',
    observed: ended(128, 'StartError'),
    wanted: { Available: 'False/ContainerStartFailed' },
  },
  {
    name: 'runs as root',
    observed: waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'),
    wanted: { Available: 'False/ImageRunsAsRoot' },
  },
  {
    name: 'misses a Secret',
    observed: waiting('CreateContainerConfigError', 'secret "x" not found'),
    wanted: { Available: 'False/MissingSecretKey' },
  },
  {
    name: 'misses a ConfigMap',
    observed: waiting('CreateContainerConfigError', 'configmap "x" not found'),
    wanted: { Available: 'False/MissingConfigKey' },
  },
  {
    name: 'no node',
    observed: broken(
      aPod('p', {
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'none' }],
        containerStatuses: [],
      }),
    ),
    wanted: { Available: 'False/Unschedulable' },
  },
  {
    name: 'evicted, and its successor starts',
    observed: anObserved(
      {},
      {
        ...waiting('ContainerCreating').workload,
        evictedPods: [aPod('p', { phase: 'Failed', reason: 'Evicted', message: 'low on resource: memory' })],
      },
    ),
    wanted: { Available: 'False/Evicted', Ready: 'False/Evicted' },
  },
  {
    name: 'a quota',
    observed: refusedPods(
      'pods "x-" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    ),
    wanted: { Available: 'False/QuotaExceeded' },
  },
  {
    name: 'pods refused',
    observed: refusedPods('pods "x-" is forbidden: violates PodSecurity'),
    wanted: { Available: 'False/PodsRefused' },
  },
  {
    name: 'ready pods that nobody asked yet',
    observed: anObserved({ probe: unknown }),
    wanted: {
      Available: 'True/MinimumReplicasReady',
      Verified: 'Unknown/NotYetProbed',
      Ready: 'False/NotYetProbed',
    },
  },
  {
    name: 'a remote server that nobody asked yet',
    observed: remote(unknown),
    wanted: { Verified: 'Unknown/NotYetProbed', Ready: 'False/NotYetProbed' },
  },
  {
    name: 'the server wants credentials',
    observed: anObserved({ probe: aMemory({ settled: authRequired }) }),
    wanted: { Verified: 'Unknown/AuthRequired', Ready: 'False/AuthRequired' },
  },
  {
    name: 'the server wants credentials, as declared',
    observed: spec({ auth: { required: true } }, { probe: aMemory({ settled: authRequired }) }),
    wanted: { Verified: 'Unknown/AuthRequired', Ready: 'True/Ready' },
  },
  {
    name: 'one miss after a success',
    observed: anObserved({ probe: aMemory({ settled: VERIFIED, failure: failed('Timeout'), misses: 1 }) }),
    wanted: { Verified: 'True/Verified', Ready: 'True/Ready' },
  },
  {
    name: 'one miss, and never a success',
    observed: anObserved({ probe: aMemory({ failure: failed('Timeout'), misses: 1 }) }),
    wanted: { Verified: 'Unknown/NotYetProbed', Ready: 'False/NotYetProbed' },
  },
  {
    name: 'as many misses as the threshold',
    observed: anObserved({ probe: aMemory({ settled: VERIFIED, failure: failed('Timeout'), misses: 3 }) }),
    wanted: { Verified: 'False/Timeout', Ready: 'False/Timeout' },
  },
  {
    name: 'a threshold of one',
    observed: spec(
      { probe: { failureThreshold: 1 } },
      { probe: aMemory({ settled: VERIFIED, failure: failed('HTTPError'), misses: 1 }) },
    ),
    wanted: { Verified: 'False/HTTPError', Ready: 'False/HTTPError' },
  },
  {
    name: 'in quarantine, with pods that are not gone yet',
    observed: executed({ quarantine: QUARANTINE }),
    wanted: { Available: 'False/Quarantined', Verified: 'Unknown/Quarantined', Ready: 'False/Quarantined' },
  },
  {
    name: 'in quarantine, though suspended',
    observed: executed({ quarantine: QUARANTINE }, { spec: { ...aServer().spec, suspend: true } }),
    wanted: { Verified: 'Unknown/Quarantined', Ready: 'False/Quarantined' },
  },
  {
    name: 'it describes itself as was accepted',
    observed: executed({ baseline: baseline(VERIFIED.definitions.hash) }),
    wanted: { Verified: 'True/Verified', Ready: 'True/Ready' },
  },
  {
    name: 'it describes itself in another way than was accepted',
    observed: executed({ baseline: baseline(`sha256:${'1'.repeat(64)}`) }),
    wanted: { Verified: 'False/DefinitionsChanged', Ready: 'False/DefinitionsChanged' },
  },
  {
    name: 'an earlier process found it verified, and other definitions were accepted since',
    observed: executed(
      { baseline: baseline(`sha256:${'1'.repeat(64)}`), definitions: KNOWN },
      {},
      aMemory({ restored: restored('True', 'Verified') }),
    ),
    wanted: { Verified: 'False/DefinitionsChanged' },
  },
  {
    name: 'an earlier process found other definitions, and they were accepted since',
    observed: executed(
      { baseline: baseline(KNOWN.hash), definitions: KNOWN },
      {},
      aMemory({ restored: restored('False', 'DefinitionsChanged') }),
    ),
    wanted: { Verified: 'True/Verified' },
  },
  {
    name: 'an earlier process found it verified',
    observed: anObserved({ probe: aMemory({ restored: restored('True', 'Verified') }) }),
    wanted: { Verified: 'True/Verified', Ready: 'True/Ready' },
  },
  {
    name: 'an earlier process found it verified, and one miss since',
    observed: anObserved({
      probe: aMemory({ restored: restored('True', 'Verified'), failure: failed('Timeout'), misses: 1 }),
    }),
    wanted: { Verified: 'True/Verified', Ready: 'True/Ready' },
  },
  {
    name: 'an earlier process found it failing',
    observed: anObserved({ probe: aMemory({ restored: restored('False', 'Timeout') }) }),
    wanted: { Verified: 'False/Timeout', Ready: 'False/Timeout' },
  },
  {
    name: 'an earlier process saw it suspended, and it is no longer',
    observed: anObserved({ probe: aMemory({ restored: restored('Unknown', 'Suspended') }) }),
    wanted: { Verified: 'Unknown/NotYetProbed' },
  },
  {
    name: 'the Deployment is ahead of its controller',
    observed: anObserved({}, { deployment: aDeployment({ observedGeneration: 2 }) }),
    wanted: { Available: 'True/MinimumReplicasReady', Ready: 'False/RolloutInProgress' },
  },
  {
    name: 'not every pod is updated',
    observed: spec({ replicas: 2 }, anObserved({}, { deployment: aDeployment({ updatedReplicas: 1 }, 2) })),
    wanted: { Ready: 'False/RolloutInProgress' },
  },
  {
    name: 'an old pod is left',
    observed: anObserved({}, { deployment: aDeployment({ replicas: 2 }) }),
    wanted: { Ready: 'False/RolloutInProgress' },
  },
  {
    name: 'a bad rollout behind a healthy old pod',
    observed: anObserved(
      { probe: unknown },
      {
        pods: [
          aPod('old', {}, 'earlier'),
          aBrokenPod({ state: { waiting: { reason: 'ErrImagePull' } } }, 'new'),
        ],
        deployment: aDeployment({ replicas: 2, availableReplicas: 1 }),
      },
    ),
    wanted: {
      Available: 'True/MinimumReplicasReady',
      Verified: 'Unknown/NotAvailable',
      Ready: 'False/ImagePullFailed',
    },
  },
  {
    name: 'a rollout done in numbers, of which no pod was asked',
    observed: anObserved({ probe: unknown }, { deployment: aDeployment() }),
    wanted: { Available: 'True/MinimumReplicasReady', Ready: 'False/NotYetProbed' },
  },
  {
    name: 'fewer pods than replicas, as the strategy permits',
    observed: spec(
      { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: '25%' } } },
      anObserved({}, { deployment: aDeployment({ availableReplicas: 3 }, 4) }),
    ),
    wanted: { Available: 'True/MinimumReplicasReady' },
  },
  {
    name: 'the only pod broke after it was verified, and the strategy lets one go missing',
    observed: spec({ strategy: { rollingUpdate: { maxSurge: 0 } } }, waiting('ErrImagePull')),
    wanted: { Available: 'False/ImagePullFailed', Verified: 'True/Verified', Ready: 'False/ImagePullFailed' },
  },
  {
    name: 'no pod at all, and the strategy lets all go missing',
    observed: spec(
      { replicas: 2, strategy: { rollingUpdate: { maxUnavailable: '100%' } } },
      anObserved({}, { pods: [], deployment: aDeployment({ availableReplicas: 0 }, 2) }),
    ),
    wanted: { Available: 'False/Progressing', Ready: 'False/Progressing' },
  },
  {
    name: 'fewer pods than replicas',
    observed: spec({ replicas: 4 }, anObserved({}, { deployment: aDeployment({ availableReplicas: 3 }, 4) })),
    wanted: { Available: 'False/Progressing' },
  },
  ...PROBE_FAILURES.map((reason) => ({
    name: `probes fail: ${reason}`,
    observed: anObserved({
      probe: aMemory({ failure: failed(reason), misses: 3 }),
    }),
    wanted: { Verified: `False/${reason}`, Ready: `False/${reason}` },
  })),
];
