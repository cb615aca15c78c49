/**
 * Runs checks beside the reconciles: of each check one run at a time, of all together a few servers at a time, of each host one. A run goes on
 * where the last process stopped: servers that are recorded are not asked again, and the run keeps its id. While the store cannot be used a run
 * waits. There is no timer here that begins a run: when one is due is the reconciler's word.
 */
import type { ChangeRecord, RunHistory } from '../../checks/engine/history.ts';
import { FencedError } from '../../checks/engine/history.ts';
import type { ServerReference } from '../../checks/engine/record.ts';
import { pause } from '../../core/clock.ts';
import type { Leadership, ObjectKey, Runnable, Watch } from '../../operator/runtime/index.ts';
import { Turns } from '../compliancereport/turns.ts';
import type { CheckOwner } from './kinds.ts';
import { newMemory, type CheckMemory } from './memory.ts';
import type { RunPlan } from './plan.ts';
import { executeRun, type RunDependencies } from './run.ts';
import { callStore, type StoreCall } from './store-calls.ts';
import { summaryOf } from './summary.ts';

/** After an error that should not be. */
const FAILED_RETRY_MS = 60_000;
/** Steps of restoring a check at the same time. */
const RESTORE_STEPS = 4;

export interface RunsOptions extends Omit<RunDependencies, 'store' | 'tell' | 'tellServer' | 'places'> {
  readonly history: RunHistory;
  /** Servers at the same time. */
  readonly concurrency: number;
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

  /** The check of that name is gone: what is under way for it ends, and the ledger says so. */
  forget(kind: string, key: ObjectKey, deletion: (owner: CheckOwner) => ChangeRecord): void {
    for (const [uid, memory] of this.#memories) {
      const { owner } = memory;
      if (owner.kind !== kind || owner.namespace !== key.namespace || owner.name !== key.name) continue;
      this.#memories.delete(uid);
      memory.end.abort();
      this.#begin(newMemory(owner), (signal) => this.#close(newMemory(owner), deletion(owner), signal));
      for (const { server } of memory.summaries.values()) this.#tellServer(server);
    }
  }

  /** A run of a check that is gone has no end of its own. */
  async #close(memory: CheckMemory, deletion: ChangeRecord, signal: AbortSignal): Promise<void> {
    const open = await this.#store(memory, (history) => history.openRun(memory.owner.uid), signal);
    const end = { finishedAt: deletion.at, result: 'Error' as const };
    if (open !== undefined)
      await this.#store(memory, (history, fence) => history.finishRun(open.run.id, end, fence), signal);
    await this.#recordAll(memory, [deletion], signal);
    await this.#options.sweep(signal);
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
    const dependencies: RunDependencies = {
      ...this.#options,
      places: this.#places,
      store: (call, signal) => this.#store(memory, call, signal),
      tell: () => this.#tell(memory),
      tellServer: (server) => this.#tellServer(server),
    };
    this.#begin(memory, (signal) => executeRun(memory, plan, dependencies, signal));
  }

  #begin(memory: CheckMemory, work: (signal: AbortSignal) => Promise<void>): void {
    if (memory.isBusy) return;
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
    const signal = AbortSignal.any([this.#stopped, memory.end.signal]);
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
    await pause(clock, FAILED_RETRY_MS, signal);
    if (this.#memories.get(memory.owner.uid) === memory) this.#memories.delete(memory.owner.uid);
  }

  async #restore(
    memory: CheckMemory,
    servers: readonly ServerReference[],
    signal: AbortSignal,
  ): Promise<void> {
    const { uid } = memory.owner;
    memory.openRun = await this.#store(memory, (history) => history.openRun(uid), signal);
    memory.last = await this.#store(memory, (history) => history.lastRun(uid), signal);
    const steps = new Turns(RESTORE_STEPS);
    await Promise.all(
      servers.map((server) =>
        steps.run(server.uid, async () => {
          const findings = await this.#store(
            memory,
            (history) => history.previousFindings(uid, server.uid),
            signal,
          );
          if (findings.length > 0) memory.summaries.set(server.uid, summaryOf({ server, findings }));
        }),
      ),
    );
    memory.isRestored = true;
    for (const server of servers) this.#tellServer(server);
  }

  async #recordAll(
    memory: CheckMemory,
    changes: readonly ChangeRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const change of changes)
      await this.#store(memory, (history, fence) => history.recordChange(change, fence), signal);
  }

  #store<T>(memory: CheckMemory, call: StoreCall<T>, signal: AbortSignal): Promise<T> {
    const { history, clock, logger } = this.#options;
    const onProblem = (problem: string | undefined): void => {
      if ((memory.storeProblem === undefined) === (problem === undefined)) return;
      memory.storeProblem = problem;
      this.#tell(memory);
    };
    const { epoch = 0, lease } = this.#leadership ?? {};
    const fence = { epoch, ...(lease !== undefined && { lease }) };
    return callStore(call, { history, fence, clock, logger, signal, onProblem });
  }

  #tell({ owner }: CheckMemory): void {
    this.#listeners.get(owner.kind)?.({ namespace: owner.namespace, name: owner.name });
  }

  #tellServer({ namespace, name }: ServerReference): void {
    for (const tell of this.#serverListeners) tell({ namespace, name });
  }
}
