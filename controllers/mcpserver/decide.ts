/**
 * From what was observed to one verdict a condition. Each condition is a chain of named policies, asked in order: the first
 * that has something to say decides, and the last always has. Pure: no client, no clock, no order of a list matters.
 */
import { serverURL } from '../../render/index.ts';
import { describeBroken } from './broken-policies.ts';
import { readyVerdict, verdict, type Verdict } from './conditions.ts';
import { excerpt } from '../../core/excerpt.ts';
import type { Observed } from './observed.ts';
import { evictedFailure, firstPodFailure, replicaFailure, slowestStart } from './pod-failures.ts';
import type { PodFailure } from './container-failures.ts';
import { countedPods, isRolledOut, minimumAvailable } from './rollout.ts';

/** The verdict on each condition. */
export interface Decision {
  readonly Accepted: Verdict<'Accepted'>;
  readonly ResourcesReady: Verdict<'ResourcesReady'>;
  readonly Available: Verdict<'Available'>;
  readonly Verified: Verdict<'Verified'>;
  readonly Ready: Verdict<'Ready'>;
}

/** Judges in the order of dependence: a policy may look at the verdicts before its own. */
export function decide(observed: Observed): Decision {
  const Accepted = first(observed, [
    namesAreFree, // a child's name that somebody else took is never fought over
    addressIsPermitted, // the operator does not go where the administrator forbids
    referencesAreReadable, // what the probe needs from Secrets and ConfigMaps is there
    policiesAreBroken, // which is said, and stops nothing: what runs is not broken by a new policy
    specIsAccepted,
  ]);
  const ResourcesReady = first(observed, [
    childrenAreLeftAlone, // suspended
    nothingIsApplied, // not accepted
    thereAreNoChildren, // remote
    applyFailed,
    childrenAreApplied,
  ]);
  const Available = first(observed, [
    thereAreNoPods, // not accepted, or remote
    isQuarantined,
    isScaledToZero,
    minimumIsReady,
    podsFail, // the first useful reason
    podsWereEvicted, // and their successors are not ready yet
    podsStart,
  ]);
  const Verified = first({ ...observed, isAccepted: Accepted.status === 'True' }, [
    probesArePaused, // quarantined, suspended, not accepted, scaled to zero
    probesFail, // as often in a row as the threshold says
    lastProbeConcluded,
    earlierProcessConcluded, // a restart of the operator is no reason to doubt
    nothingIsKnown,
  ]);
  return {
    Accepted,
    ResourcesReady,
    Available,
    Verified,
    Ready: summarise(observed, { Accepted, ResourcesReady, Available, Verified }),
  };
}

type Policy<Input, Conclusion> = (input: Input) => Conclusion | undefined;

function first<Input, Conclusion>(
  input: Input,
  policies: readonly [...Policy<Input, Conclusion>[], (input: Input) => Conclusion],
): Conclusion {
  for (const policy of policies) {
    const conclusion = policy(input);
    if (conclusion !== undefined) return conclusion;
  }
  throw new TypeError('the last policy of a chain must always decide');
}

// Accepted

function namesAreFree({ children }: Observed): Verdict<'Accepted'> | undefined {
  if (children.kind !== 'collision') return undefined;
  const owner =
    children.owner === undefined ? 'was not made by this operator' : `belongs to ${excerpt(children.owner)}`;
  return verdict(
    'Accepted',
    'NameCollision',
    `${children.object} exists and ${owner}: delete or rename it, or give this server another name`,
  );
}

function addressIsPermitted({ forbiddenAddress }: Observed): Verdict<'Accepted'> | undefined {
  if (forbiddenAddress === undefined) return undefined;
  return verdict(
    'Accepted',
    'ForbiddenAddress',
    `source.remote.url points to an address that probes may not reach: ${forbiddenAddress}`,
  );
}

function referencesAreReadable({ probe }: Observed): Verdict<'Accepted'> | undefined {
  if (probe.settled?.kind !== 'unreadable') return undefined;
  return verdict('Accepted', probe.settled.reason, probe.settled.message);
}

function policiesAreBroken({ brokenPolicies }: Observed): Verdict<'Accepted'> | undefined {
  if (brokenPolicies.length === 0) return undefined;
  return verdict('Accepted', 'PolicyViolated', describeBroken(brokenPolicies));
}

