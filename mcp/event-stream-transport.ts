/**
 * The client's side of HTTP+SSE, the transport of 2024-11-05: one stream for everything that the server says, whose first event
 * names the address to post requests to. Deprecated since 2025-03-26 and still what many servers speak. Written here because a
 * probe wants the opposite of a client: no reconnection, and no time spent on messages that answer none of its requests.
 */
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { consume, readText, type ByteBudget } from './body.ts';
import { failure } from './failure.ts';
import { isAnswer, parseJson } from './message.ts';
import { requireOk, type Wire } from './wire.ts';

export interface EventStreamTransportSettings {
  readonly url: URL;
  readonly wire: Wire;
  readonly budget: ByteBudget;
  /** Ends the stream and every request. */
  readonly signal: AbortSignal;
  /** Called when the stream breaks, which no request of the client would notice. */
  readonly fail: (error: unknown) => void;
}

/** @see Transport */
export class EventStreamTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private readonly settings: EventStreamTransportSettings;
  private readonly closed = new AbortController();
  private readonly signal: AbortSignal;
  private endpoint: URL | undefined;

  constructor(settings: EventStreamTransportSettings) {
    this.settings = settings;
    this.signal = AbortSignal.any([settings.signal, this.closed.signal]);
  }

  /** Resolves when the server has named its endpoint. */
  async start(): Promise<void> {
    const { url, wire, budget, fail } = this.settings;
    const body = await wire.openStream(url, {}, this.signal);
    await new Promise<void>((resolve, reject) => {
      const parser = createParser({ onEvent: (event) => this.receive(event, resolve) });
      const ended = consume(body, budget, ({ text }) => {
        parser.feed(text);
        return 'more';
      }).then(() => {
        throw failure('ConnectionClosed', 'the server closed its event stream');
      });
      // After the start nobody waits for this promise, so both ways are told; the later one is ignored.
      ended.catch((error: unknown) => {
        reject(error instanceof Error ? error : new Error('the event stream broke', { cause: error }));
        if (!this.closed.signal.aborted) fail(error);
      });
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const { wire, budget } = this.settings;
    if (this.endpoint === undefined) throw failure('ProtocolError', 'the server named no endpoint');
    const response = await wire.send(this.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      signal: this.signal,
    });
    requireOk(response);
    await readText(response.body, budget);
  }

  async close(): Promise<void> {
    this.closed.abort();
    this.onclose?.();
  }

  private receive(event: EventSourceMessage, started: () => void): void {
    if (event.event === 'endpoint') {
      this.endpoint = this.endpointFrom(event.data);
      started();
      return;
    }
    const isMessage = event.event === undefined || event.event === 'message';
    if (!isMessage || event.data === '') return;
    const message = parseJson(event.data);
    // The client checks the rest of its shape.
    if (isAnswer(message)) this.onmessage?.(message as JSONRPCMessage);
  }

  private endpointFrom(reference: string): URL {
    const { url } = this.settings;
    if (!URL.canParse(reference, url.href)) {
      throw failure('ProtocolError', 'the event stream names an endpoint that is no URL');
    }
    return new URL(reference, url);
  }
}
