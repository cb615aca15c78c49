import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from './kinds.ts';
import { evictedFailure, firstPodFailure, replicaFailure, slowestStart } from './pod-failures.ts';
import { aBrokenContainer, aBrokenPod, aContainer, aDeployment, aPod, NOW } from './testing/builders.ts';

const waiting = (reason: string, message = ''): Pod =>
  aBrokenPod({ state: { waiting: { reason, message } } });
const ended = (exitCode: number, reason = 'Error', seconds = 2) => ({
  exitCode,
  reason,
  message: 'TOKEN=hunter2 is what the program wrote',
  startedAt: '2026-06-01T11:00:00Z',
  finishedAt: new Date(Date.parse('2026-06-01T11:00:00Z') + seconds * 1000).toISOString(),
});
const LOGS = 'kubectl logs -n team-a mcp-github-5d8f-abcde -c server --previous';

interface Row {
  readonly name: string;
  readonly pod: Pod;
  readonly reason: string | undefined;
  readonly message?: string;
}

const IMAGE = 'image example.com/server:1.0.0 cannot be pulled';
const CASES: readonly Row[] = [
  { name: 'a ready pod', pod: aPod(), reason: undefined },
  { name: 'a container that is being made', pod: waiting('ContainerCreating'), reason: undefined },
  { name: 'init containers at work', pod: waiting('PodInitializing'), reason: undefined },
  {
    name: 'an image that the registry does not have',
    pod: waiting('ErrImagePull', 'rpc error: code = NotFound desc = failed to pull: not found'),
    reason: 'ImagePullFailed',
    message: `${IMAGE}: the registry does not have it`,
  },
  {
    name: 'a private registry',
    pod: waiting(
      'ImagePullBackOff',
      'Back-off pulling image: ErrImagePull: pull access denied, repository does not exist or may require authorization',
    ),
    reason: 'ImagePullFailed',
    message: `${IMAGE}: the registry refuses access; it may be private or not exist`,
  },
  {
    name: 'a registry that is away',
    pod: waiting('ErrImagePull', 'dial tcp: lookup registry.invalid: no such host'),
    reason: 'ImagePullFailed',
    message: `${IMAGE}: the registry cannot be reached`,
  },
  {
    name: 'an image for another platform',
    pod: waiting('ErrImagePull', 'no match for platform in manifest'),
    reason: 'ImagePullFailed',
    message: `${IMAGE}: it is not built for the node's platform`,
  },
  {
    name: 'an image that is called like a failure',
    pod: aPod('p', {
      conditions: [],
      containerStatuses: [
        aBrokenContainer({
          name: 'proxy',
          image: 'example.com/forbidden/timeout:404',
          state: {
            waiting: { reason: 'ErrImagePull', message: 'pull example.com/forbidden/timeout:404: strange' },
          },
        }),
      ],
    }),
    reason: 'ImagePullFailed',
    message: 'image example.com/forbidden/timeout:404 cannot be pulled',
  },
  {
    name: 'an invalid reference',
    pod: waiting('InvalidImageName'),
    reason: 'ImagePullFailed',
    message: `${IMAGE}: the reference is not valid`,
  },
  {
    name: 'a pull that fails for an unknown reason',
    pod: waiting('ImagePullBackOff', 'strange'),
    reason: 'ImagePullFailed',
    message: IMAGE,
  },
  {
    name: 'a missing Secret',
    pod: waiting('CreateContainerConfigError', 'secret "github" not found'),
    reason: 'MissingSecretKey',
    message: 'container server cannot start: Secret github does not exist',
  },
  {
    name: 'a missing key of a Secret',
    pod: waiting('CreateContainerConfigError', "couldn't find key token in Secret team-a/github"),
    reason: 'MissingSecretKey',
    message: 'container server cannot start: Secret github has no key token',
  },
  {
    name: 'a missing ConfigMap',
    pod: waiting('CreateContainerConfigError', 'configmap "settings" not found'),
    reason: 'MissingConfigKey',
    message: 'container server cannot start: ConfigMap settings does not exist',
  },
  {
    name: 'a missing key of a ConfigMap',
    pod: waiting('CreateContainerConfigError', "couldn't find key url in ConfigMap team-a/settings"),
    reason: 'MissingConfigKey',
    message: 'container server cannot start: ConfigMap settings has no key url',
  },
  {
    name: 'an image that runs as root',
    pod: waiting(
      'CreateContainerConfigError',
      'container has runAsNonRoot and image will run as root (pod: "x")',
    ),
    reason: 'ImageRunsAsRoot',
    message:
      'container server cannot start: its image runs as root; set podTemplate.spec.securityContext.runAsUser above 0',
  },
  {
    name: 'an image whose user is a name',
    pod: waiting(
      'CreateContainerConfigError',
      'container has runAsNonRoot and image has non-numeric user (node), cannot verify',
    ),
    reason: 'ImageRunsAsRoot',
    message:
      'container server cannot start: the user of its image is a name, which may be root; set podTemplate.spec.securityContext.runAsUser above 0',
  },
  {
    name: 'a user that is root',
    pod: waiting(
      'CreateContainerConfigError',
      'container\'s runAsUser breaks non-root policy (pod: "x", container: server)',
    ),
    reason: 'ImageRunsAsRoot',
    message:
      'container server cannot start: its runAsUser is root; set podTemplate.spec.securityContext.runAsUser above 0',
  },
  {
    name: 'a configuration error that nobody knows',
    pod: waiting('CreateContainerConfigError', 'something new'),
    reason: 'ContainerStartFailed',
    message:
      'container server cannot start: the container runtime refuses it; kubectl describe pod shows why',
  },
  {
    name: 'a command that does not exist',
    pod: waiting('RunContainerError', 'exec: "/nope": stat /nope: no such file or directory'),
    reason: 'ContainerStartFailed',
    message: 'container server cannot start: its program does not exist in the image',
  },
  {
    name: 'a command that does not exist, in back-off',
    pod: aBrokenPod({
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
      lastState: {
        terminated: {
          ...ended(128, 'StartError'),
          startedAt: '1970-01-01T00:00:00Z',
          message: 'exec: "/nope": executable file not found in $PATH',
        },
      },
    }),
    reason: 'ContainerStartFailed',
    message: 'container server cannot start: its program does not exist in the image',
  },
  {
    name: 'a crash, waiting for the next start',
    pod: aBrokenPod({
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } },
      lastState: { terminated: ended(1) },
    }),
    reason: 'CrashLooping',
    message: `container server ended with exit code 1 and is started again and again; its log: ${LOGS}`,
  },
  {
    name: 'the same crash, running again',
    pod: aBrokenPod({
      restartCount: 3,
      state: { running: { startedAt: '2026-06-01T11:59:59Z' } },
      lastState: { terminated: ended(1) },
    }),
    reason: 'CrashLooping',
    message: `container server ended with exit code 1 and is started again and again; its log: ${LOGS}`,
  },
  {
    name: 'the same crash, just ended',
    pod: aBrokenPod({ restartCount: 3, state: { terminated: ended(1) } }),
    reason: 'CrashLooping',
    message: `container server ended with exit code 1 and is started again and again; its log: ${LOGS}`,
  },
  {
    name: 'an end after a long life, as when a node starts again',
    pod: aBrokenPod({
      state: { running: { startedAt: '2026-06-01T11:59:59Z' } },
      lastState: { terminated: ended(255, 'Unknown', 3600) },
    }),
    reason: undefined,
  },
  {
    name: 'too little memory',
    pod: aBrokenPod({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: ended(137, 'OOMKilled') },
    }),
    reason: 'OutOfMemory',
    message: 'container server was killed at its memory limit: raise resources.limits.memory',
  },
  {
    name: 'a startup probe that gave up',
    pod: aBrokenPod({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: ended(137) },
    }),
    reason: 'ProbeFailing',
    message: 'container server is stopped and started again because its startup or liveness probe fails',
  },
  {
    name: 'a start that takes its time',
    pod: aBrokenPod({ state: { running: { startedAt: '2026-06-01T11:59:31Z' } } }),
    reason: undefined,
  },
  {
    name: 'a start that takes too long',
    pod: aBrokenPod({ state: { running: { startedAt: '2026-06-01T11:59:30Z' } } }),
    reason: 'ProbeFailing',
    message:
      'container server runs, but its startup probe fails: does it listen on transport.port, and on all interfaces (0.0.0.0)?',
  },
  {
    name: 'a server that stopped listening',
    pod: aBrokenPod({ started: true, state: { running: { startedAt: '2026-06-01T09:00:00Z' } } }),
    reason: 'ProbeFailing',
    message:
      'container server runs, but its readiness probe fails: does it listen on transport.port, and on all interfaces (0.0.0.0)?',
  },
  {
    name: 'no node',
    pod: aPod('p', {
      phase: 'Pending',
      containerStatuses: [],
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message:
            '0/5 nodes are available: 2 Insufficient memory, 3 node(s) had untolerated taint {gpu: true}. preemption: 0/5 nodes are available: 5 No preemption victims found.',
        },
      ],
    }),
    reason: 'Unschedulable',
    message: 'no node can take the pod: Insufficient memory, node(s) had untolerated taint {gpu: true}',
  },
  {
    name: 'a claim that does not exist',
    pod: aPod('p', {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/1 nodes are available: persistentvolumeclaim "data" not found. not found',
        },
      ],
    }),
    reason: 'Unschedulable',
    message: 'no node can take the pod: persistentvolumeclaim "data" not found',
  },
  {
    name: 'a container beside the server',
    pod: aPod('p', {
      conditions: [],
      containerStatuses: [
        aContainer(),
        aBrokenContainer({
          name: 'proxy',
          state: { waiting: { reason: 'ErrImagePull', message: 'not found' } },
        }),
      ],
    }),
    reason: 'ImagePullFailed',
    message: `${IMAGE}: the registry does not have it`,
  },
  {
    name: 'an init container that did its work, and a server that starts',
    pod: aPod('p', {
      conditions: [],
      initContainerStatuses: [
        aBrokenContainer({ name: 'fetch', state: { terminated: ended(0, 'Completed') } }),
      ],
      containerStatuses: [aBrokenContainer({ state: { waiting: { reason: 'PodInitializing' } } })],
    }),
    reason: undefined,
  },
  {
    name: 'an init container that fails',
    pod: aPod('p', {
      conditions: [],
      initContainerStatuses: [aBrokenContainer({ name: 'fetch', state: { terminated: ended(7) } })],
      containerStatuses: [aBrokenContainer({ state: { waiting: { reason: 'PodInitializing' } } })],
    }),
    reason: 'CrashLooping',
    message:
      'container fetch ended with exit code 7 and is started again and again; its log: kubectl logs -n team-a p -c fetch --previous',
  },
];

