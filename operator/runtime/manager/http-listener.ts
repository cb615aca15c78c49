/**
 * A small HTTP server for probes and metrics: GET only, bounded in time and headers, closed with the signal.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorMessage } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type { BindAddress } from './bind-address.ts';

/** An answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a path; undefined is 404. */
export type HttpHandler = (path: string) => Promise<HttpAnswer | undefined>;

/** A server that listens. */
export interface HttpListener {
  /** The port that was asked for, or the one that was found for port 0. */
  readonly port: number;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 8 * 1024;
const NOT_FOUND: HttpAnswer = { status: 404, contentType: 'text/plain', body: 'not found\n' };

/** Listens; rejects when the address is in use. */
export async function listen(
  address: BindAddress,
  handler: HttpHandler,
  logger: Logger,
): Promise<HttpListener> {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void respond(request, response, handler, logger),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return { port: portOf(server), close: () => close(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  handler: HttpHandler,
  logger: Logger,
): Promise<void> {
  const answer = await answerTo(request, handler, logger);
  response.writeHead(answer.status, { 'content-type': answer.contentType });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

async function answerTo(request: IncomingMessage, handler: HttpHandler, logger: Logger): Promise<HttpAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { ...NOT_FOUND, status: 405 };
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  try {
    return (await handler(path)) ?? NOT_FOUND;
  } catch (error) {
    logger.error('a request could not be answered', { path, error: errorMessage(error) });
    return { status: 500, contentType: 'text/plain', body: 'internal error\n' };
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
