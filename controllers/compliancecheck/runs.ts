/**
 * Runs checks beside the reconciles: of each check one run at a time, of all together a few servers at a time, of each host one. A run goes on
 * where the last process stopped: servers that are recorded are not asked again, and the run keeps its id. While the store cannot be used a run
 * waits. There is no timer here that begins a run: when one is due is the reconciler's word.
 */
import { randomUUID } from 'node:crypto';
import type { ChangeRecord, RunHistory } from '../../checks/engine/history.ts';
import { FencedError } from '../../checks/engine/history.ts';
import type { RunRecord, ServerReference, ServerResult } from '../../checks/engine/record.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Leadership, ObjectKey, Runnable, Watch } from '../../operator/runtime/index.ts';
import type { Publication } from '../compliancereport/index.ts';
import { Turns } from '../compliancereport/turns.ts';
import type { CheckOwner } from './kinds.ts';
import { newMemory, type CheckMemory } from './memory.ts';
import type { RunPlan } from './plan.ts';
import type { CoveredServer, ServerEvaluator } from './server-evaluator.ts';
import { callStore, type StoreCall } from './store-calls.ts';
import { judge, summaryOf, type Result } from './summary.ts';

/** Longer than the engine's own deadlines together: for what they do not see. */
const SERVER_DEADLINE_MS = 180_000;
/** After an error that should not be. */
const FAILED_RETRY_MS = 60_000;
/** Steps of restoring a check at the same time. */
const RESTORE_STEPS = 4;

/** A share of a report to publish; see `controllers/compliancereport`. */
export interface ReportShareOfRun {
  readonly owner: CheckOwner;
  readonly profile: string;
  readonly server: ServerReference;
  readonly runId: string;
  readonly findings: ServerResult['findings'];
}

export interface RunsOptions {
  readonly history: RunHistory;
  readonly evaluator: ServerEvaluator;
  /** The server as it is now; undefined when it is gone, or suspended. */
  readonly serverOf: (server: ServerReference) => CoveredServer | undefined;
  readonly publish: (share: ReportShareOfRun, signal: AbortSignal) => Promise<Publication>;
  readonly onRun: (run: { readonly durationMs: number; readonly result: Result }) => void;
  readonly tool: RunRecord['tool'];
  /** Servers at the same time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @see module header. */
export class Runs implements Runnable {
  readonly #options: RunsOptions;
  readonly #memories = new Map<string, CheckMemory>();
  readonly #places: Turns;
  readonly #work = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  readonly #listeners = new Map<string, (key: ObjectKey) => void>();
  readonly #serverListeners = new Set<(key: ObjectKey) => void>();
  #leadership: Leadership | undefined;
  #stopped: AbortSignal = new AbortController().signal;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#places = new Turns(options.concurrency);
  }

  /** Lets runs begin, until `stop`; what is under way then is broken off, and resumed by the next leader. */
  async run(stop: AbortSignal, _abort: AbortSignal, leadership: Leadership): Promise<void> {
    this.#leadership = leadership;
    this.#stopped = AbortSignal.any([stop, leadership.signal]);
    for (const begin of this.#waiting.splice(0)) begin();
    if (!stop.aborted)
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.allSettled(this.#work);
  }

  /** Names the checks of one kind about which something is news. */
  watch(kind: string): Watch {
    return {
      hasSynced: () => true,
      start: (enqueue) => {
        this.#listeners.set(kind, (key) => enqueue(key, 0));
        return () => void this.#listeners.delete(kind);
      },
    };
  }

  /** Names the servers whose verdict is news. */
  serverWatch(): Watch {
    return {
      hasSynced: () => true,
      start: (enqueue) => {
        const tell = (key: ObjectKey): void => enqueue(key, 0);
        this.#serverListeners.add(tell);
        return () => void this.#serverListeners.delete(tell);
      },
    };
  }

  /** What is remembered of the check; it is read from history when there is nothing yet. @param servers that it covers now. */
  recall(owner: CheckOwner, servers: () => readonly ServerReference[]): CheckMemory {
    const known = this.#memories.get(owner.uid);
    if (known !== undefined) return known;
    const memory = newMemory(owner);
    this.#memories.set(owner.uid, memory);
    this.#begin(memory, (signal) => this.#restore(memory, servers(), signal));
    return memory;
  }

  /** What is remembered of the check of that uid, if anything is. */
  known(uid: string): CheckMemory | undefined {
    return this.#memories.get(uid);
  }

  /** The check of that name is gone. @returns what is to be recorded of that, if it was known. */
  forget(kind: string, key: ObjectKey, deletion: (owner: CheckOwner) => ChangeRecord): void {
    for (const [uid, memory] of this.#memories) {
      const { owner } = memory;
      if (owner.kind !== kind || owner.namespace !== key.namespace || owner.name !== key.name) continue;
      this.#memories.delete(uid);
      this.#begin(memory, (signal) => this.#recordAll(memory, [deletion(owner)], signal));
      for (const { server } of memory.summaries.values()) this.#tellServer(server);
    }
  }

  /** Writes changes into the ledger, unless other work for the check is under way. */
  record(memory: CheckMemory, changes: readonly ChangeRecord[], recorded: CheckMemory['recorded']): void {
    this.#begin(memory, async (signal) => {
      await this.#recordAll(memory, changes, signal);
      memory.recorded = recorded;
    });
  }

