/**
 * Raw exchanges over the same guarded connection as a probe's: the name resolved once and pinned, every address judged, TLS verified. The
 * server may send whatever it likes, for as long as the deadline of one call, and as much as the limits: nothing is followed, decoded or
 * believed here.
 */
import { systemClock, type Clock } from '../core/clock.ts';
import { abortable } from './abortable.ts';
import { openConnection, type Connection } from './connection.ts';
import { isEventStream, readBody, type ReadBody } from './exchange-body.ts';
import { ExchangeBudget } from './exchange-budget.ts';
import { createScrubber, REDACTED, redactHeaders, redactUrl } from './exchange-redaction.ts';
import type { Exchange, ExchangeRequest, ExchangeResponse, Exchanger } from './exchange.ts';
import { failure, networkFailure, ProbeStop } from './failure.ts';
import { outgoingMessage } from './message.ts';
import { parseTarget } from './target.ts';
import type { ProbeOptions, ProbeTarget } from './types.ts';
import type { RawResponse } from './wire.ts';

const CALL_TIMEOUT_MS = 5_000;
const MAX_BODY_BYTES = 1024 * 1024;
/** A stream that answers no request usually stays silent for ever. */
const UNASKED_STREAM_MS = 1_000;
/** RFC 6750, section 2.3. */
const QUERY_TOKEN = 'access_token';

type HeaderRecord = Readonly<Record<string, string>>;

export interface ExchangerOptions extends Pick<ProbeOptions, 'addressPolicy' | 'resolve' | 'dispatcher'> {
  /** Shared by every exchanger of one conversation. */
  readonly budget?: ExchangeBudget;
  /** Of one exchange, from name resolution to the last byte. Default 5,000. */
  readonly callTimeoutMs?: number;
  /** Of one answer. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  readonly clock?: Clock;
}

/**
 * Nothing is resolved or connected before the first request.
 * @throws ProbeStop InvalidTarget when the URL, a header or the CA cannot be used.
 */
export function createExchanger(target: ProbeTarget, options: ExchangerOptions = {}): Exchanger {
  return new GuardedExchanger(parseTarget(target), target, options);
}

/** A request in the form in which it goes onto the wire. */
interface Prepared {
  readonly url: URL;
  readonly method: ExchangeRequest['method'];
  readonly headers: HeaderRecord;
  readonly body: string | undefined;
}

class GuardedExchanger implements Exchanger {
  readonly url: URL;
  private readonly target: ProbeTarget;
  private readonly options: ExchangerOptions;
  private readonly budget: ExchangeBudget;
  private readonly clock: Clock;
  private readonly credentials: HeaderRecord;
  private readonly scrub: (text: string) => string;
  private connection: Promise<Connection> | undefined;

  constructor(url: URL, target: ProbeTarget, options: ExchangerOptions) {
    this.url = url;
    this.target = target;
    this.options = options;
    this.budget = options.budget ?? new ExchangeBudget();
    this.clock = options.clock ?? systemClock;
    this.credentials = lowerCase(target.headers ?? {});
    this.scrub = createScrubber(this.credentials);
  }

  async send(request: ExchangeRequest, signal: AbortSignal): Promise<Exchange> {
    signal.throwIfAborted();
    const id = this.budget.takeRequest();
    const startedAt = this.clock.now().toISOString();
    const begin = this.clock.monotonicMs();
    const outcome = await this.attempt(request, signal);
    const durationMs = Math.round(this.clock.monotonicMs() - begin);
    return { id, request: this.record(request), ...outcome, startedAt, durationMs };
  }

  async close(): Promise<void> {
    const [opened] = await Promise.allSettled([this.connection]);
    if (opened.status === 'fulfilled') await opened.value?.close();
  }

  private async attempt(
    request: ExchangeRequest,
    signal: AbortSignal,
  ): Promise<Pick<Exchange, 'response' | 'failure'>> {
    const deadline = new AbortController();
    const expire = (): void => deadline.abort(failure('Timeout', 'the server did not answer in time'));
    const timer = this.clock.setTimeout(expire, this.options.callTimeoutMs ?? CALL_TIMEOUT_MS);
    try {
      const ends = AbortSignal.any([signal, deadline.signal]);
      return { response: await this.exchange(this.prepare(request), ends, expire) };
    } catch (error) {
      signal.throwIfAborted();
      return { failure: failureOf(deadline.signal.aborted ? deadline.signal.reason : error) };
    } finally {
      timer.cancel();
    }
  }

  private async exchange(
    prepared: Prepared,
    signal: AbortSignal,
    expire: () => void,
  ): Promise<ExchangeResponse> {
    const { url, method, headers, body } = prepared;
    const { origin, dispatcher } = await abortable(this.connect(url), signal);
    const path = `${url.pathname}${url.search}`;
    const response = await dispatcher.request({
      origin,
      path,
      method,
      headers,
      signal,
      ...(body !== undefined && { body }),
    });
    return this.answer(response, await this.read(response, body, expire));
  }