describe('firstPodFailure', () => {
  it.each(CASES)('$name: $reason', ({ pod, reason, message }) => {
    expect(firstPodFailure([pod], NOW)).toEqual(reason === undefined ? undefined : { reason, message });
  });

  it('says nothing that a program wrote', () => {
    for (const { pod } of CASES) expect(firstPodFailure([pod], NOW)?.message ?? '').not.toContain('hunter2');
  });

  it('does not depend on the order of pods', () => {
    const pods = CASES.map(({ pod }, index) => ({
      ...pod,
      metadata: { ...pod.metadata, name: `pod-${index}` },
    }));
    const expected = firstPodFailure(pods, NOW);
    fc.assert(
      fc.property(fc.shuffledSubarray(pods, { minLength: pods.length }), (shuffled) => {
        expect(firstPodFailure(shuffled, NOW)).toEqual(expected);
      }),
    );
  });
});

describe('evictedFailure', () => {
  const evicted = (message: string, creationTimestamp = '2026-01-01T00:00:00Z') => {
    const pod = aPod('p', { phase: 'Failed', reason: 'Evicted', message });
    return { ...pod, metadata: { ...pod.metadata, creationTimestamp } };
  };

  it.each([
    ['Usage of EmptyDir volume "tmp" exceeds the limit "64Mi". ', 'volume tmp outgrew its size limit'],
    [
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 9Mi.',
      'the node ran short of memory',
    ],
    [
      'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ',
      'it used more ephemeral storage than its limit',
    ],
    ['something new', 'kubectl describe pod shows why'],
  ])('%s', (message, cause) => {
    expect(evictedFailure([evicted(message)])).toEqual({
      reason: 'Evicted',
      message: `a node put the pod out: ${cause}`,
    });
  });

  it('speaks of the newest, whatever their order', () => {
    const pods = [evicted('low on resource: memory', '2026-01-02T00:00:00Z'), evicted('something new')];
    expect(evictedFailure(pods)).toEqual(evictedFailure(pods.toReversed()));
    expect(evictedFailure(pods)?.message).toContain('memory');
  });

  it('says nothing when there is none', () => {
    expect(evictedFailure([])).toBeUndefined();
  });
});