  /** Begins the run, unless work for the check is under way. */
  start(memory: CheckMemory, plan: RunPlan): void {
    this.#begin(memory, (signal) => this.#run(memory, plan, signal));
  }

  #begin(memory: CheckMemory, work: (signal: AbortSignal) => Promise<void>): void {
    if (memory.isBusy && this.#memories.get(memory.owner.uid) === memory) return;
    memory.isBusy = true;
    const done = this.#guarded(memory, work).finally(() => {
      memory.isBusy = false;
      this.#work.delete(done);
      this.#tell(memory);
    });
    this.#work.add(done);
  }

  async #guarded(memory: CheckMemory, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#leadership === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const signal = this.#stopped;
    try {
      signal.throwIfAborted();
      await work(signal);
      memory.storeProblem = undefined;
    } catch (error) {
      if (signal.aborted) return;
      await this.#failed(memory, error, signal);
    }
  }

  /** What went wrong is no fault of a server or of a store that is away: history is read anew before anything else is tried. */
  async #failed(memory: CheckMemory, error: unknown, signal: AbortSignal): Promise<void> {
    const { logger, clock } = this.#options;
    const { kind, namespace, name } = memory.owner;
    logger.error('a compliance run broke off', { check: `${kind} ${namespace}/${name}`, error });
    memory.current = undefined;
    memory.storeProblem =
      error instanceof FencedError
        ? 'the store has seen a newer leader than this one: if no other operator uses it, see docs/compliance.md about fencing'
        : 'what was found could not be recorded: see the log of the operator';
    this.#tell(memory);
    // An end of the process while it waits is as good as any other.
    await clock.sleep(FAILED_RETRY_MS, signal).catch(() => undefined);
    if (this.#memories.get(memory.owner.uid) === memory) this.#memories.delete(memory.owner.uid);
  }

  async #restore(memory: CheckMemory, servers: readonly ServerReference[], signal: AbortSignal): Promise<void> {
    const { uid } = memory.owner;
    memory.openRun = await this.#store(memory, (history) => history.openRun(uid), signal);
    memory.last = await this.#store(memory, (history) => history.lastRun(uid), signal);
    const steps = new Turns(RESTORE_STEPS);
    await Promise.all(
      servers.map((server) =>
        steps.run(server.uid, async () => {
          const findings = await this.#store(memory, (history) => history.previousFindings(uid, server.uid), signal);
          if (findings.length > 0) memory.summaries.set(server.uid, summaryOf({ server, findings }));
        }),
      ),
    );
    memory.isRestored = true;
    for (const server of servers) this.#tellServer(server);
  }

  async #recordAll(memory: CheckMemory, changes: readonly ChangeRecord[], signal: AbortSignal): Promise<void> {
    for (const change of changes)
      await this.#store(memory, (history, fence) => history.recordChange(change, fence), signal);
  }

  async #run(memory: CheckMemory, plan: RunPlan, signal: AbortSignal): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs();
    const run = plan.resumed?.run ?? this.#newRun(memory, plan);
    const { id, startedAt, trigger } = run;
    memory.current = { id, startedAt, trigger, phase: 'Running' };
    memory.openRun = undefined;
    if (plan.request !== undefined) memory.answered = plan.request;
    if (plan.isFull) memory.lastFull = { startedAt, generation: plan.generation };
    this.#tell(memory);
    if (plan.resumed === undefined)
      await this.#store(memory, (history, fence) => history.beginRun(run, plan.servers, fence), signal);
    else await this.#readDone(memory, id, signal);
    const done = new Set(plan.resumed?.done);
    const left = plan.servers.filter(({ uid }) => !done.has(uid));
    await Promise.all(left.map((server) => this.#server(memory, plan, id, server, signal)));
    memory.current = { id, startedAt, trigger, phase: 'Aggregating' };
    const result = await this.#finish(memory, plan, run, signal);
    memory.current = undefined;
    this.#options.onRun({ durationMs: this.#options.clock.monotonicMs() - startedMs, result });
  }

  #newRun({ owner }: CheckMemory, { profile, trigger }: RunPlan): RunRecord {
    const { clock, tool } = this.#options;
    const { name, hash } = profile;
    return {
      id: randomUUID(),
      owner,
      profile: { name, hash },
      trigger,
      tool,
      startedAt: clock.now().toISOString(),
    };
  }

  /** What the process before had recorded of the run is part of the verdict. */
  async #readDone(memory: CheckMemory, runId: string, signal: AbortSignal): Promise<void> {
    const results = await this.#store(memory, (history) => history.results(runId), signal);
    for (const result of results) memory.summaries.set(result.server.uid, summaryOf(result));
  }

  #server(
    memory: CheckMemory,
    plan: RunPlan,
    runId: string,
    reference: ServerReference,
    signal: AbortSignal,
  ): Promise<void> {
    const { evaluator, serverOf } = this.#options;
    const covered = serverOf(reference);
    if (covered === undefined) return Promise.resolve();
    return this.#places.run(evaluator.hostOf(covered), async () => {
      signal.throwIfAborted();
      // It may have had to wait for its turn until it was gone, or paused.
      const now = serverOf(reference);
      if (now === undefined) return;
      await this.#evaluate(memory, plan, { runId, reference, covered: now }, signal);
      this.#tellServer(reference);
    });
  }

  async #evaluate(
    memory: CheckMemory,
    plan: RunPlan,
    { runId, reference, covered }: Evaluated,
    signal: AbortSignal,
  ): Promise<void> {
    const { evaluator, clock, publish } = this.#options;
    const { owner } = memory;
    const call = (history: RunHistory) => history.previousFindings(owner.uid, reference.uid);
    const previous = await this.#store(memory, call, signal);
    const deadline = new AbortController();
    const timer = clock.setTimeout(() => deadline.abort(new Error('no end in sight')), SERVER_DEADLINE_MS);
    let result: ServerResult;
    try {
      const ends = AbortSignal.any([signal, deadline.signal]);
      result = await evaluator.evaluate({ ...covered, ...plan, previous }, ends);
    } catch (error) {
      signal.throwIfAborted();
      return this.#lost(memory, reference, error);
    } finally {
      timer.cancel();
    }
    await this.#store(memory, (history, fence) => history.recordServer(runId, result, fence), signal);
    memory.summaries.set(reference.uid, summaryOf(result));
    memory.subjects.set(reference.uid, covered.subject);
    const { findings } = result;
    const share = { owner, profile: plan.profile.name, server: reference, runId, findings };
    this.#published(memory, reference, await publish(share, signal));
  }

  /** What nobody could evaluate has no verdict, lest the one before look like one of now. */
  #lost(memory: CheckMemory, { uid, namespace, name }: ServerReference, error: unknown): void {
    memory.summaries.delete(uid);
    const server = `${namespace}/${name}`;
    this.#options.logger.error('a server could not be evaluated', { server, error: errorMessage(error) });
  }

  #published({ reports }: CheckMemory, { uid }: ServerReference, { kind }: Publication): void {
    if (kind === 'published' || kind === 'unchanged') reports.delete(uid);
    else reports.set(uid, kind);
  }

  async #finish(memory: CheckMemory, plan: RunPlan, run: RunRecord, signal: AbortSignal): Promise<Result> {
    const { clock } = this.#options;
    const findings = plan.servers.flatMap(({ uid }) => memory.summaries.get(uid)?.findings ?? []);
    const judgement = judge(findings, plan.thresholds);
    const finishedAt = clock.now().toISOString();
    const end = { ...judgement, finishedAt };
    await this.#store(memory, (history, fence) => history.finishRun(run.id, end, fence), signal);
    memory.last = { ...run, ...end };
    const before = new Date(clock.now().getTime() - plan.keepMs).toISOString();
    await this.#store(memory, (history, fence) => history.deleteRuns(memory.owner.uid, before, fence), signal);
    return judgement.result;
  }

  #store<T>(memory: CheckMemory, call: StoreCall<T>, signal: AbortSignal): Promise<T> {
    const { history, clock, logger } = this.#options;
    const onProblem = (problem: string | undefined): void => {
      if ((memory.storeProblem === undefined) === (problem === undefined)) return;
      memory.storeProblem = problem;
      this.#tell(memory);
    };
    const fence = { epoch: this.#leadership?.epoch ?? 0 };
    return callStore(call, { history, fence, clock, logger, signal, onProblem });
  }

  #tell({ owner }: CheckMemory): void {
    this.#listeners.get(owner.kind)?.({ namespace: owner.namespace, name: owner.name });
  }

  #tellServer({ namespace, name }: ServerReference): void {
    for (const tell of this.#serverListeners) tell({ namespace, name });
  }
}

interface Evaluated {
  readonly runId: string;
  readonly reference: ServerReference;
  readonly covered: CoveredServer;
}
