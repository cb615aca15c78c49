/**
 * The contract of a probe: one bounded conversation with an MCP server, in the protocol era that it speaks, which ends either
 * in a description of the server or in a reason from a closed list. Nothing that a server says reaches a message of ours: a
 * failure carries a class and our own words.
 */
import type { Dispatcher } from 'undici';
import type { Digest } from '../core/canonical-json.ts';
import type { Clock } from '../core/clock.ts';
import type { AddressPolicy } from './address-policy.ts';

/** `StreamableHTTP` is what servers should speak; `SSE` is the transport of 2024-11-05, deprecated. */
export type ProbeTransport = 'StreamableHTTP' | 'SSE';

/** Which server to ask, and how to reach it. */
export interface ProbeTarget {
  /** The MCP endpoint, `http:` or `https:`, without credentials in it. */
  readonly url: string;
  readonly transport: ProbeTransport;
  /** Sent with each request to the endpoint's own origin, never anywhere else. Credentials belong here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** An IP address to dial instead of resolving the URL's host. `Host`, SNI and certificate check stay those of the URL. */
  readonly connectAddress?: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
}

/** The bounds of a probe and what it depends on. */
export interface ProbeOptions {
  /** The whole conversation, from name resolution to the last page. Closing a session may take up to a second more. */
  readonly timeoutMs: number;
  /** Bytes read from the server, all answers together. Default 1 MiB: parsing is the work of a server's
   * choosing that no deadline interrupts. */
  readonly maxBytes?: number;
  /** Pages read of each list. Default 50. */
  readonly maxPages?: number;
  /** Entries read of each list. Default 5,000. */
  readonly maxItems?: number;
  /** Milliseconds until a connection stands, TLS included. Default 5,000, never more than `timeoutMs`. */
  readonly connectTimeoutMs?: number;
  /** Judges the address that is about to be dialled. Absent: every address is allowed. */
  readonly addressPolicy?: AddressPolicy;
  /** How we introduce ourselves to the server. */
  readonly clientInfo?: { readonly name: string; readonly version: string };
  /** Finds the addresses of a name; the system's resolver by default. */
  readonly resolve?: ResolveHost;
  /** Carries the requests instead of a connection of the probe's own: address rules and TLS settings are then its owner's. */
  readonly dispatcher?: Dispatcher;
  readonly clock?: Clock;
}

/** @returns every address of `hostname`, in the order to try. Rejects when it has none. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

/** `legacy`: MCP up to 2025-11-25, with `initialize`. `modern`: 2026-07-28, stateless. `dual`: the endpoint answers both. */
export type ProtocolEra = 'legacy' | 'modern' | 'dual';

/** An entry of a list as the server sent it, every field included. Only `name` (and a resource's `uri`) is known to be a string. */
export type Definition = Readonly<Record<string, unknown>> & { readonly name: string };
export type ResourceDefinition = Definition & { readonly uri: string };

/** What a server said about itself. All of it is the server's word: display it escaped, decide nothing on it alone. */
export interface ServerDescription {
  readonly era: ProtocolEra;
  /** The revision that was spoken, for `dual` the modern one. */
  readonly protocolVersion: string;
  /** At most 128 characters each, without control or invisible characters; empty when a modern server keeps quiet. */
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly tools: readonly Definition[];
  readonly prompts: readonly Definition[];
  readonly resources: readonly ResourceDefinition[];
  readonly resourceTemplates: readonly Definition[];
  readonly instructions?: string;
  /** Over tools, prompts, resource templates and instructions, whatever their order. Resources are data and not part of it. */
  readonly hash: Digest;
}

/** Why a probe failed, with a sentence for people. Closed: a new reason is a change of the public contract. */
export const PROBE_FAILURE_REASONS = {
  InvalidTarget: 'The URL or a header cannot be used.',
  NameNotResolved: 'The host name has no address.',
  ForbiddenAddress: 'The address is one that probes may not reach.',
  ConnectionRefused: 'Nothing listens at the address.',
  ConnectionTimeout: 'No connection came about in time.',
  ConnectionClosed: 'The server closed the connection before it answered.',
  Unreachable: 'There is no route to the address.',
  TLSFailed: 'The TLS handshake failed or the certificate is not trusted.',
  Timeout: 'The server did not finish its answers in time.',
  TooLarge: 'The server sent more than a probe reads.',
  TooManyPages: 'A list has more pages or entries than a probe reads.',
  PaginationLoop: 'A list continues with a cursor that it already used.',
  TooManyRedirects: 'The server redirects again and again.',
  RedirectRefused:
    'The server points elsewhere: to another origin, or with a redirect that drops the request.',
  HTTPError: 'The server answers with an HTTP error.',
  WrongContentType: 'The answer is neither JSON nor an event stream.',
  UnsupportedEncoding: 'The answer is compressed although the probe asked for none.',
  InvalidEncoding: 'The answer is not UTF-8.',
  InvalidJSON: 'The answer is not JSON.',
  ProtocolError: 'The answer does not follow the Model Context Protocol.',
  UnsupportedProtocolVersion: 'The server speaks no protocol version that the probe knows.',
  Internal: 'The probe itself failed.',
} as const;

export type ProbeFailureReason = keyof typeof PROBE_FAILURE_REASONS;

/** The server could not be verified. */
export interface ProbeFailed {
  readonly kind: 'failed';
  readonly reason: ProbeFailureReason;
  /** At most 256 characters, without a word from the server, and stable as long as the cause stays. */
  readonly message: string;
}

/** The server lives and wants credentials, or others than it got. Not a failure of the server. */
export interface ProbeAuthRequired {
  readonly kind: 'authRequired';
  readonly status: 401 | 403;
  /** Whether the answer carried `WWW-Authenticate`. A 403 without it may also be a refused `Host`. */
  readonly challenge: boolean;
}

interface ProbeVerified {
  readonly kind: 'verified';
  readonly description: ServerDescription;
}

export type ProbeOutcome = ProbeVerified | ProbeAuthRequired | ProbeFailed;
