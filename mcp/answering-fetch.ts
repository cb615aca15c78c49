/**
 * The `fetch` under the official client on streamable HTTP. To the client, a server is a function from a request to one JSON
 * answer: event streams are read here until the answer is in them, and whatever is wrong with an answer ends here with a name.
 * The client sees neither a stream nor a stranger's bytes unchecked, and never opens the listening stream, which no probe needs.
 */
import type { Clock } from '../core/clock.ts';
import { readText, type ByteBudget } from './body.ts';
import { readStreamedAnswer, type EventStream } from './event-stream.ts';
import { failure } from './failure.ts';
import { answerTo, outgoingMessage, type OutgoingMessage } from './message.ts';
import {
  isCompressed,
  requireContentType,
  requireOk,
  type RawBody,
  type RawResponse,
  type Wire,
} from './wire.ts';

/** Streams that a server left open after its answer; beyond these the oldest is cut off. */
const MAX_OPEN_STREAMS = 2;
const SESSION_HEADER = 'mcp-session-id';

type HeaderRecord = Readonly<Record<string, string>>;

export interface AnsweringFetchSettings {
  readonly wire: Wire;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  /** Ends every request. */
  readonly signal: AbortSignal;
}

/** One request of the client on its way. */
interface Exchange {
  readonly url: URL;
  readonly headers: HeaderRecord;
  readonly message: OutgoingMessage;
  readonly signal: AbortSignal;
}

/** Answers the client's requests, and remembers what closing needs. */
export class AnsweringFetch {
  /** Headers that name the legacy session which the server opened. */
  session: HeaderRecord | undefined;
  /** Whether the legacy handshake was tried. */
  handshakeTried = false;
  private readonly settings: AnsweringFetchSettings;
  private readonly openStreams: RawBody[] = [];

  constructor(settings: AnsweringFetchSettings) {
    this.settings = settings;
  }

  /**
   * What the client calls as `fetch`.
   * @throws ProbeStop, and the errors of the connection.
   */
  readonly fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    if (init.method !== 'POST' || typeof init.body !== 'string') return new Response(null, { status: 405 });
    const signal = AbortSignal.any([this.settings.signal, ...(init.signal ? [init.signal] : [])]);
    const headers = Object.fromEntries(new Headers(init.headers));
    const exchange = { url: new URL(url), headers, message: outgoingMessage(init.body), signal };
    const isHandshake = exchange.message.method === 'initialize';
    if (isHandshake) this.handshakeTried = true;
    const response = await this.settings.wire.send(exchange.url, {
      method: 'POST',
      headers,
      body: init.body,
      signal,
    });
    if (isHandshake) this.rememberSession(response, headers);
    return this.answer(exchange, response);
  };

  private async answer(exchange: Exchange, response: RawResponse): Promise<Response> {
    const { id } = exchange.message;
    if (response.statusCode >= 400) return this.refusal(response);
    if (id === undefined || response.statusCode === 202) return this.acknowledgement(id, response);
    const type = requireContentType(response, ['application/json', 'text/event-stream']);
    const text =
      type === 'application/json'
        ? answerTo(id, await readText(response.body, this.settings.budget))
        : await this.streamedAnswer(id, exchange, response.body);
    if (text === undefined) throw failure('ProtocolError', 'the answer belongs to another request');
    return this.respond(200, text);
  }

  /** Client errors tell the eras apart, so the client reads them; server errors tell nothing. */
  private async refusal(response: RawResponse): Promise<Response> {
    if (response.statusCode >= 500) requireOk(response);
    const text = isCompressed(response) ? '' : await readText(response.body, this.settings.budget);
    return this.respond(response.statusCode, text);
  }

  private async acknowledgement(id: unknown, response: RawResponse): Promise<Response> {
    await readText(response.body, this.settings.budget);
    if (id !== undefined)
      throw failure('ProtocolError', 'the server accepted the request and did not answer it');
    return new Response(null, { status: 202 });
  }

  private streamedAnswer(id: string | number, exchange: Exchange, first: RawBody): Promise<string> {
    const { wire, budget, clock } = this.settings;
    const { 'content-type': _ofTheBody, ...headers } = exchange.headers;
    const stream: EventStream = {
      first,
      open: (lastEventId) =>
        wire.openStream(exchange.url, { ...headers, 'last-event-id': lastEventId }, exchange.signal),
      done: (body) => this.leaveOpen(body),
    };
    return readStreamedAnswer(id, stream, budget, clock, exchange.signal);
  }

  private respond(status: number, body: string): Response {
    const session = this.session?.[SESSION_HEADER];
    const headers = {
      'content-type': 'application/json',
      ...(session === undefined ? {} : { [SESSION_HEADER]: session }),
    };
    return new Response(body, { status, headers });
  }

  /** Lets the server end a stream by itself, which keeps the connection; cuts off those that go on. */
  private leaveOpen(body: RawBody): void {
    this.openStreams.push(body);
    if (this.openStreams.length > MAX_OPEN_STREAMS) this.openStreams.shift()?.destroy();
  }

  private rememberSession(response: RawResponse, sent: HeaderRecord): void {
    const id = response.headers[SESSION_HEADER];
    if (typeof id !== 'string' || response.statusCode >= 300) return;
    const { 'content-type': _ofTheBody, ...headers } = sent;
    this.session = { ...headers, [SESSION_HEADER]: id };
  }
}
