/**
 * HTTP with one server, as far as MCP needs it: redirects are followed inside the origin or not at all, credentials go nowhere
 * else, every status and media type that is not an answer becomes a failure with a name. Bodies are left to the reader.
 */
import type { Dispatcher } from 'undici';
import type { Connection } from './connection.ts';
import { failure, ProbeStop } from './failure.ts';

const MAX_REDIRECTS = 3;

export type RawResponse = Dispatcher.ResponseData;
export type RawBody = RawResponse['body'];

export interface SendOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Sends requests to the one server that `connection` leads to. */
export class Wire {
  private readonly connection: Connection;
  private readonly headers: Readonly<Record<string, string>>;

  /** @param headers sent with each request. */
  constructor(connection: Connection, headers: Readonly<Record<string, string>>) {
    this.connection = connection;
    this.headers = headers;
  }

  /**
   * Sends one request, and again where a redirect inside the origin keeps it.
   * @throws ProbeStop when the answer leads elsewhere or asks for credentials, and the errors of the connection.
   */
  async send(url: URL, options: SendOptions): Promise<RawResponse> {
    let current = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.request(current, options);
      requireAuthorized(response);
      if (!isRedirect(response.statusCode)) return response;
      discard(response.body);
      current = redirectTarget(current, options.method, response);
    }
    throw failure('TooManyRedirects', `the server redirects more than ${MAX_REDIRECTS} times`);
  }

  /** Opens a stream of server-sent events. */
  async openStream(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<RawBody> {
    const accept = 'text/event-stream';
    const response = await this.send(url, { method: 'GET', headers: { ...headers, accept }, signal });
    requireOk(response);
    requireContentType(response, [accept]);
    return response.body;
  }

  private request(url: URL, options: SendOptions): Promise<RawResponse> {
    const { origin, dispatcher } = this.connection;
    // Wherever a URL came from, a redirect or an event: credentials and the judgement of the address are for this origin only.
    if (url.origin !== origin) {
      throw failure('RedirectRefused', 'the server points to another scheme, host or port: use that URL');
    }
    return dispatcher.request({
      origin,
      path: `${url.pathname}${url.search}`,
      method: options.method,
      headers: { ...this.headers, ...options.headers, 'accept-encoding': 'identity' },
      signal: options.signal,
      ...(options.body === undefined ? {} : { body: options.body }),
    });
  }
}

/** @throws ProbeStop HTTPError. */
export function requireOk(response: RawResponse): void {
  if (response.statusCode < 400) return;
  discard(response.body);
  throw failure('HTTPError', `the server answers with HTTP ${response.statusCode}`);
}

/**
 * @returns the media type of an answer.
 * @throws ProbeStop when it is none of `expected`, or compressed: decompressing a stranger's bytes is how bombs go off.
 */
export function requireContentType(response: RawResponse, expected: readonly string[]): string {
  if (isCompressed(response)) {
    discard(response.body);
    throw failure('UnsupportedEncoding', 'the answer is compressed although the probe asked for none');
  }
  const header = response.headers['content-type'];
  const [essence = ''] = typeof header === 'string' ? header.split(';') : [];
  const type = essence.trim().toLowerCase();
  if (expected.includes(type)) return type;
  discard(response.body);
  throw failure('WrongContentType', `the answer is not ${expected.join(' or ')}`);
}

export function isCompressed(response: RawResponse): boolean {
  const encoding = response.headers['content-encoding'];
  return encoding !== undefined && encoding !== 'identity';
}

/** Drops a body unread. Its error tells nothing: nobody wanted the rest. */
export function discard(body: RawBody): void {
  body.on('error', () => undefined).destroy();
}

function requireAuthorized(response: RawResponse): void {
  const { statusCode: status, headers } = response;
  if (status !== 401 && status !== 403) return;
  discard(response.body);
  const challenge = headers['www-authenticate'] !== undefined;
  throw new ProbeStop({ kind: 'authRequired', status, challenge });
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function redirectTarget(from: URL, method: string, response: RawResponse): URL {
  const { location } = response.headers;
  const keepsRequest = method === 'GET' || response.statusCode === 307 || response.statusCode === 308;
  if (!keepsRequest || typeof location !== 'string' || !URL.canParse(location, from.href)) {
    throw failure('RedirectRefused', 'the server answers with a redirect that does not keep the request');
  }
  return new URL(location, from);
}
