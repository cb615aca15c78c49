/**
 * Connections to the API server. Ordinary requests share a bounded pool; watches, which hold a connection each, have their own;
 * the lease has one to itself, so that neither a burst nor a hung watch can cost the leadership. A pool is replaced only when
 * certificate bytes change: the old one finishes what it has begun.
 */
import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import { ConfigError } from '../../../core/errors.ts';
import type { CredentialSource, Credentials } from './credentials.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** What a connection is for. */
export type Purpose = 'requests' | 'watches' | 'lease';

/** How many connections a purpose may open: 16 write as fast as 32 and weigh less (64 are slower), watches are as many as informers. */
const CONNECTIONS: Readonly<Record<Purpose, number | null>> = { requests: 16, watches: null, lease: 1 };
const KEEP_ALIVE_MS = 60_000;
const TCP_KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** A dispatcher ready for use, and the header to send with it. */
export interface Connection {
  readonly dispatcher: Dispatcher;
  readonly authorization: string | undefined;
}

/** Hands out connections with current credentials. */
export interface ConnectionPools {
  connect(purpose: Purpose): Promise<Connection>;
  /** The credentials were refused. */
  invalidateCredentials(): void;
  /** Waits for running requests, then closes every connection. */
  close(): Promise<void>;
}

interface PooledDispatcher {
  readonly dispatcher: Dispatcher;
  readonly fingerprint: string;
}

/** Pools for one API server. */
export function createConnectionPools(access: ClusterAccess, source: CredentialSource): ConnectionPools {
  const pools = new Map<Purpose, PooledDispatcher>();
  const retired = new Set<Promise<void>>();

  const retire = (dispatcher: Dispatcher): void => {
    // A pool that fails to close was broken already; its connections are gone either way.
    const closing = dispatcher.close().catch(() => undefined);
    retired.add(closing);
    void closing.then(() => retired.delete(closing));
  };
  const dispatcherFor = (purpose: Purpose, credentials: Credentials): Dispatcher => {
    const existing = pools.get(purpose);
    if (existing?.fingerprint === credentials.fingerprint) return existing.dispatcher;
    if (existing !== undefined) retire(existing.dispatcher);
    const dispatcher = createDispatcher(access, credentials, CONNECTIONS[purpose]);
    pools.set(purpose, { dispatcher, fingerprint: credentials.fingerprint });
    return dispatcher;
  };
  return {
    connect: async (purpose) => {
      const credentials = await source.current();
      return {
        dispatcher: dispatcherFor(purpose, credentials),
        authorization: credentials.authorization?.reveal(),
      };
    },
    invalidateCredentials: () => source.invalidate(),
    close: async () => {
      for (const { dispatcher } of pools.values()) retire(dispatcher);
      pools.clear();
      await Promise.all(retired);
    },
  };
}

/** HTTP/1.1 on purpose: undici would offer HTTP/2, whose long-lived watches other projects saw leak memory. */
function createDispatcher(
  access: ClusterAccess,
  credentials: Credentials,
  connections: number | null,
): Dispatcher {
  const shared = {
    connections,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Every call has its own deadline, and a watch may be quiet for long.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const tls = tlsOptions(access, credentials);
  const connect = {
    ...tls,
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  };
  const { origin } = new URL(access.server);
  if (access.proxyUrl === undefined) return new Pool(origin, { ...shared, connect });
  if (!/^https?:/.test(access.proxyUrl)) {
    throw new ConfigError(`proxy-url ${access.proxyUrl} is not supported: use an http:// or https:// proxy`);
  }
  return new ProxyAgent({ ...shared, uri: access.proxyUrl, requestTls: tls });
}

function tlsOptions(access: ClusterAccess, credentials: Credentials): Record<string, string | boolean> {
  return {
    rejectUnauthorized: !access.skipTLSVerify,
    ...(credentials.ca !== undefined && { ca: credentials.ca }),
    ...(credentials.certificate !== undefined && { cert: credentials.certificate }),
    ...(credentials.key !== undefined && { key: credentials.key.reveal() }),
    ...(access.tlsServerName !== undefined && { servername: access.tlsServerName }),
  };
}
