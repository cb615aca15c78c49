/**
 * Gathers what is known about a server: from the caches, from what became of its children, and from what its probes found. Reads
 * only, and never over the network.
 */
import { isIP } from 'node:net';
import { LABELS, childName, type MCPServer } from '../../api/index.ts';
import { digest } from '../../core/canonical-json.ts';
import { controllerOf, type Store } from '../../operator/runtime/index.ts';
import { TEMPLATE_HASH_ANNOTATION, type RenderedWorkload } from '../../render/index.ts';
import type { AddressPolicies } from '../addresses/index.ts';
import type { Deployment, Pod } from './kinds.ts';
import type { Observed, Workload } from './observed.ts';
import { isReady } from './pod-failures.ts';
import type { ProbeMemory, Recall } from './probe-memory.ts';
import { podRun } from './probe-schedule.ts';

/** Index of pods by `namespace/server`. */
export const SERVER_INDEX = 'server';

/** The servers whose Service selects the pod. */
export function serversOfPod(pod: Pod): readonly string[] {
  const name = pod.metadata.labels?.[LABELS.server];
  return name === undefined ? [] : [`${pod.metadata.namespace ?? ''}/${name}`];
}

/** Where to look. */
export interface Sources {
  readonly deployments: Pick<Store<Deployment>, 'get'>;
  readonly pods: Pick<Store<Pod>, 'byIndex'>;
  readonly addresses: Pick<AddressPolicies, 'remote'>;
  /** The memory of the subject, new if there is none. */
  recall(server: MCPServer, known: Pick<Recall, 'subject' | 'templateHash' | 'readyRuns'>): ProbeMemory;
  /** Wall time in milliseconds. */
  nowMs(): number;
}

/** Everything that deciding needs. @param found what the reconcile learned on its way here. */
export function observe(
  server: MCPServer,
  rendered: RenderedWorkload | undefined,
  found: Pick<Observed, 'children' | 'brokenPolicies'>,
  sources: Sources,
): Observed {
  const workload = rendered && observeWorkload(server, rendered, sources);
  const templateHash = workload?.templateHash;
  return {
    server,
    ...found,
    workload,
    forbiddenAddress: forbiddenAddress(server, sources),
    probe: sources.recall(server, {
      subject: probeSubject(server, templateHash),
      templateHash,
      readyRuns: readyPods(workload).map(podRun),
    }),
    nowMs: sources.nowMs(),
  };
}

/** The pods that may be probed: of the current template, and ready. */
export function readyPods(workload: Workload | undefined): readonly Pod[] {
  return (workload?.currentPods ?? []).filter(isReady);
}

function observeWorkload(server: MCPServer, rendered: RenderedWorkload, sources: Sources): Workload {
  const { namespace, name, uid } = server.metadata;
  const deployment = sources.deployments.get({ namespace, name: childName(name) });
  const templateHash = hashOf(rendered.deployment.spec.template) ?? '';
  const everyPod = sources.pods.byIndex(SERVER_INDEX, `${namespace}/${name}`);
  const pods = everyPod.filter(isAlive);
  return {
    templateHash,
    // Somebody else's Deployment of that name says nothing about this server.
    deployment: deployment && controllerOf(deployment)?.uid === uid ? deployment : undefined,
    evictedPods: everyPod.filter((pod) => pod.status?.reason === 'Evicted' && hashOf(pod) === templateHash),
    pods,
    currentPods: pods.filter((pod) => hashOf(pod) === templateHash),
  };
}

/** Pods that have ended stay in the list until they are collected; they are replaced long before. */
function isAlive(pod: Pod): boolean {
  const { phase } = pod.status ?? {};
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Failed' && phase !== 'Succeeded';
}

function hashOf(object: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } }) {
  return object.metadata?.annotations?.[TEMPLATE_HASH_ANNOTATION];
}

/** What a probe's result is about. What changes nothing for a probe (replicas, network, interval) is not part of it. */
function probeSubject({ metadata, spec }: MCPServer, templateHash: string | undefined): string {
  const { source, transport, probe } = spec;
  const endpoint = source.remote ?? { templateHash, headersFrom: probe.headersFrom ?? [] };
  return digest({ uid: metadata.uid ?? '', endpoint, transport });
}

/** Judges an address that stands in the URL itself. A host name is judged when it is resolved, at each probe. */
function forbiddenAddress({ spec }: MCPServer, { addresses }: Sources): string | undefined {
  const { remote } = spec.source;
  if (remote === undefined || !URL.canParse(remote.url)) return undefined;
  const host = new URL(remote.url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return undefined;
  const decision = addresses.remote(host);
  return decision.kind === 'refused' ? `${host}: ${decision.reason}` : undefined;
}
