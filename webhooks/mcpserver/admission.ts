/**
 * Admission of MCPServers: the verdict on what would be stored, and on what a change of scale would make of it.
 */
import {
  defaultMCPServer,
  mcpServerResource,
  type MCPServer,
  type MCPServerManifest,
} from '../../api/index.ts';
import { subjectOf, type NamespaceFacts, type Subject } from '../../checks/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import {
  isJsonObject,
  MalformedReviewError,
  type AdmissionHandler,
  type AdmissionRequest,
  type JsonObject,
} from '../admission/review.ts';
import type { Facts } from '../facts.ts';
import { refusalOfStamps } from '../stamps/admission.ts';
import type { StampSettings } from '../stamps/stamps.ts';
import { judge, type EvaluatePolicy } from './judge.ts';

export interface ServerAdmissionDependencies {
  readonly facts: Facts;
  readonly rendering: RenderSettings;
  readonly evaluate: EvaluatePolicy;
  readonly stamps: StampSettings;
}

/** Judges a server as it would be stored. */
export function validateServer({
  facts,
  rendering,
  evaluate,
  stamps,
}: ServerAdmissionDependencies): AdmissionHandler {
  return async (request, signal) => {
    const policies = facts.policies();
    const namespace = await facts.namespace(request.namespace, signal);
    const denial = refusalOfStamps(mcpServerResource.kind, request, stamps);
    if (denial !== undefined) return { denial };
    const subject = (object: JsonObject): Subject =>
      subjectOf(serverIn(object, request), namespace, rendering);
    const before = request.operation === 'CREATE' ? undefined : () => subject(request.oldObject);
    return judge({ after: subject(request.object), before }, policies, evaluate);
  };
}

/** Judges the cached server with the new number of replicas against itself with the old one. */
export function validateScale({ facts, rendering, evaluate }: ServerAdmissionDependencies): AdmissionHandler {
  return async (request, signal) => {
    const policies = facts.policies();
    const [namespace, server] = await Promise.all([
      facts.namespace(request.namespace, signal),
      facts.server(request, signal),
    ]);
    const subject = (scale: JsonObject): Subject => scaled(server, replicasIn(scale), namespace, rendering);
    const before = (): Subject => subject(request.oldObject);
    return judge({ after: subject(request.object), before }, policies, evaluate);
  };
}

/** The API server has judged the object by the schema; only who speaks to us without it can send another. */
function serverIn(
  { metadata, spec, ...object }: JsonObject,
  { namespace, name }: AdmissionRequest,
): MCPServer {
  if (!isJsonObject(metadata) || !isJsonObject(spec))
    throw new MalformedReviewError('an MCPServer must have metadata and spec');
  return defaultMCPServer({
    ...object,
    metadata: { name, ...metadata, namespace },
    spec,
  } as MCPServerManifest);
}

function scaled(
  server: MCPServer,
  replicas: number,
  namespace: NamespaceFacts,
  rendering: RenderSettings,
): Subject {
  return subjectOf({ ...server, spec: { ...server.spec, replicas } }, namespace, rendering);
}

/** Zero is left out, as Go writes it. */
function replicasIn({ spec }: JsonObject): number {
  const replicas = isJsonObject(spec) ? (spec['replicas'] ?? 0) : undefined;
  if (typeof replicas !== 'number') throw new MalformedReviewError('a Scale must have spec.replicas');
  return replicas;
}
