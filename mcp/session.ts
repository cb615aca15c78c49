/**
 * One opened server, through the official client: it asks `server/discover` first and falls back to `initialize`, as the
 * specification of 2026-07-28 tells clients that speak both eras. The client gets no validator, no cache and no handler, and
 * our own `fetch`: it negotiates, frames and checks messages, nothing else.
 */
import {
  Client,
  StreamableHTTPClientTransport,
  type RequestOptions,
  type StandardSchemaV1,
  type Transport,
} from '@modelcontextprotocol/client';
import type { Clock } from '../core/clock.ts';
import { abortable } from './abortable.ts';
import { AnsweringFetch } from './answering-fetch.ts';
import type { ByteBudget } from './body.ts';
import type { Connection } from './connection.ts';
import { EventStreamTransport } from './event-stream-transport.ts';
import { ProbeStop } from './failure.ts';
import { sdkFailure } from './sdk-failure.ts';
import type { ProbeTransport } from './types.ts';
import { discard, Wire } from './wire.ts';

/** A list that a server may have, by its method. */
export type ListMethod = 'tools/list' | 'prompts/list' | 'resources/list' | 'resources/templates/list';

/** `auto` tries the modern era first; `legacy` performs `initialize` at once. */
export type Negotiation = 'auto' | 'legacy';

export interface SessionSettings {
  readonly url: URL;
  readonly transport: ProbeTransport;
  readonly headers: Readonly<Record<string, string>>;
  readonly connection: Connection;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly negotiation: Negotiation;
  /** Milliseconds to wait for the answer to `server/discover`. */
  readonly discoverTimeoutMs: number;
  /** Milliseconds to wait for any other answer. */
  readonly requestTimeoutMs: number;
}

/** Milliseconds to wait for the server to close its side of a session. */
const CLOSE_TIMEOUT_MS = 1_000;

/** No schema of a tool is ever compiled: a probe calls none. */
const noValidator = {
  getValidator: () => () => ({ valid: true as const, data: undefined as never, errorMessage: undefined }),
};

/** A conversation with one server. */
export class Session {
  readonly client: Client;
  /** Whether the server was asked `initialize`. */
  get handshakeTried(): boolean {
    return this.answering.handshakeTried;
  }
  private readonly settings: SessionSettings;
  private readonly broken = new AbortController();
  private readonly signal: AbortSignal;
  private readonly wire: Wire;
  private readonly answering: AnsweringFetch;

  /** @param signal ends the conversation; its reason must be a {@link ProbeStop} to become the outcome. */
  constructor(settings: SessionSettings, signal: AbortSignal) {
    const { budget, clock } = settings;
    this.settings = settings;
    this.signal = AbortSignal.any([signal, this.broken.signal]);
    this.wire = new Wire(settings.connection, settings.headers);
    this.answering = new AnsweringFetch({ wire: this.wire, budget, clock, signal: this.signal });
    this.client = new Client(settings.clientInfo, {
      jsonSchemaValidator: noValidator,
      versionNegotiation: {
        mode: settings.negotiation,
        probe: { timeoutMs: settings.discoverTimeoutMs },
      },
    });
  }

  /** @throws ProbeStop when the server cannot be opened. */
  async open(): Promise<void> {
    await this.run('the opening request', () =>
      this.client.connect(this.createTransport(), this.requestOptions()),
    );
  }

  /**
   * Asks for one page of a list.
   * @param recover turns an error into a page, or throws it again.
   * @throws ProbeStop
   */
  async list<T>(
    method: ListMethod,
    cursor: string | undefined,
    schema: StandardSchemaV1<unknown, T>,
    recover: (error: unknown) => T,
  ): Promise<T> {
    const params = cursor === undefined ? {} : { cursor };
    return this.run(method, () =>
      this.client.request({ method, params }, schema, this.requestOptions()).catch(recover),
    );
  }

  /** Closes the client, and a session at the server with DELETE. Never rejects: what stays open there ends by itself. */
  async close(): Promise<void> {
    // The client forgets the version when it closes.
    const version = this.client.getNegotiatedProtocolVersion();
    await this.client.close().catch(() => undefined);
    await this.deleteSession(version);
  }

  private async run<T>(request: string, work: () => Promise<T>): Promise<T> {
    try {
      return await abortable(work(), this.signal);
    } catch (error) {
      throw this.signal.reason instanceof ProbeStop ? this.signal.reason : sdkFailure(error, request);
    }
  }

  private requestOptions(): RequestOptions {
    return { signal: this.signal, timeout: this.settings.requestTimeoutMs };
  }

  private createTransport(): Transport {
    const { url, transport, budget } = this.settings;
    const { signal, wire } = this;
    if (transport !== 'SSE') return new StreamableHTTPClientTransport(url, { fetch: this.answering.fetch });
    const fail = (error: unknown): void => this.broken.abort(sdkFailure(error, 'a request'));
    return new EventStreamTransport({ url, wire, budget, signal, fail });
  }

  private async deleteSession(version: string | undefined): Promise<void> {
    const headers = this.answering.session;
    if (headers === undefined) return;
    const deadline = new AbortController();
    const timer = this.settings.clock.setTimeout(() => deadline.abort(), CLOSE_TIMEOUT_MS);
    const versionHeader = version === undefined ? {} : { 'mcp-protocol-version': version };
    try {
      const response = await this.wire.send(this.settings.url, {
        method: 'DELETE',
        headers: { ...headers, ...versionHeader },
        signal: deadline.signal,
      });
      discard(response.body);
    } catch {
      // 405, a timeout, a reset: servers may refuse to end sessions, and the probe's outcome stands already.
    } finally {
      timer.cancel();
    }
  }
}
