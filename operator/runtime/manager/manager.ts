/**
 * The life of an operator process. Start: health and metrics, servers, caches, leadership, controllers; a standby stops before
 * leadership with warm caches. Stop, in this order: not ready, no more keys, running reconciles end or are aborted, the lease is
 * released, servers end, the last events go out, connections close.
 */
import type { Registry } from 'prom-client';
import { systemClock, type Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/logger.ts';
import type { InformerRegistry } from '../cache/informer-registry.ts';
import type { LeaderElector } from '../election/elector.ts';
import type { Leadership } from '../election/leadership.ts';
import type { EventBroadcaster } from '../events/broadcaster.ts';
import { parseBindAddress } from './bind-address.ts';
import { cachesSynced, healthHandler, leaseRenewed, watchesAlive, type HealthCheck } from './health.ts';
import { listen, type HttpHandler, type HttpListener } from './http-listener.ts';
import { loopTurns, measureLoopLag, registerLoopLag, type LoopLag } from './loop-lag.ts';

/** Something that works while we lead. A controller is one. */
export interface Runnable {
  /** Runs until `stop` aborts, then finishes what it has begun; `abort` ends that too. */
  run(stop: AbortSignal, abort: AbortSignal, leadership: Leadership): Promise<void>;
}

/** Something that answers others, leading or not, such as admission webhooks. */
export interface Server {
  /**
   * Listens; rejects when it cannot. Goes on answering after `stop`, since clients learn late that this process ends, and may send
   * them elsewhere from then on.
   */
  listen(stop: AbortSignal): Promise<RunningServer>;
}

/** A server that listens. */
export interface RunningServer {
  /** The port that was asked for, or the one that was found for port 0. */
  readonly port: number;
  /** Finishes what it has begun, and listens no more. */
  close(): Promise<void>;
}

/** What a manager is made of. */
export interface ManagerOptions {
  readonly logger: Logger;
  readonly informers: InformerRegistry;
  /** Started once we lead, or at once without an elector. */
  readonly runnables: readonly Runnable[];
  /** Listening from before the caches are complete until the runnables have ended. */
  readonly servers?: readonly Server[];
  readonly elector?: LeaderElector;
  readonly events?: EventBroadcaster;
  /** `[host]:port`, or `0` for off. */
  readonly healthProbeBindAddress: string;
  readonly metricsBindAddress: string;
  readonly registry: Registry;
  /** Besides the runtime's own. */
  readonly liveChecks?: readonly HealthCheck[];
  readonly readyChecks?: readonly HealthCheck[];
  /** Called last: closes what everything else used. */
  readonly close: () => Promise<void>;
  readonly clock?: Clock;
  /** Measured in this process when absent. */
  readonly loopLag?: LoopLag;
  /** How long running reconciles may take to end after the stop. Default 30 s. */
  readonly drainTimeoutMs?: number;
}

/** A process in parts. */
export interface Manager {
  /**
   * Runs until `stop` aborts, and then in order to the end.
   * @throws LeadershipLostError, or what a part threw: the process must end with a non-zero code.
   */
  run(stop: AbortSignal): Promise<void>;
  /** Ports in use, for tests that ask for port 0. */
  ports(): { readonly health: number | undefined; readonly metrics: number | undefined };
}

const DEFAULT_DRAIN_TIMEOUT_MS = 30_000;
const SYNC_TIMEOUT_MS = 120_000;

/** A manager that does nothing until it runs. */
export function createManager(options: ManagerOptions): Manager {
  return new ProcessManager(options);
}

class ProcessManager implements Manager {
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  #health: HttpListener | undefined;
  #metrics: HttpListener | undefined;
  readonly #servers: RunningServer[] = [];

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  ports(): { readonly health: number | undefined; readonly metrics: number | undefined } {
    return { health: this.#health?.port, metrics: this.#metrics?.port };
  }

  async run(stop: AbortSignal): Promise<void> {
    const { informers, events, elector, logger, registry, servers = [], close } = this.#options;
    const background = new AbortController();
    const { loopLag = measureLoopLag(this.#clock, background.signal) } = this.#options;
    registerLoopLag(registry, loopLag);
    const broadcasting = events?.run(background.signal);
    try {
      await this.#listen(stop, loopLag);
      for (const server of servers) this.#servers.push(await server.listen(stop));
      informers.start(background.signal);
      await informers.waitForSync(SYNC_TIMEOUT_MS, stop);
      logger.info('caches are complete');
      if (elector === undefined) await this.#lead(stop, { epoch: 0, signal: background.signal });
      else await elector.run(stop, (leadership) => this.#lead(stop, leadership));
    } catch (error) {
      // Being told to stop while starting is no failure.
      if (!stop.aborted || error !== stop.reason) throw error;
    } finally {
      // Before the caches: what they know is what is answered.
      await Promise.all(this.#servers.map((server) => server.close()));
      background.abort();
      await Promise.all([broadcasting, informers.stopped()]);
      await Promise.all([this.#health?.close(), this.#metrics?.close()]);
      await close();
      logger.info('stopped');
    }
  }

  async #listen(stop: AbortSignal, loopLag: LoopLag): Promise<void> {
    const { healthProbeBindAddress, metricsBindAddress } = this.#options;
    this.#health = await this.#open(healthProbeBindAddress, this.#healthHandler(stop, loopLag));
    this.#metrics = await this.#open(metricsBindAddress, this.#metricsHandler());
  }

  async #open(bindAddress: string, handler: HttpHandler): Promise<HttpListener | undefined> {
    const address = parseBindAddress(bindAddress);
    return address === undefined ? undefined : listen(address, handler, this.#options.logger);
  }

  #healthHandler(stop: AbortSignal, loopLag: LoopLag): HttpHandler {
    const { informers, elector, liveChecks = [], readyChecks = [] } = this.#options;
    const stopping = { name: 'shutdown', problem: () => (stop.aborted ? 'stopping' : undefined) };
    const lease = elector === undefined ? [] : [leaseRenewed(elector)];
    return healthHandler(
      [watchesAlive(informers), loopTurns(loopLag), ...lease, ...liveChecks],
      [stopping, cachesSynced(informers), ...readyChecks],
    );
  }

  #metricsHandler(): HttpHandler {
    const { registry } = this.#options;
    return async (path) => {
      if (path !== '/metrics') return undefined;
      return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
    };
  }

  /** Runs every runnable; the first that fails takes the others with it. */
  async #lead(stop: AbortSignal, leadership: Leadership): Promise<void> {
    const halt = new AbortController();
    const abort = new AbortController();
    const onStop = (): void => {
      halt.abort(stop.reason);
      this.#clock.setTimeout(
        () => abort.abort(stop.reason),
        this.#options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS,
      );
    };
    const onLost = (): void => {
      halt.abort(leadership.signal.reason);
      abort.abort(leadership.signal.reason);
    };
    if (stop.aborted) return;
    stop.addEventListener('abort', onStop, { once: true });
    leadership.signal.addEventListener('abort', onLost, { once: true });
    const running = this.#options.runnables.map(async (runnable) => {
      try {
        await runnable.run(halt.signal, abort.signal, leadership);
      } catch (error) {
        halt.abort(error);
        abort.abort(error);
        throw error;
      }
    });
    const results = await Promise.allSettled(running);
    stop.removeEventListener('abort', onStop);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