function specIsAccepted(): Verdict<'Accepted'> {
  return verdict('Accepted', 'Accepted', 'the spec can be worked with');
}

// ResourcesReady

function childrenAreLeftAlone({ children }: Observed): Verdict<'ResourcesReady'> | undefined {
  if (children.kind !== 'suspended') return undefined;
  return verdict('ResourcesReady', 'Suspended', 'spec.suspend is true: the children are not looked at');
}

function nothingIsApplied({ children }: Observed): Verdict<'ResourcesReady'> | undefined {
  if (children.kind !== 'collision') return undefined;
  return verdict('ResourcesReady', 'NotAccepted', 'the spec was not accepted');
}

function thereAreNoChildren({ workload }: Observed): Verdict<'ResourcesReady'> | undefined {
  if (workload !== undefined) return undefined;
  return verdict('ResourcesReady', 'RemoteSource', 'a remote server needs no objects here');
}

function applyFailed({ children }: Observed): Verdict<'ResourcesReady'> | undefined {
  if (children.kind === 'refused') {
    const message = excerpt(`${children.object} was refused: ${children.message}`, 700);
    return verdict('ResourcesReady', 'ApplyFailed', message);
  }
  if (children.kind !== 'terminating') return undefined;
  const message = `${children.object} is being deleted; it is made again when it is gone`;
  return verdict('ResourcesReady', 'ApplyFailed', message);
}

function childrenAreApplied(): Verdict<'ResourcesReady'> {
  return verdict('ResourcesReady', 'Applied', 'every object of the server is applied');
}

// Available

function thereAreNoPods({ children, workload }: Observed): Verdict<'Available'> | undefined {
  if (workload === undefined) return verdict('Available', 'RemoteSource', 'a remote server has no pods here');
  if (children.kind !== 'collision') return undefined;
  return verdict('Available', 'NotAccepted', 'the spec was not accepted');
}

function isScaledToZero({ server }: Observed): Verdict<'Available'> | undefined {
  if (server.spec.replicas !== 0) return undefined;
  return verdict('Available', 'ScaledToZero', 'spec.replicas is 0');
}

function isQuarantined({ server }: Observed): Verdict<'Available'> | undefined {
  if (server.status?.quarantine === undefined) return undefined;
  return verdict('Available', 'Quarantined', quarantineMessage(server));
}

function quarantineMessage({ status }: Observed['server']): string {
  return `stopped by ApprovalRequest ${excerpt(status?.quarantine?.request ?? '')}`;
}

function minimumIsReady({ server, workload }: Observed): Verdict<'Available'> | undefined {
  const available = workload?.deployment?.status?.availableReplicas ?? 0;
  if (available < minimumAvailable(server)) return undefined;
  return verdict('Available', 'MinimumReplicasReady', 'enough pods are ready');
}

function podsFail(observed: Observed): Verdict<'Available'> | undefined {
  const failure = currentFailure(observed) ?? firstPodFailure(observed.workload?.pods ?? [], observed.nowMs);
  return failure && verdict('Available', failure.reason, failure.message);
}

function podsWereEvicted({ workload }: Observed): Verdict<'Available'> | undefined {
  const failure = evictedFailure(workload?.evictedPods ?? []);
  return failure && verdict('Available', failure.reason, failure.message);
}

function podsStart({ workload, nowMs }: Observed): Verdict<'Available'> {
  const waiting = slowestStart(workload?.currentPods ?? [], nowMs);
  return verdict('Available', 'Progressing', waiting ?? 'pods are being started');
}

/** What is wrong with the pods of the current template, or with making them. */
function currentFailure({ workload, nowMs }: Observed): PodFailure | undefined {
  return replicaFailure(workload?.deployment) ?? firstPodFailure(workload?.currentPods ?? [], nowMs);
}

// Verified

type Judged = Observed & { readonly isAccepted: boolean };

