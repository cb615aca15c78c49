/**
 * One HTTP exchange with a server, kept raw: what a check of the protocol judges. Unlike a probe, nothing here interprets an answer, and an
 * answer that breaks every rule is still an answer. Only the request's own bounds end it.
 */
import type { ProbeFailureReason } from './types.ts';

/** The two ways in which MCP is spoken: up to 2025-11-25 with `initialize`, and from 2026-07-28 without a handshake. */
export type Era = 'legacy' | 'modern';

/** What to send. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS';
  /** Default the endpoint. Of another origin it is not sent: the exchange fails with `RedirectRefused`. */
  readonly url?: URL;
  /** Over the transport's own; `undefined` leaves one of those out. `host` may be set, to see whether the server checks it. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as it is: a text need not be JSON. */
  readonly body?: string;
  /**
   * Whether the target's own credentials go along. Default true. `query` sends its bearer token as `?access_token=` and no `Authorization`;
   * when it has no bearer token nothing is sent and the exchange fails with `InvalidTarget`.
   */
  readonly credentials?: boolean | 'query';
}

/** What came back, as far as it was read. */
export interface ExchangeResponse {
  readonly status: number;
  /** Lower-case names; values of a repeated header joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8, wrong bytes replaced. */
  readonly body: string;
  /** It is not the whole answer: it was too large, too slow, broke off, or is compressed, which nobody asked for. */
  readonly truncated: boolean;
  /** Every JSON value in it that is an object: of a body one (or those of a batch), of an event stream each event's data. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
}

/** A request and what became of it. */
export interface Exchange {
  /** Unique in one conversation, such as `7`: what evidence refers to. */
  readonly id: string;
  /** As it was sent, credentials replaced by `[redacted]`. */
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response?: ExchangeResponse;
  /** Why there is no response, not even a status: the classes of a probe's failures, in our own words. */
  readonly failure?: { readonly reason: ProbeFailureReason; readonly message: string };
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
}

/** Sends requests to one endpoint, within a budget of requests, bytes and time a call. Redirects are never followed. */
export interface Exchanger {
  readonly url: URL;
  /** Never rejects but with the reason of `signal`: what goes wrong is in the exchange. @throws BudgetExceeded. */
  send(request: ExchangeRequest, signal: AbortSignal): Promise<Exchange>;
  close(): Promise<void>;
}
