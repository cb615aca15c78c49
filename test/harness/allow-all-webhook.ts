/**
 * Webhooks that allow everything, with a certificate from the operator's source: what remains of admission when only its certificates
 * are of interest.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Registry } from 'prom-client';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import type { CertificateSource } from '../../webhooks/server/certificate.ts';
import { createWebhookMetrics } from '../../webhooks/server/metrics.ts';
import { WebhookServer } from '../../webhooks/server/server.ts';
import { startRelay, type Relay } from './relay.ts';

/** A running webhook on the loopback. */
export interface AllowAllWebhook {
  readonly port: number;
  /** How many requests it has answered. */
  admissions(): number;
  stop(): Promise<void>;
}

/** A webhook that makes the API server shake hands for each admission. */
export interface ShakingWebhook extends AllowAllWebhook {
  /** Certificates that handshakes have succeeded with. */
  readonly shownCertificates: ReadonlySet<string>;
  /** What went wrong with connections. */
  readonly troubles: string[];
}

/** Ends the connection after each answer. */
export async function startShakingWebhook(certificates: CertificateSource): Promise<ShakingWebhook> {
  const shownCertificates = new Set<string>();
  const troubles: string[] = [];
  let admissions = 0;
  const server = createServer({}, (request, response) => {
    admissions += 1;
    void allow(request, response);
  });
  const useCertificate = (): void => {
    const certificate = certificates.current();
    if (certificate !== undefined) server.setSecureContext(certificate);
  };
  useCertificate();
  certificates.onChange(useCertificate);
  server.on('tlsClientError', (error) => troubles.push(error.message));
  server.on('secureConnection', (socket) => {
    shownCertificates.add(certificates.current()?.cert ?? '');
    socket.on('error', (error) => troubles.push(error.message));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    shownCertificates,
    troubles,
    admissions: () => admissions,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function allow(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const review = (await json(request)) as { readonly request: { readonly uid: string } };
  const { uid } = review.request;
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  const kind = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
  response.end(JSON.stringify({ ...kind, response: { uid, allowed: true } }));
}

/** A webhook on the operator's own server, which keeps connections, behind a relay that counts them. */
export interface KeepingWebhook extends AllowAllWebhook {
  readonly connections: Relay['seen'];
}

/** @see KeepingWebhook */
export async function startKeepingWebhook(certificates: CertificateSource): Promise<KeepingWebhook> {
  const stopping = new AbortController();
  let admissions = 0;
  const handle = (): Promise<object> => {
    admissions += 1;
    return Promise.resolve({});
  };
  const server = new WebhookServer({
    bindAddress: '127.0.0.1:0',
    webhooks: [{ path: '/', resource: 'mcpservers', handle }],
    certificates,
    metrics: createWebhookMetrics(new Registry(), ['/']),
    logger: silentLogger,
    clock: systemClock,
  });
  const running = await server.listen(stopping.signal);
  const relay = await startRelay(running.port);
  return {
    port: relay.port,
    connections: relay.seen,
    admissions: () => admissions,
    stop: async () => {
      stopping.abort();
      await Promise.all([relay.stop(), running.close()]);
    },
  };
}
