/**
 * What is remembered of the probes of one server, between its reconciles and in this process only: pure transitions from one
 * memory to the next. What must outlive the process is in the server's status, from which {@link newMemory} starts.
 */
import type { AcceptedReason, ConditionOf, MCPServer, MCPServerStatus } from '../../api/index.ts';
import type { ProbeAuthRequired, ProbeFailed } from '../../mcp/index.ts';
import { conditionOf } from './conditions.ts';

/** What is kept of a server's description: the definitions themselves may be megabytes, and there are many servers. */
export interface Verified {
  readonly kind: 'verified';
  readonly protocol: NonNullable<MCPServerStatus['protocol']>;
  readonly definitions: Omit<NonNullable<MCPServerStatus['definitions']>, 'changedAt'>;
}

/** A Secret or ConfigMap stood in the way: no probe was sent. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: Extract<AcceptedReason, 'NoSecretAccess' | 'ReferenceNotFound' | 'ReferenceInvalid'>;
  readonly message: string;
}

/** How an attempt ended. `interrupted` says nothing about the server: the API server did not answer, or we were stopped. */
export type ProbeResult =
  Verified | ProbeAuthRequired | ProbeFailed | Unreadable | { readonly kind: 'interrupted' };

/** @see newMemory */
export interface ProbeMemory {
  readonly uid: string;
  /** Identifies what is probed: another pod template, URL or header makes another subject, and a new memory. */
  readonly subject: string;
  /** The condition that an earlier process concluded for this very subject; stands until a probe says otherwise. */
  readonly restored: ConditionOf<'Verified'> | undefined;
  /** The last result that was not a miss. */
  readonly settled: Verified | ProbeAuthRequired | Unreadable | undefined;
  /** The last miss, if the last probe was one. */
  readonly failure: ProbeFailed | undefined;
  /** Misses in a row. */
  readonly misses: number;
  /** Attempts in a row that did not settle the matter: the exponent of the back-off. */
  readonly unsettled: number;
  /** Runs of pods (see `podRun`) that were probed. */
  readonly seen: ReadonlySet<string>;
  /** The run that the last miss came from: retries go there, so that a good replica does not hide a bad one. */
  readonly failingRun: string | undefined;
  /** The run that was probed last. */
  readonly lastRun: string | undefined;
  /** When the next routine probe falls due, in monotonic milliseconds, were nothing to happen. */
  readonly dueMs: number;
  /** The value of the probe-requested-at annotation that was last honoured. */
  readonly request: string | undefined;
}

/** What a memory needs to know beside the server. */
export interface Recall {
  readonly subject: string;
  readonly templateHash: string | undefined;
  readonly readyRuns: readonly string[];
  readonly nowMs: number;
  /** In [0, 1): spreads the first probes after a start over the interval. */
  readonly jitter: number;
}

/**
 * The memory of a server that this process has not probed. A conclusion in the status is carried over when it is about the
 * current generation and pod template: so a restart of the operator changes nothing, and probes nothing at once.
 */
export function newMemory(server: MCPServer, recall: Recall): ProbeMemory {
  const carried = isAboutSubject(server, recall.templateHash);
  const restored = carried ? conditionOf(server, 'Verified') : undefined;
  const isFine = restored !== undefined && isGood(server, restored);
  return {
    uid: server.metadata.uid ?? '',
    subject: recall.subject,
    restored,
    settled: carried ? restoredUnreadable(server) : undefined,
    failure: undefined,
    misses: 0,
    unsettled: 0,
    seen: new Set(isFine ? recall.readyRuns : []),
    failingRun: undefined,
    lastRun: undefined,
    dueMs: recall.nowMs + (isFine ? recall.jitter * server.spec.probe.intervalSeconds * 1000 : 0),
    request: undefined,
  };
}

function isAboutSubject({ metadata, status }: MCPServer, templateHash: string | undefined): boolean {
  if (status?.observedGeneration === undefined || status.observedGeneration !== metadata.generation)
    return false;
  return status.lastProbe === undefined || status.lastProbe.podTemplateHash === templateHash;
}

function restoredUnreadable(server: MCPServer): Unreadable | undefined {
  const accepted = conditionOf(server, 'Accepted');
  if (accepted === undefined || !isUnreadable(accepted.reason)) return undefined;
  return { kind: 'unreadable', reason: accepted.reason, message: accepted.message };
}

function isUnreadable(reason: AcceptedReason): reason is Unreadable['reason'] {
  return reason === 'NoSecretAccess' || reason === 'ReferenceNotFound' || reason === 'ReferenceInvalid';
}

/** One finished attempt. */
export interface Attempt {
  readonly result: ProbeResult;
  /** The pod's run that was probed; absent for a remote server. */
  readonly run: string | undefined;
  readonly readyRuns: readonly string[];
  readonly nowMs: number;
  readonly jitter: number;
  readonly request: string | undefined;
}

/** The memory after an attempt. */
export function afterAttempt(memory: ProbeMemory, server: MCPServer, attempt: Attempt): ProbeMemory {
  const { run, readyRuns, request } = attempt;
  const live = new Set(readyRuns);
  const seen = new Set([...memory.seen].filter((known) => live.has(known)));
  if (run !== undefined) seen.add(run);
  const next = { ...memory, ...conclude(memory, attempt), ...(request !== undefined && { request }) };
  const settledNow = isSettled(attempt.result, server);
  const unsettled = settledNow ? 0 : memory.unsettled + 1;
  return {
    ...next,
    seen,
    lastRun: run,
    unsettled,
    dueMs: attempt.nowMs + (settledNow ? intervalMs(server, attempt.jitter) : backoffMs(unsettled)),
  };
}

type Conclusion = Pick<ProbeMemory, 'settled' | 'failure' | 'misses' | 'failingRun'>;

function conclude(memory: ProbeMemory, { result, run, readyRuns }: Attempt): Conclusion {
  const { settled, failure, misses, failingRun } = memory;
  if (result.kind === 'interrupted') return { settled, failure, misses, failingRun };
  if (result.kind === 'failed') {
    // It could be asked, so what could not be read can be read now.
    const kept = settled?.kind === 'unreadable' ? undefined : settled;
    return { settled: kept, failure: result, misses: misses + 1, failingRun: run };
  }
  // A good answer of one replica does not take back the bad one of another.
  const otherStillFails = failingRun !== undefined && failingRun !== run && readyRuns.includes(failingRun);
  if (otherStillFails) return { settled: result, failure, misses, failingRun };
  return { settled: result, failure: undefined, misses: 0, failingRun: undefined };
}

/** Whether the routine interval is soon enough for the next probe. */
function isSettled(result: ProbeResult, server: MCPServer): boolean {
  if (result.kind === 'verified') return true;
  return result.kind === 'authRequired' && wantsCredentials(server);
}

/** The same, of what an earlier process concluded. */
function isGood(server: MCPServer, { status, reason }: ConditionOf<'Verified'>): boolean {
  return status === 'True' || (reason === 'AuthRequired' && wantsCredentials(server));
}

function wantsCredentials(server: MCPServer): boolean {
  return server.spec.auth?.required === true;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** 1, 2, 4 ... 60 seconds. */
export function backoffMs(unsettled: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(16, unsettled - 1));
}

/** The interval, up to a tenth shorter or longer, so that servers that were made together part over time. */
function intervalMs(server: MCPServer, jitter: number): number {
  return server.spec.probe.intervalSeconds * 1000 * (0.9 + 0.2 * jitter);
}