  private async read(response: RawResponse, body: string | undefined, expire: () => void): Promise<ReadBody> {
    const { maxBodyBytes = MAX_BODY_BYTES } = this.options;
    const requestId = idOf(body);
    const isUnasked = requestId === undefined && isEventStream(response);
    const timer = isUnasked ? this.clock.setTimeout(expire, UNASKED_STREAM_MS) : undefined;
    try {
      return await readBody(response, {
        maxBytes: Math.min(maxBodyBytes, this.budget.bytesLeft),
        requestId,
        onBytes: (bytes) => this.budget.takeBytes(bytes),
      });
    } finally {
      timer?.cancel();
    }
  }

  private answer({ statusCode, headers }: RawResponse, read: ReadBody): ExchangeResponse {
    const body = this.scrub(read.body);
    const messages =
      body === read.body ? read.messages : read.messages.map((message) => scrubMessage(message, this.scrub));
    return { status: statusCode, headers: this.joined(headers), body, truncated: read.truncated, messages };
  }

  private joined(headers: RawResponse['headers']): HeaderRecord {
    const entries = Object.entries(headers).map(([name, value = '']) => {
      return [name.toLowerCase(), this.scrub(typeof value === 'string' ? value : value.join(', '))] as const;
    });
    return Object.fromEntries(entries);
  }

  /** @throws ProbeStop RedirectRefused for a URL that is not ours to ask. */
  private connect(url: URL): Promise<Connection> {
    if (url.origin !== this.url.origin) {
      throw failure('RedirectRefused', 'the URL is of another scheme, host or port than the server');
    }
    this.connection ??= this.open();
    return this.connection;
  }

  /** Shared by all exchanges, so no single one may end it; its own steps are bounded by a deadline of their own. */
  private open(): Promise<Connection> {
    const timeoutMs = this.options.callTimeoutMs ?? CALL_TIMEOUT_MS;
    return openConnection(
      this.url,
      this.target,
      { ...this.options, timeoutMs },
      AbortSignal.timeout(timeoutMs),
    );
  }

  /** @throws ProbeStop InvalidTarget when a token is wanted in the query and there is none. */
  private prepare(request: ExchangeRequest): Prepared {
    const { method, body, credentials } = request;
    const url = new URL(request.url ?? this.url);
    if (credentials === 'query') url.searchParams.set(QUERY_TOKEN, this.bearerToken());
    return { url, method, headers: headersOf(request, this.credentialsFor(request)), body };
  }

  private credentialsFor({ credentials = true }: ExchangeRequest): HeaderRecord {
    if (credentials === false) return {};
    if (credentials === true) return this.credentials;
    const { authorization: _inTheQuery, ...others } = this.credentials;
    return others;
  }

  private bearerToken(): string {
    const token = /^bearer\s+(\S+)$/i.exec(this.credentials['authorization'] ?? '')?.[1];
    if (token === undefined) throw failure('InvalidTarget', 'there is no bearer token to send');
    return token;
  }

  /** The request as it is kept. */
  private record(request: ExchangeRequest): Exchange['request'] {
    const url = new URL(request.url ?? this.url);
    if (request.credentials === 'query') url.searchParams.set(QUERY_TOKEN, REDACTED);
    const overridden = new Set(Object.keys(lowerCase(request.headers ?? {})));
    const ours = new Set(Object.keys(this.credentials).filter((name) => !overridden.has(name)));
    return {
      method: request.method,
      url: this.scrub(redactUrl(url)),
      headers: redactHeaders(headersOf(request, this.credentialsFor(request)), ours),
      ...(request.body !== undefined && { body: this.scrub(request.body) }),
    };
  }
}

/** What a check sets wins, and what it sets to `undefined` is left out. */
function headersOf(request: ExchangeRequest, credentials: HeaderRecord): HeaderRecord {
  const own = {
    accept: 'application/json, text/event-stream',
    'accept-encoding': 'identity',
    ...(request.body !== undefined && { 'content-type': 'application/json' }),
  };
  return defined({ ...own, ...credentials, ...lowerCase(request.headers ?? {}) });
}

function lowerCase<T>(headers: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function defined(headers: Readonly<Record<string, string | undefined>>): HeaderRecord {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Of a JSON-RPC request; a body that is none has no id. */
function idOf(body: string | undefined): string | number | undefined {
  try {
    return body === undefined ? undefined : outgoingMessage(body).id;
  } catch {
    // Sent on purpose as it is: no JSON, so nothing that could be answered by id.
    return undefined;
  }
}

function scrubMessage(
  message: Readonly<Record<string, unknown>>,
  scrub: (text: string) => string,
): Readonly<Record<string, unknown>> {
  return JSON.parse(scrub(JSON.stringify(message))) as Readonly<Record<string, unknown>>;
}

function failureOf(error: unknown): NonNullable<Exchange['failure']> {
  const stop = error instanceof ProbeStop ? error : networkFailure(error);
  const outcome = (stop ?? failure('Internal', 'the request could not be sent', error)).outcome;
  if (outcome.kind === 'failed') return { reason: outcome.reason, message: outcome.message };
  return { reason: 'Internal', message: 'the request could not be sent' };
}
