/**
 * A TLS proxy between a client and the real API server, which does to the traffic what networks and API servers do on bad days,
 * and remembers every request.
 *
 * @example
 * const proxy = await startFaultProxy({ upstreamKubeconfig, directory });
 * const fault = proxy.inject({ verb: 'create', resource: 'services' }, fail(429, { retryAfterSeconds: 1 }), 3);
 * ... // run a client with proxy.kubeconfigPath, then: fault.hits === 3, proxy.log.writes() ...
 * await proxy.stop();
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { renderKubeconfig, writePrivate } from '../../../hack/cluster/kubeconfig.ts';
import { exchange, type ExchangeContext } from './exchange.ts';
import { FaultPlan, type Injected } from './fault-plan.ts';
import type { FrameFault, RequestFault } from './faults.ts';
import { FrozenViews, type FrozenView } from './frozen-view.ts';
import { Listener } from './listener.ts';
import { RequestLog } from './request-log.ts';
import { matches, type RequestMatch } from './request.ts';
import { connectUpstream } from './upstream.ts';
import type { CutMode } from './watch-stream.ts';

/** Where the proxy stands. */
export interface FaultProxyOptions {
  /** The real API server, and the identity of whoever talks through the proxy. */
  readonly upstreamKubeconfig: string;
  /** An existing folder for the kubeconfig (and the log). */
  readonly directory: string;
  /** Also append every request to `requests.jsonl` in the folder. */
  readonly writeLog?: boolean;
}

/** A running proxy. */
export interface FaultProxy {
  /** Points clients at the proxy. */
  readonly kubeconfigPath: string;
  readonly log: RequestLog;
  /** Connections that clients have open. */
  readonly connections: number;
  /** Puts a fault in force for the next `times` requests or frames that match; without end by default. */
  inject(match: RequestMatch, fault: RequestFault | FrameFault, times?: number): Injected;
  /** Ends every fault and every latency. */
  heal(): void;
  /** Delays each request by this long. */
  setLatency(latencyMs: number): void;
  /** Shows lists as they were at `resourceVersion`, and holds watches back. */
  freezeView(match: RequestMatch, resourceVersion: string): FrozenView;
  /** Ends open watches; returns how many. */
  cutWatches(match?: RequestMatch, mode?: CutMode): number;
  /** Resets every connection and refuses new ones, as an API server that is down. */
  refuseConnections(): Promise<void>;
  acceptConnections(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a proxy without faults on a free port of the loopback. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const directory = await mkdtemp(join(options.directory, 'fault-proxy-'));
  const context: ExchangeContext = {
    upstream: await connectUpstream(options.upstreamKubeconfig),
    faults: new FaultPlan(),
    frozen: new FrozenViews(),
    log: new RequestLog(
      systemClock,
      options.writeLog === true ? join(directory, 'requests.jsonl') : undefined,
    ),
    clock: systemClock,
    watches: new Set(),
    latencyMs: 0,
  };
  const listener = await Listener.start(systemClock, (incoming, response) => {
    void exchange(context, incoming, response);
  });
  return proxyOf(context, listener, await writeKubeconfig(directory, listener));
}

function proxyOf(context: ExchangeContext, listener: Listener, kubeconfigPath: string): FaultProxy {
  const { faults, frozen, log, watches, upstream } = context;
  return {
    kubeconfigPath,
    log,
    get connections() {
      return listener.connections;
    },
    inject: (match, fault, times = Number.POSITIVE_INFINITY) => faults.inject(match, fault, times),
    heal: () => {
      faults.clear();
      context.latencyMs = 0;
    },
    setLatency: (latencyMs) => (context.latencyMs = latencyMs),
    freezeView: (match, resourceVersion) => frozen.freeze(match, resourceVersion),
    cutWatches: (match = {}, mode = 'reset') => {
      const chosen = [...watches].filter(({ request }) => matches(match, request));
      for (const watch of chosen) watch.cut(mode);
      return chosen.length;
    },
    refuseConnections: () => listener.refuse(),
    acceptConnections: () => listener.accept(),
    stop: async () => {
      await listener.refuse();
      upstream.close();
      await log.close();
    },
  };
}

async function writeKubeconfig(directory: string, listener: Listener): Promise<string> {
  const path = join(directory, 'kubeconfig');
  const { url: server, authority, client: credentials } = listener;
  await writePrivate(path, renderKubeconfig({ server, authority, user: 'fault-proxy', credentials }));
  return path;
}
