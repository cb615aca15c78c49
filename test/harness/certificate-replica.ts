/**
 * What a replica of the operator does about its webhook certificate, and nothing else of an operator: its own connection, caches, health
 * endpoint and part in the leader election.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Registry } from 'prom-client';
import { request } from 'undici';
import { systemClock, type Clock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  connect,
  createController,
  createInformers,
  createLeaderElector,
  createManager,
  loadClusterAccess,
  type ApiServer,
  type LeaderElector,
  type Runnable,
} from '../../operator/runtime/index.ts';
import {
  createWebhookCertificates,
  type Lifetimes,
  type WebhookCertificateSettings,
} from '../../webhooks/certificates/index.ts';
import type { CertificateSource } from '../../webhooks/server/certificate.ts';
import { waitFor } from './wait.ts';

export interface CertificateReplicaOptions {
  readonly kubeconfigPath: string;
  readonly settings: WebhookCertificateSettings;
  readonly lifetimes?: Lifetimes;
  /** Of the issuer; the elector always has the machine's. */
  readonly clock?: Clock;
  /** `everybody` is a split brain: no election at all. Default `elected`. */
  readonly leads?: 'elected' | 'everybody' | 'never';
}

/** A running replica. */
export interface CertificateReplica {
  readonly source: CertificateSource;
  readonly registry: Registry;
  isLeading(): boolean;
  /** How many server-side applies it has sent: it applies nothing but bundles. */
  applies(): number;
  /** Status code of its `/readyz`. */
  readyCode(): Promise<number>;
  /** In order, as after SIGTERM: the lease is given back. */
  stop(): Promise<void>;
}

/** Who leads ends when what it runs does. */
const IDLE: Runnable = {
  run: async (stop) => {
    if (!stop.aborted) await once(stop, 'abort');
  },
};

/** Starts a replica; does not wait until it is ready. */
export async function startCertificateReplica(
  options: CertificateReplicaOptions,
): Promise<CertificateReplica> {
  const { kubeconfigPath, settings, lifetimes, clock = systemClock, leads = 'elected' } = options;
  let applies = 0;
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), {
    program: 'certificates-test/0',
    observe: (_code, method) => {
      if (method === 'PATCH') applies += 1;
    },
  });
  const informers = createInformers({ client: api.client('informers'), logger: silentLogger });
  const registry = new Registry();
  const { source, issuer } = createWebhookCertificates({
    client: api.client('certificates'),
    informers,
    metrics: registry,
    clock,
    logger: silentLogger,
    settings,
    ...(lifetimes !== undefined && { lifetimes }),
  });
  const elector = leads === 'elected' ? electorOf(api, settings.namespace) : undefined;
  const manager = createManager({
    logger: silentLogger,
    informers,
    runnables: [
      issuer === undefined || leads === 'never'
        ? IDLE
        : createController({ ...issuer, logger: silentLogger, clock }),
    ],
    ...(elector !== undefined && { elector }),
    healthProbeBindAddress: '127.0.0.1:0',
    metricsBindAddress: '0',
    registry,
    readyChecks: [{ name: 'webhook-certificate', problem: () => (source.current() ? undefined : 'none') }],
    close: () => api.close(),
  });
  const controller = new AbortController();
  const running = manager.run(controller.signal);
  await waitFor(() => manager.ports().health !== undefined, { description: 'the health endpoint' });
  return {
    source,
    registry,
    isLeading: () => elector?.isLeading() ?? leads === 'everybody',
    applies: () => applies,
    readyCode: async () => {
      const { statusCode, body } = await request(`http://127.0.0.1:${manager.ports().health ?? 0}/readyz`);
      await body.dump();
      return statusCode;
    },
    stop: async () => {
      controller.abort(new Error('the test is over'));
      await running;
    },
  };
}

function electorOf(api: ApiServer, namespace: string): LeaderElector {
  return createLeaderElector({
    client: api.leaseClient('leader-election', 1_000),
    lease: { namespace, name: 'certificates' },
    identity: randomUUID(),
    logger: silentLogger,
    leaseDurationMs: 3_000,
    renewDeadlineMs: 2_000,
    retryPeriodMs: 300,
  });
}
