/**
 * The way from the proxy to the real API server: address, trust and identity come from a kubeconfig, so that whoever talks through
 * the proxy acts as that user.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { readAccess } from '../../harness/access.ts';

/** What is passed on. */
export interface UpstreamRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The real API server. */
export interface Upstream {
  /** Resolves with the answer's head; its body is read from the message. Rejects when there is no answer. */
  send(request: UpstreamRequest, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

/** Headers that belong to one connection, not to the request (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host', 'content-length'];

/** Reads the first cluster and user of a kubeconfig and prepares connections to it. */
export async function connectUpstream(kubeconfigPath: string): Promise<Upstream> {
  const { server, token, ...tls } = await readAccess(kubeconfigPath);
  const agent = new Agent({ keepAlive: true, ...tls });
  const identity = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    send: ({ method, url, headers, body }, signal) =>
      new Promise((resolve, reject) => {
        const outgoing = httpsRequest(
          new URL(url, server),
          { method, agent, signal, headers: { ...endToEnd(headers), ...identity, ...lengthOf(body) } },
          resolve,
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Without compression, so that frames can be read; without the client's own credentials. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const dropped = new Set([...HOP_BY_HOP, 'accept-encoding', 'authorization']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

function lengthOf(body: Buffer): { 'content-length'?: number } {
  return body.length === 0 ? {} : { 'content-length': body.length };
}
