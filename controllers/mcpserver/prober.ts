/**
 * Runs probes beside the reconciles: a bounded number at once, one a server, each with its own end. Results stay in memory, and
 * each asks for a reconcile of its server, which reads them. There are no timers here: when a probe is due is the
 * reconciler's word, and the workqueue's delay is the only clock.
 */
import { formatKey, type ObjectKey, type Watch } from '../../operator/runtime/index.ts';
import type { MCPServer } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import { afterAttempt, newMemory, type ProbeMemory, type ProbeResult, type Recall } from './probe-memory.ts';

/** One probe to run. */
export interface ProbeJob {
  readonly server: MCPServer;
  /** The run of the pod that is asked; absent for a remote server. */
  readonly run: string | undefined;
  readonly readyRuns: readonly string[];
  /** The request that this probe answers. */
  readonly request: string | undefined;
  /** Asks the server, or throws when it could not even be asked. */
  ask(signal: AbortSignal): Promise<ProbeResult>;
}

export interface ProberOptions {
  /** Probes at the same time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Told of each attempt that ended. */
  readonly onResult: (result: ProbeResult, durationMs: number) => void;
}

/** The memories of all servers, and the probes under way. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #memories = new Map<string, ProbeMemory>();
  readonly #running = new Map<string, AbortController>();
  readonly #waiting: (() => void)[] = [];
  #active = 0;
  #enqueue: ((key: ObjectKey) => void) | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** What makes a controller reconcile a server whose probe ended. Stopping it ends every probe. */
  watch(): Watch {
    return {
      hasSynced: () => true,
      start: (enqueue) => {
        this.#enqueue = (key) => enqueue(key, 0);
        return () => {
          this.#enqueue = undefined;
          for (const controller of this.#running.values()) controller.abort();
        };
      },
    };
  }

  /** The memory of what is probed now; what was learned about something else is forgotten. */
  recall(server: MCPServer, known: Pick<Recall, 'subject' | 'templateHash' | 'readyRuns'>): ProbeMemory {
    const id = formatKey(server.metadata);
    const memory = this.#memories.get(id);
    if (memory?.subject === known.subject) return memory;
    this.#running.get(id)?.abort();
    const { clock, random } = this.#options;
    const fresh = newMemory(server, { ...known, nowMs: clock.monotonicMs(), jitter: random() });
    this.#memories.set(id, fresh);
    return fresh;
  }

  /**
   * The server with what its last probe learned of its protocol in its status, before the status says so: what is rendered
   * from the era (session affinity) and the status that reports it are then of one reconcile.
   */
  informed(server: MCPServer): MCPServer {
    const settled = this.#memories.get(formatKey(server.metadata))?.settled;
    if (settled?.kind !== 'verified') return server;
    return { ...server, status: { ...server.status, protocol: settled.protocol } };
  }

  /** The server is gone. */
  forget(key: ObjectKey): void {
    const id = formatKey(key);
    this.#running.get(id)?.abort();
    this.#memories.delete(id);
  }

  isRunning(key: ObjectKey): boolean {
    return this.#running.has(formatKey(key));
  }

  /** Starts the probe, or lets it wait for a free place; a server that is being probed is left alone. */
  start(job: ProbeJob): void {
    const id = formatKey(job.server.metadata);
    if (this.#running.has(id)) return;
    const controller = new AbortController();
    this.#running.set(id, controller);
    void this.#run(job, id, controller.signal).finally(() => {
      this.#running.delete(id);
      this.#enqueue?.(job.server.metadata);
    });
  }

  async #run(job: ProbeJob, id: string, signal: AbortSignal): Promise<void> {
    const { result, durationMs } = await this.#ask(job, signal);
    // The server was changed or deleted in the meantime: the answer is about something that is no more.
    if (signal.aborted) return;
    this.#options.onResult(result, durationMs);
    this.#remember(id, job, result);
  }

  /** Never rejects: whatever goes wrong on our side says nothing about the server. */
  async #ask(job: ProbeJob, signal: AbortSignal): Promise<{ result: ProbeResult; durationMs: number }> {
    const { clock, concurrency, logger } = this.#options;
    if (this.#active >= concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#active += 1;
    const startedMs = clock.monotonicMs();
    const ended = (result: ProbeResult) => ({ result, durationMs: clock.monotonicMs() - startedMs });
    try {
      signal.throwIfAborted();
      return ended(await job.ask(signal));
    } catch (error) {
      const server = formatKey(job.server.metadata);
      if (!signal.aborted) logger.warn('probe could not be sent', { server, error: errorMessage(error) });
      return ended({ kind: 'interrupted' });
    } finally {
      this.#release();
    }
  }

  /** Hands the place to the next in line. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#active -= 1;
    else next();
  }

  #remember(id: string, job: ProbeJob, result: ProbeResult): void {
    const memory = this.#memories.get(id);
    if (memory === undefined) return;
    const { clock, random } = this.#options;
    const { run, readyRuns, request } = job;
    const attempt = { result, run, readyRuns, request, nowMs: clock.monotonicMs(), jitter: random() };
    this.#memories.set(id, afterAttempt(memory, job.server, attempt));
  }
}
