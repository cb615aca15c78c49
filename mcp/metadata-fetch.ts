/**
 * Reading the metadata of an authorization server: one GET to a host that is not the probed server's. An address from a document that a
 * stranger wrote is how a scanner is made to ask the metadata service of a cloud, so this goes through the same address policy, one
 * deadline and one size, follows no redirect, and sends nothing that the probed server's owner gave us.
 */
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { systemClock } from '../core/clock.ts';
import { bareHost, openConnection } from './connection.ts';
import type { Exchange, ExchangeResponse } from './exchange.ts';
import { failedOutcome, failure } from './failure.ts';
import { isRecord } from './message.ts';
import { parseTarget } from './target.ts';
import type { ProbeOptions } from './types.ts';

/** Metadata documents have a few KiB; what is larger is not read to its end. */
const DEFAULT_MAX_BYTES = 256 * 1024;
const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity' } as const;

/** The bounds of one document, and whom to believe. */
export interface MetadataOptions extends Pick<
  ProbeOptions,
  'timeoutMs' | 'maxBytes' | 'connectTimeoutMs' | 'addressPolicy' | 'resolve' | 'clock'
> {
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  /** For tests: plain HTTP to a literal loopback address. */
  readonly allowLoopbackHttp?: boolean;
}

/**
 * Reads one document. Whatever the host does is in the exchange; a redirect is an answer like any other.
 * @returns the exchange, for its owner to number.
 * @throws the reason of `signal` when the caller aborts.
 */
export async function fetchMetadata(
  url: URL,
  options: MetadataOptions,
  signal: AbortSignal,
): Promise<Omit<Exchange, 'id'>> {
  signal.throwIfAborted();
  const clock = options.clock ?? systemClock;
  const [startedAt, startedMs] = [clock.now().toISOString(), clock.monotonicMs()];
  const deadline = new AbortController();
  const late = failure('Timeout', 'the authorization server did not finish its answer in time');
  const timer = clock.setTimeout(() => deadline.abort(late), options.timeoutMs);
  const request = { method: 'GET', url: url.href, headers: HEADERS };
  try {
    const outcome = await attempt(url, options, AbortSignal.any([deadline.signal, signal]));
    signal.throwIfAborted();
    return { request, ...outcome, startedAt, durationMs: Math.round(clock.monotonicMs() - startedMs) };
  } finally {
    timer.cancel();
  }
}

type Outcome = Pick<Exchange, 'response' | 'failure'>;

async function attempt(url: URL, options: MetadataOptions, signal: AbortSignal): Promise<Outcome> {
  try {
    requireHttps(url, options);
    return { response: await get(url, options, signal) };
  } catch (error) {
    const { reason, message } = failedOutcome(signal.aborted ? signal.reason : error);
    return { failure: { reason, message } };
  }
}

function requireHttps(url: URL, { allowLoopbackHttp = false }: MetadataOptions): void {
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:' && allowLoopbackHttp && isLoopback(bareHost(url))) return;
  throw failure('InvalidTarget', 'metadata is read over https only');
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

async function get(url: URL, options: MetadataOptions, signal: AbortSignal): Promise<ExchangeResponse> {
  const { ca } = options;
  const target = { url: url.href, transport: 'StreamableHTTP', ...(ca === undefined ? {} : { ca }) } as const;
  const connection = await openConnection(parseTarget(target), target, options, signal);
  try {
    const response = await connection.dispatcher.request({
      origin: connection.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: HEADERS,
      signal,
    });
    return await read(response, options.maxBytes ?? DEFAULT_MAX_BYTES);
  } finally {
    await connection.close();
  }
}

async function read(response: Dispatcher.ResponseData, maxBytes: number): Promise<ExchangeResponse> {
  const { text: body, truncated } = await readUpTo(response.body, maxBytes);
  return {
    status: response.statusCode,
    headers: plainHeaders(response.headers),
    body,
    truncated,
    messages: truncated ? [] : objectsIn(body),
  };
}

async function readUpTo(
  body: Dispatcher.ResponseData['body'],
  maxBytes: number,
): Promise<{ readonly text: string; readonly truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    // Leaving the loop destroys the body.
    if (size > maxBytes) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, maxBytes));
  return { text, truncated: size > maxBytes };
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function objectsIn(body: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? [value] : [];
  } catch {
    // What is no JSON holds no objects: that is for the reader to judge.
    return [];
  }
}
