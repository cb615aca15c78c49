/**
 * The HTTPS server of all webhooks, on every replica. It listens from the start, answers as soon as it has a certificate, takes another one
 * over without dropping a connection, and goes on answering while everything else stops.
 */
import { createServer, type Server as HttpsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import {
  parseBindAddress,
  type HealthCheck,
  type RunningServer,
  type Server,
} from '../../operator/runtime/index.ts';
import type { CertificateSource } from './certificate.ts';
import { Intake, SenderGoneError, type IntakeLimits } from './intake.ts';
import type { WebhookMetrics } from './metrics.ts';
import { respond, type Reply, type ServedWebhook } from './respond.ts';

export interface WebhookServerOptions {
  /** `[host]:port`. */
  readonly bindAddress: string;
  readonly webhooks: readonly ServedWebhook[];
  readonly certificates: CertificateSource;
  /** PEM of the authorities that sign the client certificate of the API server; without it no certificate is asked for. */
  readonly clientCA?: string | undefined;
  readonly metrics: WebhookMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly limits?: Partial<WebhookServerLimits>;
}

/** Whatever could otherwise go on for ever. */
export interface WebhookServerLimits extends IntakeLimits {
  readonly maxConnections: number;
  /** From the first byte of a request to the last. */
  readonly requestTimeoutMs: number;
  /** How long running requests may take to end when the server closes. */
  readonly drainTimeoutMs: number;
}

const DEFAULT_LIMITS: WebhookServerLimits = {
  maxRequests: 256,
  maxTotalBytes: 64 * 1024 * 1024,
  maxConnections: 1_024,
  requestTimeoutMs: 10_000,
  drainTimeoutMs: 5_000,
};
const MAX_HEADER_BYTES = 8 * 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/**
 * Longer than the 90 s after which the API server itself lets go of a connection: a POST that meets a closing connection is not sent again,
 * but fails.
 */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;

/** A server that does not listen yet. */
export class WebhookServer implements Server {
  readonly #options: WebhookServerOptions;
  readonly #limits: WebhookServerLimits;
  readonly #intake: Intake;
  #hasCertificate = false;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#intake = new Intake(this.#limits);
  }

  /** Not ready without a certificate: no handshake can succeed. */
  readonly readyCheck: HealthCheck = {
    name: 'webhook-certificate',
    problem: () => (this.#hasCertificate ? undefined : 'there is no certificate yet'),
  };

  async listen(stop: AbortSignal): Promise<RunningServer> {
    const { bindAddress, certificates, clientCA } = this.#options;
    const { requestTimeoutMs, maxConnections } = this.#limits;
    const server = createServer(
      {
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        connectionsCheckingInterval: requestTimeoutMs / 4,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
        requestCert: clientCA !== undefined,
        rejectUnauthorized: clientCA !== undefined,
      },
      (request, response) => void this.#serve(request, response, stop),
    );
    server.maxConnections = maxConnections;
    this.#useCertificate(server);
    certificates.onChange(() => this.#useCertificate(server));
    const { host, port = 0 } = parseBindAddress(bindAddress) ?? {};
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return { port: portOf(server), close: () => this.#close(server) };
  }

  /** Connections that are open go on with the certificate they began with. */
  #useCertificate(server: HttpsServer): void {
    const { certificates, clientCA: ca, logger } = this.#options;
    const certificate = certificates.current();
    if (certificate === undefined) return;
    try {
      server.setSecureContext({ ...certificate, ca, minVersion: 'TLSv1.2' });
      this.#hasCertificate = true;
    } catch (error) {
      logger.error('a certificate of the webhooks cannot be used; the one before stays', { error });
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse, stop: AbortSignal): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0];
    const webhook = this.#options.webhooks.find((webhook) => webhook.path === path);
    if (webhook === undefined) {
      response.writeHead(404, { connection: 'close' }).end();
      return;
    }
    const reply = await this.#measured(webhook, request, response);
    if (reply === undefined) return;
    const { code, headers, body } = reply;
    // The rest of a body that was refused is not worth reading, and a client that we are leaving should find another replica.
    const last = stop.aborted || !request.complete;
    // With its length the answer is one piece, which chunks would not be.
    const length = Buffer.byteLength(body);
    response
      .writeHead(code, { ...headers, 'content-length': length, ...(last && { connection: 'close' }) })
      .end(body);
  }

  async #measured(
    webhook: ServedWebhook,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Reply | undefined> {
    const { metrics, clock, logger } = this.#options;
    const { method = '', headers } = request;
    const startedMs = clock.monotonicMs();
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableEnded) gone.abort(new SenderGoneError('the sender is gone'));
    });
    metrics.started(webhook.path);
    const question = { method, headers, body: request };
    const reply = await respond(webhook, question, this.#intake, logger, gone.signal);
    metrics.ended(webhook.path, reply?.code, clock.monotonicMs() - startedMs);
    return reply;
  }

  /** Lets running requests end. Idle connections are closed at once. */
  async #close(server: HttpsServer): Promise<void> {
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(() => {
        server.closeAllConnections();
        resolve();
      }, this.#limits.drainTimeoutMs);
      server.close(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

function portOf(server: HttpsServer): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
