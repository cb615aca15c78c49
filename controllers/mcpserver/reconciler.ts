/**
 * One look at one server: render, apply, observe, decide, report, and ask again when it is time.
 */
import type { MCPServer } from '../../api/index.ts';
import {
  formatKey,
  keyOf,
  type EventRecorder,
  type ObjectKey,
  type ObjectWriter,
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
  type Store,
} from '../../operator/runtime/index.ts';
import { render, type RenderedWorkload, type RenderSettings } from '../../render/index.ts';
import { announcements, definitionsChanged } from './announcements.ts';
import type { PolicyVerdicts } from './broken-policies.ts';
import { applyChildren, type AppliedChildren } from './children.ts';
import { SLOW_START_MS } from './container-failures.ts';
import { decide, type Decision } from './decide.ts';
import { MCPSERVER, type Pod } from './kinds.ts';
import type { ServerMetrics } from './metrics.ts';
import { observe, readyPods, SERVER_INDEX, type Sources } from './observe.ts';
import type { Observed } from './observed.ts';
import { isReady } from './pod-failures.ts';
import type { ProbeResult } from './probe-memory.ts';
import { choosePod, nextProbeMs, podRun, probeRequest } from './probe-schedule.ts';
import { probeServer, type ProbeDependencies } from './probe-server.ts';
import type { Prober } from './prober.ts';
import { buildStatus, ownStatus } from './status.ts';

export interface ReconcilerOptions {
  readonly servers: Pick<Store<MCPServer>, 'get'>;
  readonly sources: Sources;
  readonly writer: ObjectWriter;
  readonly recorder: EventRecorder;
  readonly prober: Prober;
  readonly policies: Pick<PolicyVerdicts, 'violationsOf'>;
  readonly probing: ProbeDependencies;
  readonly metrics: ServerMetrics;
  readonly rendering: RenderSettings;
}

export class MCPServerReconciler implements Reconciler {
  readonly #options: ReconcilerOptions;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { signal, logger }: ReconcileContext): Promise<ReconcileResult> {
    const stored = this.#options.servers.get(key);
    // What is being deleted takes its children with it: garbage collection follows the owner reference.
    if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return this.#forget(key);
    const server = this.#options.prober.informed(stored);
    const rendered = render(server, this.#options.rendering);
    const { outcome, error } = await this.#applyChildren(server, rendered, signal);
    const brokenPolicies = await this.#options.policies.violationsOf(stored, signal);
    const observed = observe(server, rendered, { children: outcome, brokenPolicies }, this.#options.sources);
    const decision = decide(observed);
    if (await this.#report(observed, decision, signal)) {
      const { status, reason } = decision.Ready;
      logger.info('status written', { generation: server.metadata.generation, ready: status, reason });
    }
    const waits = [this.#probe(observed, decision), slowStartMs(observed), collisionRetryMs(observed)];
    // Said in the status; the error itself makes the workqueue try again, later each time.
    if (error !== undefined) throw error;
    return next(waits);
  }

  #forget(key: ObjectKey): ReconcileResult {
    this.#options.prober.forget(key);
    this.#options.metrics.forget(key);
    return { kind: 'done' };
  }

  async #applyChildren(
    server: MCPServer,
    rendered: RenderedWorkload | undefined,
    signal: AbortSignal,
  ): Promise<AppliedChildren> {
    // A quarantine stops what a suspended server runs.
    if (server.spec.suspend && server.status?.quarantine === undefined)
      return { outcome: { kind: 'suspended' } };
    return applyChildren(server, rendered, this.#options.writer, signal);
  }

  /** @returns whether the status was written: it is not while it says nothing new. */
  async #report(observed: Observed, decision: Decision, signal: AbortSignal): Promise<boolean> {
    const { server } = observed;
    const { writer, recorder, metrics } = this.#options;
    const status = buildStatus(observed, decision);
    const written = await writer.applyStatus(MCPSERVER, server, status, signal, ownStatus);
    metrics.ready(keyOf(server), decision.Ready.status === 'True');
    if (!written) return false;
    for (const event of announcements(server, status)) recorder.event(server, event);
    if (definitionsChanged(server, status)) metrics.definitionsChanged(keyOf(server));
    return true;
  }

  /** Starts the probe that is due, or says in how many milliseconds one will be. */
  #probe(observed: Observed, { Accepted }: Decision): number | undefined {
    const { server, probe, workload } = observed;
    const { prober, probing } = this.#options;
    if (server.spec.suspend || server.status?.quarantine !== undefined) return undefined;
    if (prober.isRunning(keyOf(server))) return undefined;
    if (Accepted.reason === 'NameCollision' || Accepted.reason === 'ForbiddenAddress') return undefined;
    const ready = readyPods(workload);
    const readyRuns = ready.map(podRun);
    const dueMs = nextProbeMs(probe, server, readyRuns);
    if (dueMs === undefined) return undefined;
    const waitMs = dueMs - probing.clock.monotonicMs();
    if (waitMs > 0) return waitMs;
    const pod = choosePod(probe, ready);
    prober.start({
      server,
      run: pod && podRun(pod),
      readyRuns,
      request: probeRequest(server),
      ask: (signal) => this.#ask(server, pod, signal),
    });
    return undefined;
  }

  /** A probe may wait for its turn until its pod is gone, and the address, with our credentials, somebody else's. */
  async #ask(server: MCPServer, pod: Pod | undefined, signal: AbortSignal): Promise<ProbeResult> {
    const { probing, sources } = this.#options;
    if (pod !== undefined && !isStillThere(pod, sources.pods.byIndex(SERVER_INDEX, formatKey(keyOf(server)))))
      return { kind: 'interrupted' };
    return probeServer(server, pod, probing, signal);
  }
}

function isStillThere({ metadata, status }: Pod, pods: readonly Pod[]): boolean {
  return pods.some(
    (pod) =>
      pod.metadata.uid === metadata.uid &&
      pod.metadata.deletionTimestamp === undefined &&
      pod.status?.podIP === status?.podIP,
  );
}

/** A start that takes its time becomes one that takes too long by the passing of time alone: nobody else tells us. */
function slowStartMs({ workload, nowMs }: Observed): number | undefined {
  const starts = (workload?.pods ?? [])
    .filter((pod) => !isReady(pod))
    .flatMap(startTimes)
    .filter((startMs) => startMs + SLOW_START_MS > nowMs);
  return starts.length === 0 ? undefined : Math.min(...starts) + SLOW_START_MS - nowMs;
}

/** When the pod got its node, and when its containers began. */
function startTimes({ status }: Pod): readonly number[] {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')?.lastTransitionTime;
  const running = (status?.containerStatuses ?? []).map(({ state }) => state?.running?.startedAt);
  return [scheduled, ...running].map((time) => Date.parse(time ?? ''));
}

/** Objects without our labels are not watched, so nobody tells us when the name is free again. */
const COLLISION_RETRY_MS = 10_000;

function collisionRetryMs({ children }: Observed): number | undefined {
  return children.kind === 'collision' ? COLLISION_RETRY_MS : undefined;
}

function next(waits: readonly (number | undefined)[]): ReconcileResult {
  const known = waits.filter((wait) => wait !== undefined);
  if (known.length === 0) return { kind: 'done' };
  return { kind: 'requeue', afterMs: Math.min(...known) };
}
