/**
 * Plays the kubelet on a control plane without nodes: gives every pod of a namespace the status that a script wants. Deployments,
 * ReplicaSets and pods themselves are the work of the real controller manager.
 */
import { systemClock } from '../../core/clock.ts';
import type { Pod } from '../../controllers/mcpserver/kinds.ts';
import { POD } from '../../controllers/mcpserver/kinds.ts';
import { keyOf, type KubernetesClient } from '../../operator/runtime/index.ts';

export type PodStatus = NonNullable<Pod['status']>;

/** What becomes of a pod; undefined leaves it as it is. */
export type PodScript = (pod: Pod) => PodStatus | undefined;

/** A player whose script can be exchanged while it plays. */
export interface Kubelet {
  play(script: PodScript): void;
  stop(): Promise<void>;
}

const INTERVAL_MS = 50;
const IMAGE_ID = `example.com/server@sha256:${'a'.repeat(64)}`;

/** A pod that runs and is ready, with an address of its own. */
export function readyPod(pod: Pod): PodStatus {
  return {
    phase: 'Running',
    podIP: addressOf(pod),
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'PodScheduled', status: 'True' },
    ],
    containerStatuses: [
      {
        name: 'server',
        image: 'example.com/server:1.0.0',
        imageID: IMAGE_ID,
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      },
    ],
  };
}

/** A pod whose container waits, as the kubelet reports it. */
export function waitingPod(reason: string, message: string): PodScript {
  return () => ({
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        name: 'server',
        image: 'example.com/server:1.0.0',
        imageID: '',
        ready: false,
        started: false,
        restartCount: 0,
        state: { waiting: { reason, message } },
      },
    ],
  });
}

/** Plays in `namespace` until it is stopped. Every pod is ready until told otherwise. */
export function startKubelet(client: KubernetesClient, namespace: string): Kubelet {
  const end = new AbortController();
  let script: PodScript = readyPod;
  const playing = run(client, namespace, (pod) => script(pod), end.signal);
  return {
    play: (next) => {
      script = next;
    },
    stop: async () => {
      end.abort();
      await playing;
    },
  };
}

async function run(
  client: KubernetesClient,
  namespace: string,
  script: PodScript,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { items } = await client.list(POD, { namespace }, signal);
      for (const pod of items) await setStatus(client, pod, script(pod), signal);
      await systemClock.sleep(INTERVAL_MS, signal);
    } catch (error) {
      // A pod went away between the list and the patch, or the end has come: look again.
      if (!signal.aborted && !(error instanceof Error)) throw error;
    }
  }
}

async function setStatus(
  client: KubernetesClient,
  pod: Pod,
  status: PodStatus | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (status === undefined || isLike(pod.status, status)) return;
  const value = { ...status, ...(status.podIP !== undefined && { podIPs: [{ ip: status.podIP }] }) };
  const options = { fieldManager: 'kubelet', subresource: 'status' };
  await client.patchJson(POD, keyOf(pod), [{ op: 'replace', path: '/status', value }], options, signal);
}

/** Whether everything the script says is there already; the API server adds fields of its own. */
function isLike(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(actual) && wanted.every((item, index) => isLike(actual[index], item));
  }
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  const fields: Readonly<Record<string, unknown>> = { ...(typeof actual === 'object' ? actual : {}) };
  return Object.entries(wanted).every(([key, value]) => isLike(fields[key], value));
}

/** An address for each pod, the same every time, in a range that no cluster of ours uses. */
function addressOf(pod: Pod): string {
  const [a = 0, b = 0, c = 0] = Buffer.from((pod.metadata.uid ?? '').replaceAll('-', ''), 'hex');
  return `10.${a}.${b}.${c}`;
}
