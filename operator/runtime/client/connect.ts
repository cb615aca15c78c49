/**
 * The entrance: from cluster access to clients. All clients share connections; each carries its own User-Agent.
 */
import { systemClock, type Clock } from '../../../core/clock.ts';
import { systemRandom, type Random } from '../../../core/random.ts';
import { createApiClient } from './api-client.ts';
import type { KubernetesClient } from './client.ts';
import { createCredentialSource } from './credentials.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { createConnectionPools, type Purpose } from './pools.ts';
import { createTransport, type RequestObserver, type Transport } from './transport.ts';

/** One API server. */
export interface ApiServer {
  /** A client that calls itself `component` in its User-Agent. */
  client(component: string): KubernetesClient;
  /** The client of the leader election: an own connection, and calls bounded by `deadlineMs`. */
  leaseClient(component: string, deadlineMs: number): KubernetesClient;
  /** What the server serves, asked as `component`. */
  discovery(component: string): Discovery;
  /** Waits for running requests, then closes every connection. */
  close(): Promise<void>;
}

/** What to call ourselves, and whom to tell. */
export interface ConnectOptions {
  /** `<program>/<version>`. */
  readonly program: string;
  readonly observe?: RequestObserver;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Opens nothing yet: connections are made when the first request needs one. */
export function connect(access: ClusterAccess, options: ConnectOptions): ApiServer {
  const clock = options.clock ?? systemClock;
  const pools = createConnectionPools(access, createCredentialSource(access, clock));
  const { pathname } = new URL(access.server);
  const transportFor = (purpose: Purpose): Transport =>
    createTransport({
      pools,
      purpose,
      pathPrefix: pathname === '/' ? '' : pathname,
      clock,
      random: options.random ?? systemRandom,
      observe: options.observe ?? (() => undefined),
    });
  const requests = transportFor('requests');
  const lease = transportFor('lease');
  const userAgent = (component: string): string => `${options.program} (${component})`;
  return {
    client: (component) => createApiClient({ transport: requests, clock, userAgent: userAgent(component) }),
    leaseClient: (component, deadlineMs) =>
      createApiClient({ transport: lease, clock, userAgent: userAgent(component), deadlineMs }),
    discovery: (component) => createDiscovery(requests, userAgent(component)),
    close: () => pools.close(),
  };
}