function probesArePaused({ server, isAccepted }: Judged): Verdict<'Verified'> | undefined {
  if (server.status?.quarantine !== undefined)
    return verdict('Verified', 'Quarantined', quarantineMessage(server));
  if (server.spec.suspend)
    return verdict('Verified', 'Suspended', 'spec.suspend is true: no probes are sent');
  if (!isAccepted) return verdict('Verified', 'NotAccepted', 'the spec was not accepted');
  if (server.spec.source.image === undefined || server.spec.replicas !== 0) return undefined;
  return verdict('Verified', 'NotAvailable', 'spec.replicas is 0');
}

function probesFail({ server, probe }: Judged): Verdict<'Verified'> | undefined {
  const { failure, misses } = probe;
  if (failure === undefined || misses < server.spec.probe.failureThreshold) return undefined;
  return verdict('Verified', failure.reason, failure.message);
}

function lastProbeConcluded({ server, probe: { settled } }: Judged): Verdict<'Verified'> | undefined {
  if (settled?.kind === 'verified') return describedItself(server, settled.definitions.hash);
  if (settled?.kind === 'authRequired')
    return verdict(
      'Verified',
      'AuthRequired',
      `the server answered ${settled.status}: it asks for credentials`,
    );
  return undefined;
}

/** As it did when its definitions were accepted, where they were. */
function describedItself({ status }: Observed['server'], hash: string): Verdict<'Verified'> {
  const { baseline } = status ?? {};
  if (baseline === undefined || baseline.hash === hash)
    return verdict('Verified', 'Verified', 'the server answered in MCP and described itself');
  return verdict(
    'Verified',
    'DefinitionsChanged',
    `the server describes itself as ${hash}; ApprovalRequest ${excerpt(baseline.request)} accepted ${baseline.hash}`,
  );
}

function earlierProcessConcluded({ server, probe: { restored } }: Judged): Verdict<'Verified'> | undefined {
  if (restored === undefined || IDLE_REASONS.has(restored.reason)) return undefined;
  // What was accepted since is no matter of probes.
  const { hash } = server.status?.definitions ?? {};
  if (hash !== undefined && (restored.reason === 'Verified' || restored.reason === 'DefinitionsChanged'))
    return describedItself(server, hash);
  const { status, reason, message } = restored;
  return { status, reason, message };
}

/** Not conclusions of a probe: they follow from what is seen now. */
const IDLE_REASONS = new Set<string>([
  'Quarantined',
  'Suspended',
  'NotAccepted',
  'NotAvailable',
  'NotYetProbed',
]);

function nothingIsKnown({ workload }: Judged): Verdict<'Verified'> {
  const canProbe = workload === undefined || countedPods(workload).length > 0;
  if (canProbe) return verdict('Verified', 'NotYetProbed', 'no probe has ended yet');
  return verdict('Verified', 'NotAvailable', 'there is no ready pod of the current template to probe');
}

// Ready

/** True only when all hold: else the reason of the first thing that keeps it from True. */
function summarise(observed: Observed, decided: Omit<Decision, 'Ready'>): Verdict<'Ready'> {
  const { server, workload } = observed;
  if (server.status?.quarantine !== undefined) return readyVerdict('Quarantined', quarantineMessage(server));
  if (server.spec.suspend) return readyVerdict('Suspended', 'spec.suspend is true');
  const { Accepted, ResourcesReady, Available, Verified } = decided;
  const missing = [Accepted, ResourcesReady, Available].find(({ status }) => status !== 'True');
  if (missing !== undefined) return notReady(missing);
  if (workload !== undefined && !isRolledOut(server, workload.deployment)) {
    // Old pods may serve on; what is wrong with the new ones is what the reader must know.
    const failure = currentFailure(observed);
    if (failure !== undefined) return notReady(failure);
    return readyVerdict('RolloutInProgress', 'not every pod has the current template yet');
  }
  if (!isProven(observed, Verified)) return notReady(Verified);
  return readyVerdict('Ready', `clients reach the server at ${excerpt(serverURL(server))}`);
}

function isProven({ server }: Observed, verified: Verdict<'Verified'>): boolean {
  if (verified.status === 'True') return true;
  return verified.reason === 'AuthRequired' && server.spec.auth?.required === true;
}

function notReady({ reason, message }: Pick<Verdict<'Ready'>, 'reason' | 'message'>): Verdict<'Ready'> {
  return { status: 'False', reason, message };
}
