/** What the cluster knows of a server: its replicas from the cache of pods, drift from the writer of its children, vulnerabilities from Trivy. */
import type { MCPServer } from '../../api/index.ts';
import type { LiveObjects, Replica } from '../../checks/engine/context.ts';
import type { Store } from '../../operator/runtime/index.ts';
import { render, TEMPLATE_HASH_ANNOTATION, type RenderSettings } from '../../render/index.ts';
import { isReady, SERVER_INDEX, type DriftOf, type Pod } from '../mcpserver/index.ts';
import type { LiveFacts } from './server-evaluator.ts';
import type { VulnerabilityReader } from './vulnerabilities.ts';

export interface LiveFactsOptions {
  readonly pods: Pick<Store<Pod>, 'byIndex'>;
  readonly rendering: RenderSettings;
  readonly driftOf: DriftOf;
  readonly vulnerabilities: VulnerabilityReader;
}

/** @see module header. */
export function createLiveFacts({ pods, rendering, driftOf, vulnerabilities }: LiveFactsOptions): LiveFacts {
  const current = (server: MCPServer): readonly Pod[] => {
    const { namespace, name } = server.metadata;
    const wanted = render(server, rendering)?.deployment.spec.template.metadata?.annotations;
    const hash = wanted?.[TEMPLATE_HASH_ANNOTATION];
    return pods
      .byIndex(SERVER_INDEX, `${namespace}/${name}`)
      .filter((pod) => isServing(pod) && pod.metadata.annotations?.[TEMPLATE_HASH_ANNOTATION] === hash)
      .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  };
  return {
    replicas: (server) => current(server).flatMap(replicaOf),
    read: async (server, signal): Promise<LiveObjects> => {
      const drift = driftOf(server);
      const found = await vulnerabilities.read(current(server), signal);
      return { ...(drift && { drift }), ...(found && { vulnerabilities: found }) };
    },
  };
}

function isServing(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && isReady(pod);
}

function replicaOf({ metadata, status }: Pod): readonly Replica[] {
  return status?.podIP === undefined ? [] : [{ name: metadata.name, address: status.podIP }];
}
