/**
 * Makes a server's children what rendering says, and removes those that it no longer has. One after the other: pods must not
 * start before the policy that closes them in.
 */
import { childName, type MCPServer } from '../../api/index.ts';
import {
  apiStatusOf,
  type KubernetesObject,
  type ObjectWriter,
  type Owner,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import type { RenderedWorkload } from '../../render/index.ts';
import {
  DEPLOYMENT,
  MCPSERVER,
  NETWORK_POLICY,
  POD_DISRUPTION_BUDGET,
  SERVICE,
  SERVICE_ACCOUNT,
} from './kinds.ts';
import type { ChildrenOutcome } from './observed.ts';

interface Child {
  readonly type: ResourceType;
  /** Absent: there must be none. */
  readonly intent: KubernetesObject | undefined;
}

/** What happened, and the error to throw once the status says so: the workqueue's back-off retries. */
export interface AppliedChildren {
  readonly outcome: ChildrenOutcome;
  readonly error?: Error;
}

/**
 * Applies `workload`, or removes every child when there is none.
 * @throws what the API server answers, except a refusal of an object's content: that is an outcome.
 */
export async function applyChildren(
  server: MCPServer,
  workload: RenderedWorkload | undefined,
  writer: ObjectWriter,
  signal: AbortSignal,
): Promise<AppliedChildren> {
  const owner = { type: MCPSERVER, object: server };
  for (const child of childrenOf(workload)) {
    const result = await applyChild(child, owner, writer, signal);
    if (result.outcome.kind !== 'applied') return result;
  }
  return { outcome: { kind: 'applied' } };
}

function childrenOf(workload: RenderedWorkload | undefined): readonly Child[] {
  return [
    { type: SERVICE_ACCOUNT, intent: workload?.serviceAccount },
    { type: NETWORK_POLICY, intent: workload?.networkPolicy },
    { type: SERVICE, intent: workload?.service },
    { type: DEPLOYMENT, intent: workload?.deployment },
    { type: POD_DISRUPTION_BUDGET, intent: workload?.podDisruptionBudget },
  ];
}

/**
 * Where the children are not as `workload` says, from the caches; nothing when there are none to be, or when one is missing or somebody
 * else's, which is no drift.
 */
export function driftOfChildren(
  server: MCPServer,
  workload: RenderedWorkload | undefined,
  writer: Pick<ObjectWriter, 'driftOf'>,
): readonly { readonly object: string; readonly path: string }[] | undefined {
  if (workload === undefined) return undefined;
  const owner = { type: MCPSERVER, object: server };
  const drift: { readonly object: string; readonly path: string }[] = [];
  for (const { type, intent } of childrenOf(workload)) {
    if (intent === undefined) continue;
    const paths = writer.driftOf(type, intent, owner);
    if (paths === undefined) return undefined;
    drift.push(...paths.map((path) => ({ object: type.kind, path })));
  }
  return drift;
}

async function applyChild(
  { type, intent }: Child,
  owner: Owner,
  writer: ObjectWriter,
  signal: AbortSignal,
): Promise<AppliedChildren> {
  const { namespace = '', name } = owner.object.metadata;
  const key = { namespace, name: childName(name) };
  const object = `${type.kind} ${key.namespace}/${key.name}`;
  if (intent === undefined) {
    // Somebody else's object of that name is nobody's child: it may stay.
    await writer.ensureAbsent(type, key, owner, signal);
    return { outcome: { kind: 'applied' } };
  }
  try {
    const result = await writer.ensure(type, intent, owner, signal);
    if (result.kind === 'terminating') return { outcome: { kind: 'terminating', object } };
    if (result.kind !== 'foreign') return { outcome: { kind: 'applied' } };
    const controller = result.controller && `${result.controller.kind} ${result.controller.name}`;
    return { outcome: { kind: 'collision', object, owner: controller } };
  } catch (error) {
    const message = refusal(error);
    if (message === undefined || !(error instanceof Error)) throw error;
    return { outcome: { kind: 'refused', object, message }, error };
  }
}

/** The API server's message when it refused what we sent, as against being busy, away, or ahead of us. */
const REFUSALS = [400, 403, 422];

function refusal(error: unknown): string | undefined {
  const status = apiStatusOf(error);
  return status !== undefined && REFUSALS.includes(status.code) ? status.message : undefined;
}