describe('slowestStart', () => {
  const pod = (sandbox: string, seconds: number): Pod =>
    aPod('p', {
      conditions: [
        { type: 'PodReadyToStartContainers', status: sandbox },
        {
          type: 'PodScheduled',
          status: 'True',
          lastTransitionTime: new Date(NOW - seconds * 1000).toISOString(),
        },
      ],
    });

  it.each([
    { name: 'volumes, for long', pods: [pod('False', 30)], said: true },
    { name: 'volumes, not yet for long', pods: [pod('False', 29)], said: false },
    { name: 'an image', pods: [pod('True', 600)], said: false },
    { name: 'no pods', pods: [], said: false },
  ])('tells what a pod waits for: $name', ({ pods, said }) => {
    const expected =
      'a pod waits for its volumes or its network; a Secret, ConfigMap or claim in spec.volumes may not exist: kubectl describe pod -n team-a p';
    expect(slowestStart(pods, NOW)).toBe(said ? expected : undefined);
  });
});

describe('replicaFailure', () => {
  const failing = (message: string) =>
    aDeployment({
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
    });

  it.each([
    { name: 'none', deployment: aDeployment(), expected: undefined },
    { name: 'no Deployment yet', deployment: undefined, expected: undefined },
    {
      name: 'a quota, without what others use of it',
      deployment: failing(
        'pods "mcp-github-76b8c-" is forbidden: exceeded quota: compute, requested: limits.memory=256Mi, used: limits.memory=900Mi, limited: limits.memory=1Gi',
      ),
      expected: {
        reason: 'QuotaExceeded',
        message:
          'the pods do not fit: exceeded quota: compute, requested: limits.memory=256Mi, limited: limits.memory=1Gi',
      },
    },
    {
      name: 'a quota that wants limits',
      deployment: failing(
        'pods "mcp-github-76b8c-" is forbidden: failed quota: compute: must specify limits.cpu',
      ),
      expected: {
        reason: 'QuotaExceeded',
        message: 'the pods do not fit: failed quota: compute: must specify limits.cpu',
      },
    },
    {
      name: 'Pod Security',
      deployment: failing(
        'pods "mcp-github-76b8c-" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
      ),
      expected: {
        reason: 'PodsRefused',
        message: 'the pods are refused: violates PodSecurity "restricted:latest": runAsNonRoot != true',
      },
    },
  ])('$name', ({ deployment, expected }) => {
    expect(replicaFailure(deployment)).toEqual(expected);
  });
});
