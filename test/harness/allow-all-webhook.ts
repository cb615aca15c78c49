/**
 * A webhook server that allows everything, with a certificate from the operator's source: what remains of admission when only its
 * certificates are of interest.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import type { CertificateSource } from '../../webhooks/server/certificate.ts';

/** A running server on the loopback. */
export interface AllowAllWebhook {
  readonly port: number;
  readonly seen: WebhookTraffic;
  stop(): Promise<void>;
}

/** What has come to the server so far. */
export interface WebhookTraffic {
  admissions: number;
  /** Handshakes that succeeded, by the certificate that they were made with. */
  readonly handshakes: Map<string, number>;
  /** Connections that have ended, in peace or not. */
  closed: number;
  /** What went wrong with a connection, on either side. */
  readonly troubles: string[];
}

/** @param keepAlive whether a client may use a connection again; without, every admission is a handshake. */
export async function startAllowAllWebhook(
  certificates: CertificateSource,
  keepAlive: boolean,
): Promise<AllowAllWebhook> {
  const seen: WebhookTraffic = { admissions: 0, handshakes: new Map(), closed: 0, troubles: [] };
  const server = createServer({}, (request, response) => void allow(request, response, keepAlive, seen));
  server.keepAliveTimeout = 60_000;
  const useCertificate = (): void => {
    const certificate = certificates.current();
    if (certificate !== undefined) server.setSecureContext(certificate);
  };
  useCertificate();
  certificates.onChange(useCertificate);
  server.on('tlsClientError', (error) => seen.troubles.push(`handshake: ${error.message}`));
  server.on('secureConnection', (socket: TLSSocket) => {
    const certificate = certificates.current()?.cert ?? '';
    seen.handshakes.set(certificate, (seen.handshakes.get(certificate) ?? 0) + 1);
    socket.on('close', () => {
      seen.closed += 1;
    });
    socket.on('error', (error) => seen.troubles.push(`connection: ${error.message}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function allow(
  request: IncomingMessage,
  response: ServerResponse,
  keepAlive: boolean,
  seen: WebhookTraffic,
): Promise<void> {
  const review = (await json(request)) as { readonly request: { readonly uid: string } };
  const { uid } = review.request;
  seen.admissions += 1;
  response.writeHead(200, { 'content-type': 'application/json', ...(!keepAlive && { connection: 'close' }) });
  response.end(
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid, allowed: true },
    }),
  );
}
