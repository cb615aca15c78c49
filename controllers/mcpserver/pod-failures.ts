/**
 * Why pods are not ready, in one sentence: the first useful reason that their own status gives. Never a word that a program in
 * the pod wrote (a termination message, a log line), and nothing that changes while the cause stays: no counters, no times.
 */
import { containerFailure, SLOW_START_MS, type PodFailure } from './container-failures.ts';
import { excerpt } from '../../core/excerpt.ts';
import type { Deployment, ObjectCondition, Pod } from './kinds.ts';

/**
 * The failure of the first pod, by name, that has one, so that neither the order of a list nor a second failing pod changes
 * what a status says.
 * @param now in milliseconds of the Unix epoch; only decides when a slow start becomes a failing probe.
 */
export function firstPodFailure(pods: readonly Pod[], now: number): PodFailure | undefined {
  const byName = pods.toSorted((one, other) => compare(one.metadata.name, other.metadata.name));
  for (const pod of byName) {
    const failure = podFailure(pod, now);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Why the Deployment's controller cannot make pods at all. */
export function replicaFailure(deployment: Deployment | undefined): PodFailure | undefined {
  const condition = conditionOf(deployment?.status?.conditions, 'ReplicaFailure');
  if (condition?.status !== 'True') return undefined;
  const said = (condition.message ?? '').replace(/^pods "[^"]*" is forbidden: /, '');
  if (said.includes('exceeded quota') || said.includes('failed quota')) {
    return { reason: 'QuotaExceeded', message: excerpt(`the pods do not fit: ${withoutUsage(said)}`) };
  }
  return { reason: 'PodsRefused', message: excerpt(`the pods are refused: ${said}`) };
}

function podFailure(pod: Pod, now: number): PodFailure | undefined {
  if (isReady(pod)) return undefined;
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const status of statuses) {
    const failure = containerFailure(pod, status, now);
    if (failure !== undefined) return failure;
  }
  return unschedulable(pod);
}

/** Why nodes put pods out, by the pod that was made last; the numbers in the kubelet's message are left out. */
export function evictedFailure(pods: readonly Pod[]): PodFailure | undefined {
  const age = (pod: Pod): string => `${pod.metadata.creationTimestamp ?? ''} ${pod.metadata.name}`;
  const [newest] = pods.toSorted((one, other) => compare(age(other), age(one)));
  if (newest === undefined) return undefined;
  return {
    reason: 'Evicted',
    message: `a node put the pod out: ${evictionCause(newest.status?.message ?? '')}`,
  };
}

function evictionCause(said: string): string {
  const [, volume] = /EmptyDir volume "([^"]+)" exceeds/i.exec(said) ?? [];
  if (volume !== undefined) return excerpt(`volume ${volume} outgrew its size limit`);
  const [, resource] = /low on resource: ([\w-]+)/.exec(said) ?? [];
  if (resource !== undefined) return `the node ran short of ${resource}`;
  if (/ephemeral[- ](local )?storage/.test(said)) return 'it used more ephemeral storage than its limit';
  return 'kubectl describe pod shows why';
}

/**
 * What a pod that has not got as far as its containers waits for, when it has waited long. Pod status tells volumes from images
 * (PodReadyToStartContainers, KEP-3085), but only events say which volume and why, and those are for people to read.
 */
export function slowestStart(pods: readonly Pod[], now: number): string | undefined {
  const names = pods.filter((pod) => waitsForSandbox(pod, now)).map(({ metadata }) => metadata);
  const [first] = names.toSorted((one, other) => compare(one.name, other.name));
  if (first === undefined) return undefined;
  return (
    'a pod waits for its volumes or its network; a Secret, ConfigMap or claim in spec.volumes may not exist: ' +
    `kubectl describe pod -n ${first.namespace ?? ''} ${first.name}`
  );
}

function waitsForSandbox(pod: Pod, now: number): boolean {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled');
  const sandbox = conditionOf(pod.status?.conditions, 'PodReadyToStartContainers');
  if (scheduled?.status !== 'True' || sandbox?.status !== 'False') return false;
  return now - Date.parse(scheduled.lastTransitionTime ?? '') >= SLOW_START_MS;
}

function unschedulable(pod: Pod): PodFailure | undefined {
  const condition = conditionOf(pod.status?.conditions, 'PodScheduled');
  if (condition?.status !== 'False' || condition.reason !== 'Unschedulable') return undefined;
  return {
    reason: 'Unschedulable',
    message: excerpt(`no node can take the pod: ${withoutCounts(condition.message ?? '')}`),
  };
}

/** Whether the pod serves: what a Service asks too. */
export function isReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';
}

function conditionOf(
  conditions: readonly ObjectCondition[] | undefined,
  type: string,
): ObjectCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** `0/3 nodes are available: 2 Insufficient memory, 1 ... preemption: ...` without how many: nodes come and go. */
function withoutCounts(message: string): string {
  const [, causes = message] = /nodes are available: (.*)/s.exec(message) ?? [];
  const [scheduling = ''] = causes.split(/\. preemption:|\. no new claims/);
  const distinct = new Set(
    scheduling
      .split(', ')
      .map((cause) => cause.replace(/^\d+ /, '').replace(/\.( not found)?$/, ''))
      .filter((cause) => cause !== ''),
  );
  return distinct.size === 0 ? 'the scheduler gives no cause' : [...distinct].toSorted(compare).join(', ');
}

/** What is used changes with every other pod of the namespace; what is asked for and allowed does not. */
function withoutUsage(message: string): string {
  return message.replace(/used: .*?, limited:/g, 'limited:');
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
