/**
 * Asks one server: reads what the probe needs, dials the pod (or the remote endpoint), and speaks MCP.
 */
import type { MCPServer } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { ProbeOptions, ProbeOutcome, ProbeTarget, ServerDescription } from '../../mcp/index.ts';
import { serverURL } from '../../render/index.ts';
import type { AddressPolicies } from '../addresses/index.ts';
import { excerpt } from '../../core/excerpt.ts';
import type { Pod } from './kinds.ts';
import type { ProbeResult, Verified } from './probe-memory.ts';
import { readReferences, type ReadReferences, type ReferenceReader } from './references.ts';

/** `probe` of `mcp/`, or a stand-in. */
export type ProbeFunction = (
  target: ProbeTarget,
  options: ProbeOptions,
  signal: AbortSignal,
) => Promise<ProbeOutcome>;

/** What asking needs. */
export interface ProbeDependencies {
  readonly probe: ProbeFunction;
  readonly references: ReferenceReader;
  readonly addresses: AddressPolicies;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly clock: Clock;
}

/**
 * @param pod the pod to ask; undefined for a remote server.
 * @throws what the API server answers when a reference cannot be read now.
 */
export async function probeServer(
  server: MCPServer,
  pod: Pod | undefined,
  dependencies: ProbeDependencies,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { addresses, clientInfo, clock } = dependencies;
  const references = await readReferences(server, dependencies.references, signal);
  if (references.kind === 'unreadable') return references;
  const options = {
    timeoutMs: server.spec.probe.timeoutSeconds * 1000,
    addressPolicy: server.spec.source.remote === undefined ? addresses.pod : addresses.remote,
    clientInfo,
    clock,
  };
  const outcome = await dependencies.probe(target(server, pod, references), options, signal);
  return outcome.kind === 'verified' ? summarise(outcome.description) : outcome;
}

/**
 * The pod itself is dialled, not the Service: a Service could answer with a pod of an earlier template. The URL stays the
 * Service's, so that a server which checks `Host` and a certificate for the Service's name are both content.
 */
function target(server: MCPServer, pod: Pod | undefined, { headers, ca }: ReadReferences): ProbeTarget {
  return {
    url: serverURL(server),
    transport: server.spec.transport.type,
    headers: headers.reveal(),
    ...(pod?.status?.podIP !== undefined && { connectAddress: pod.status.podIP }),
    ...(ca !== undefined && { ca }),
  };
}

const MAX_CAPABILITIES = 32;

/** The server's own words, bounded as the status bounds them. */
function summarise(description: ServerDescription): Verified {
  const { era, protocolVersion, serverInfo, capabilities, tools, prompts, resourceTemplates, hash } =
    description;
  return {
    kind: 'verified',
    protocol: {
      era,
      version: excerpt(protocolVersion, 64),
      serverInfo: { name: excerpt(serverInfo.name, 128), version: excerpt(serverInfo.version, 128) },
      capabilities: [...new Set(Object.keys(capabilities).map((capability) => excerpt(capability, 64)))]
        .toSorted()
        .slice(0, MAX_CAPABILITIES),
    },
    definitions: {
      tools: tools.length,
      prompts: prompts.length,
      resourceTemplates: resourceTemplates.length,
      hash,
    },
  };
}
