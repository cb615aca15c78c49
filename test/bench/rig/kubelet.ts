/**
 * Plays the rest of a cluster for Deployments: makes one pod for each template, says that it runs and is ready, and tells the
 * Deployment so. No container is behind it.
 */
import { digest } from '../../../core/canonical-json.ts';
import type { PlainClient } from '../../harness/plain-client.ts';
import { deploymentsPath } from '../load/servers.ts';
import { POD_IP } from './probe-redirection.ts';

/** The part of a Deployment that matters here. */
interface Deployment {
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation: number };
  readonly spec: { readonly template: { readonly metadata?: object; readonly spec: PodSpec } };
}

interface PodSpec {
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

const MERGE = 'application/merge-patch+json';
const IN_FLIGHT = 8;
const ALREADY_EXISTS = 409;
const HASH_LENGTH = 10;

/** Begins to play, for the Deployments that are there and those to come, until the signal aborts. */
export async function playKubelet(
  client: PlainClient,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const path = deploymentsPath(namespace);
  const list = (await client.demand('GET', path)) as {
    readonly items: readonly Deployment[];
    readonly metadata: { readonly resourceVersion: string };
  };
  const kubelet = new Kubelet(client, namespace, signal);
  for (const deployment of list.items) kubelet.see(deployment);
  const query = `watch=true&resourceVersion=${list.metadata.resourceVersion}&timeoutSeconds=86400`;
  await client.watch(
    `${path}?${query}`,
    ({ type, object }) => {
      if (type !== 'DELETED') kubelet.see(object as Deployment);
    },
    signal,
  );
}

/** Handles the newest generation of each Deployment, a few Deployments at a time. */
class Kubelet {
  readonly #client: PlainClient;
  readonly #namespace: string;
  readonly #signal: AbortSignal;
  /** Newest first seen, by name; what is handled leaves. */
  readonly #waiting = new Map<string, Deployment>();
  readonly #handled = new Map<string, string>();
  readonly #pods = new Map<string, string>();
  #running = 0;

  constructor(client: PlainClient, namespace: string, signal: AbortSignal) {
    this.#client = client;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  see(deployment: Deployment): void {
    const { name, uid, generation } = deployment.metadata;
    const version = `${uid}/${generation}`;
    if (this.#handled.get(name) === version) return;
    this.#handled.set(name, version);
    this.#waiting.set(name, deployment);
    if (this.#running < IN_FLIGHT) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (const [name, deployment] of this.#waiting) {
      if (this.#signal.aborted) break;
      this.#waiting.delete(name);
      await this.#roll(deployment);
    }
    this.#running -= 1;
  }

  async #roll(deployment: Deployment): Promise<void> {
    const hash = digest(deployment.spec.template).slice('sha256:'.length).slice(0, HASH_LENGTH);
    const pod = `${deployment.metadata.name}-${hash}-0`;
    const pods = `/api/v1/namespaces/${this.#namespace}/pods`;
    const answer = await this.#client.request('POST', pods, podOf(deployment, pod, hash));
    if (answer.code >= 300 && answer.code !== ALREADY_EXISTS) throw new Error(JSON.stringify(answer.body));
    await this.#client.demand('PATCH', `${pods}/${pod}/status`, { status: podStatus(deployment) }, MERGE);
    const path = `${deploymentsPath(this.#namespace)}/${deployment.metadata.name}/status`;
    await this.#client.request('PATCH', path, { status: deploymentStatus(deployment) }, MERGE);
    await this.#removeOld(deployment.metadata.name, pod);
  }

  async #removeOld(name: string, pod: string): Promise<void> {
    const old = this.#pods.get(name);
    this.#pods.set(name, pod);
    if (old === undefined || old === pod) return;
    const path = `/api/v1/namespaces/${this.#namespace}/pods/${old}`;
    await this.#client.request('DELETE', path, { gracePeriodSeconds: 0 });
  }
}

function podOf({ metadata, spec }: Deployment, name: string, hash: string): object {
  const template = spec.template.metadata as { readonly labels?: object; readonly annotations?: object };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { ...template.labels, 'pod-template-hash': hash },
      annotations: template.annotations ?? {},
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${metadata.name}-${hash}`,
          uid: metadata.uid,
          controller: true,
        },
      ],
    },
    spec: spec.template.spec,
  };
}

function podStatus({ spec }: Deployment): object {
  const types = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];
  return {
    phase: 'Running',
    podIP: POD_IP,
    podIPs: [{ ip: POD_IP }],
    conditions: types.map((type) => ({ type, status: 'True' })),
    containerStatuses: spec.template.spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: `${image}@sha256:${'0'.repeat(64)}`,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    })),
  };
}

function deploymentStatus({ metadata }: Deployment): object {
  return {
    observedGeneration: metadata.generation,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  };
}
