/**
 * From verdicts to `status`. Pure, and frugal: what did not change keeps its time stamps, so that the result is equal to what is
 * stored already unless something happened, and nothing is written.
 */
import {
  CONDITION_TYPES,
  LABELS,
  SERVER_CONTAINER,
  type Condition,
  type MCPServer,
  type MCPServerStatus,
} from '../../api/index.ts';
import { effectiveSessionAffinity, serverURL } from '../../render/index.ts';
import { timestamp, transitionTime } from '../timestamps.ts';
import type { Decision } from './decide.ts';
import type { Pod } from './kinds.ts';
import type { Observed, Workload } from './observed.ts';
import type { Verified } from './probe-memory.ts';
import { countedPods } from './rollout.ts';

/** The whole status. */
export function buildStatus(observed: Observed, decision: Decision): MCPServerStatus {
  const { server } = observed;
  const now = timestamp(observed.nowMs);
  return {
    ...(server.metadata.generation !== undefined && { observedGeneration: server.metadata.generation }),
    conditions: conditions(server, decision, now),
    ...address(server, decision),
    ...probed(observed, now),
    ...(observed.workload && workloadStatus(server, observed.workload)),
  };
}

/**
 * Of a status as it is stored, what this controller writes: Compliant and `compliance` are the compliance controller's, and what was
 * executed for it that of the controllers of approval.
 */
export function ownStatus(live: unknown): unknown {
  if (typeof live !== 'object' || live === null) return live;
  const {
    compliance: _,
    baseline: _baseline,
    quarantine: _quarantine,
    pendingApprovals: _pending,
    conditions: all,
    ...own
  }: MCPServerStatus = live;
  if (all === undefined) return own;
  return { ...own, conditions: all.filter(({ type }) => type !== 'Compliant') };
}

function conditions(server: MCPServer, decision: Decision, now: string): Condition[] {
  return CONDITION_TYPES.map((type) => {
    const previous = server.status?.conditions?.find((condition) => condition.type === type);
    const { status, reason, message } = decision[type];
    const lastTransitionTime = transitionTime(previous, status, now);
    const observedGeneration = server.metadata.generation ?? 0;
    // A boundary: the mapped type knows that `decision[type]` fits `type`, its union does not.
    return { type, status, reason, message, observedGeneration, lastTransitionTime } as Condition;
  });
}

/** There while clients can do something with it: verified, or waiting for their credentials. */
function address(server: MCPServer, { Verified }: Decision): Pick<MCPServerStatus, 'address'> {
  if (Verified.status !== 'True' && Verified.reason !== 'AuthRequired') return {};
  return { address: { url: serverURL(server) } };
}

type Probed = Pick<MCPServerStatus, 'protocol' | 'definitions' | 'lastProbe'>;

function probed(observed: Observed, now: string): Probed {
  const { server, probe } = observed;
  const { protocol, definitions } = server.status ?? {};
  const carried = { ...(protocol && { protocol }), ...(definitions && { definitions }) };
  const learned = probe.settled?.kind === 'verified' ? describe(server, probe.settled, now) : carried;
  return { ...learned, ...lastProbe(observed, now) };
}

function describe(server: MCPServer, { protocol, definitions }: Verified, now: string): Probed {
  const previous = server.status?.definitions;
  const changedAt = previous?.hash === definitions.hash ? previous.changedAt : now;
  return { protocol, definitions: { ...definitions, changedAt } };
}

type LastProbe = NonNullable<MCPServerStatus['lastProbe']>;

function lastProbe(observed: Observed, now: string): Pick<MCPServerStatus, 'lastProbe'> {
  const previous = observed.server.status?.lastProbe;
  const outcome = lastOutcome(observed);
  if (outcome === undefined) return previous ? { lastProbe: previous } : {};
  const hash = observed.workload?.templateHash;
  const current = { ...outcome, ...(hash !== undefined && { podTemplateHash: hash }) };
  const isSame =
    previous?.outcome === current.outcome &&
    previous.reason === current.reason &&
    previous.podTemplateHash === hash;
  return { lastProbe: { ...current, since: isSame ? previous.since : now } };
}

function lastOutcome({ probe }: Observed): Pick<LastProbe, 'outcome' | 'reason'> | undefined {
  const { failure, settled } = probe;
  if (failure !== undefined) return { outcome: 'Failed', reason: failure.reason };
  if (settled?.kind === 'verified') return { outcome: 'Verified', reason: 'Verified' };
  if (settled?.kind === 'authRequired') return { outcome: 'AuthRequired', reason: 'AuthRequired' };
  return undefined;
}

type WorkloadStatus = Pick<
  MCPServerStatus,
  'image' | 'sessionAffinity' | 'replicas' | 'readyReplicas' | 'selector'
>;

function workloadStatus(server: MCPServer, workload: Workload): WorkloadStatus {
  const { replicas = 0, readyReplicas = 0 } = workload.deployment?.status ?? {};
  return {
    ...image(server, countedPods(workload)),
    sessionAffinity: effectiveSessionAffinity(server),
    replicas,
    readyReplicas,
    selector: `${LABELS.server}=${server.metadata.name}`,
  };
}

/** The digest that nodes resolved the reference to; the last known one while no pod of the template is ready. */
function image(server: MCPServer, pods: readonly Pod[]): Pick<MCPServerStatus, 'image'> {
  const ref = server.spec.source.image?.ref;
  if (ref === undefined) return {};
  const previous = server.status?.image;
  const known = previous?.ref === ref ? previous.digest : undefined;
  const digest = imageDigest(pods) ?? known;
  return { image: { ref, ...(digest !== undefined && { digest }) } };
}

/** While nodes disagree (a tag that moved), the smallest: any choice that does not depend on an order will do. */
function imageDigest(pods: readonly Pod[]): string | undefined {
  return pods
    .map((pod) => pod.status?.containerStatuses?.find(({ name }) => name === SERVER_CONTAINER)?.imageID)
    .map((imageID) => /sha256:[a-f0-9]{64}$/.exec(imageID ?? '')?.[0])
    .filter((digest) => digest !== undefined)
    .toSorted()[0];
}
