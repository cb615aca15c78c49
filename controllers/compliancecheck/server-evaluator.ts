/**
 * One server, put through a profile: what is known of it is gathered from the caches, what it asks for is read as a probe reads it, and the
 * engine does the rest. A server that cannot be asked is judged by what is known: the rest is Untestable.
 */
import type { MCPServer, Waiver } from '../../api/index.ts';
import type { Check } from '../../checks/engine/check.ts';
import type { Declared, LiveObjects, Replica } from '../../checks/engine/context.ts';
import { Conversation } from '../../checks/engine/conversation.ts';
import { evaluate } from '../../checks/engine/evaluate.ts';
import { gather, type Openings } from '../../checks/engine/gather.ts';
import type { FindingRecord, RunRecord, ServerResult } from '../../checks/engine/record.ts';
import { subjectOf } from '../../checks/subject.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { ProbeStop } from '../../mcp/index.ts';
import { serverURL, type RenderSettings } from '../../render/index.ts';
import type { AddressPolicies } from '../addresses/index.ts';
import { readReferences, type ReadReferences, type ReferenceReader } from '../mcpserver/index.ts';
import type { RunProfile } from './profile.ts';
import type { LabelledServer } from './scope.ts';
import { waiverFor } from './waivers.ts';

/** A server that a run is to judge. */
export interface CoveredServer extends LabelledServer {
  /** What of it is judged: see `subject.ts`. */
  readonly subject: string;
}

/** One evaluation. */
export interface EvaluationJob extends CoveredServer {
  readonly profile: RunProfile;
  readonly waivers: readonly Waiver[];
  readonly previous: readonly FindingRecord[];
}

export interface ServerEvaluator {
  /** Which host is asked: of each, one server at a time. */
  hostOf(server: CoveredServer): string;
  /** Rejects with the reason of `signal`, and when something is wrong with us. */
  evaluate(job: EvaluationJob, signal: AbortSignal): Promise<ServerResult>;
}

/** What the cluster knows of a server beside its spec. */
export interface LiveFacts {
  /** Ready pods of the current template that have an address. */
  replicas(server: MCPServer): readonly Replica[];
  /** What could be learned; fields that nobody could look up are absent. */
  read(server: MCPServer, signal: AbortSignal): Promise<LiveObjects>;
}

export interface ServerEvaluatorOptions {
  readonly checks: readonly Check[];
  readonly references: ReferenceReader;
  readonly addresses: AddressPolicies;
  readonly live: LiveFacts;
  readonly rendering: RenderSettings;
  readonly tool: RunRecord['tool'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What asking the server takes, when it can be asked. */
interface Asked {
  readonly conversation: Conversation;
  readonly openings: Openings;
}

/** @see module header. */
export function createServerEvaluator(options: ServerEvaluatorOptions): ServerEvaluator {
  return {
    hostOf: ({ server }) => new URL(serverURL(server)).host,
    evaluate: (job, signal) => evaluateServer(job, options, signal),
  };
}

async function evaluateServer(
  job: EvaluationJob,
  options: ServerEvaluatorOptions,
  signal: AbortSignal,
): Promise<ServerResult> {
  const { server, profile, previous } = job;
  const { live, checks, tool, clock } = options;
  const replicas = live.replicas(server);
  const references = await readable(server, options, signal);
  const declared = declaredOf(server, references);
  const objects = await live.read(server, signal);
  const asked = await ask({ server, declared, replicas, references }, options, signal);
  try {
    const { namespace, name, uid = '' } = server.metadata;
    const facts = {
      server: { namespace, name, uid },
      declared,
      openings: asked?.openings ?? {},
      ...(asked && { conversation: asked.conversation }),
      subject: subjectOf(server, { name: namespace, labels: job.namespaceLabels }, options.rendering),
      live: objects,
      replicas,
    };
    const waived = (check: string) => waiverFor(job.waivers, check, job, clock.now().getTime());
    const { controls } = profile;
    const settings = { checks, profile: profile.checks, waived, controls, previous, tool, clock };
    return await evaluate(facts, settings, signal);
  } finally {
    if (asked !== undefined) await asked.conversation.close(Object.values(asked.openings));
  }
}

/** What cannot be read now, or never, is told by the condition Accepted of the server; a check cannot ask without it. */
async function readable(
  server: MCPServer,
  { references, logger }: ServerEvaluatorOptions,
  signal: AbortSignal,
): Promise<ReadReferences | undefined> {
  try {
    const read = await readReferences(server, references, signal);
    return read.kind === 'read' ? read : undefined;
  } catch (error) {
    signal.throwIfAborted();
    const { namespace, name } = server.metadata;
    logger.warn('what a check needs could not be read', {
      server: `${namespace}/${name}`,
      error: errorMessage(error),
    });
    return undefined;
  }
}

/** Whom to ask, and with what. */
interface Endpoint {
  readonly server: MCPServer;
  readonly declared: Declared;
  readonly replicas: readonly Replica[];
  readonly references: ReadReferences | undefined;
}

/** @returns nothing when the server cannot be asked: no pod is ready, its credentials cannot be read, or its URL cannot be used. */
async function ask(
  { server, declared, replicas, references }: Endpoint,
  { addresses, tool, clock }: ServerEvaluatorOptions,
  signal: AbortSignal,
): Promise<Asked | undefined> {
  const [replica] = replicas;
  const hasPods = server.spec.source.remote === undefined;
  if (references === undefined || (hasPods && replica === undefined)) return undefined;
  const { headers, ca } = references;
  const target = {
    url: declared.url,
    transport: declared.transport,
    headers: headers.reveal(),
    // The pod itself, as for a probe: a Service could answer with a pod of an earlier template.
    ...(replica !== undefined && { connectAddress: replica.address }),
    ...(ca !== undefined && { ca }),
  };
  const addressPolicy = hasPods ? addresses.pod : addresses.remote;
  const conversation = startConversation({
    target,
    declared,
    replicas,
    clientInfo: tool,
    options: { addressPolicy, clock },
  });
  if (conversation === undefined) return undefined;
  try {
    return { conversation, openings: await gather(conversation, signal) };
  } catch (error) {
    await conversation.close([]);
    throw error;
  }
}

function startConversation(
  settings: ConstructorParameters<typeof Conversation>[0],
): Conversation | undefined {
  try {
    return new Conversation(settings);
  } catch (error) {
    if (error instanceof ProbeStop) return undefined;
    throw error;
  }
}

/** What the owner says of the server. */
function declaredOf(server: MCPServer, references: ReadReferences | undefined): Declared {
  const { source, transport, auth, network } = server.spec;
  const { required = false, audience, issuers = [] } = auth ?? {};
  const isRemote = source.remote !== undefined;
  return {
    source: isRemote ? 'remote' : 'pods',
    transport: transport.type,
    url: serverURL(server),
    authRequired: required,
    // Pods of the same namespace get in without an opening of the owner's.
    exposed: isRemote || (network?.ingress ?? []).length > 0,
    ...(audience !== undefined && { audience }),
    issuers,
    ...(server.status?.baseline && { baselineHash: server.status.baseline.hash }),
    hasCredential: references !== undefined && Object.keys(references.headers.reveal()).length > 0,
  };
}
