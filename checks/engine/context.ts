/** What a check sees: everything that was gathered about one server, and a bounded way to ask it more. */
import type { Definition, Era, Exchange, ExchangeRequest, TLSFacts } from '../../mcp/index.ts';
import type { Subject } from '../subject.ts';

/** What the owner declares of the server, from its spec or from the command line. */
export interface Declared {
  /** `pods`: the operator runs it; `remote`: somebody else does; `url`: only an address is known (`kilo-mcp check URL`). */
  readonly source: 'pods' | 'remote' | 'url';
  readonly transport: 'StreamableHTTP' | 'SSE';
  readonly url: string;
  /** It must refuse who brings no credentials. */
  readonly authRequired: boolean;
  /** Reachable from outside its namespace: a route, a NodePort, a NetworkPolicy that lets others in, or a public address. */
  readonly exposed: boolean;
  /** What a token for it must name as audience; undefined when not declared. */
  readonly audience?: string;
  /** Authorization servers that may be asked; nothing else off-host is fetched. */
  readonly issuers: readonly string[];
  /** Whether the probe sends a credential. */
  readonly hasCredential: boolean;
  /** The hash of definitions that somebody accepted. */
  readonly baselineHash?: string;
  /** The era in which they were read. Undefined: the one that a probe prefers, modern where the server speaks it. */
  readonly baselineEra?: Era;
}

/** What opening the server in one era gave. */
export interface Opened {
  readonly era: Era;
  /** The revision that the server answered with. */
  readonly protocolVersion: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly instructions?: string;
  /** The legacy session's id, when the server issued one. */
  readonly sessionId?: string;
  /** Complete lists of what it declares; a list that could not be read is in `failures`. */
  readonly tools: readonly Definition[];
  readonly prompts: readonly Definition[];
  readonly resources: readonly Definition[];
  readonly resourceTemplates: readonly Definition[];
  /** Methods whose answer could not be read, with our own words why. */
  readonly failures: Readonly<Record<string, string>>;
  /** sha256 over tools, prompts, templates and instructions, as in the server's status; empty when one of those lists is in `failures`. */
  readonly hash: string;
  /** The ids of the exchanges that opening took: the opening one first, then the lists, page by page. */
  readonly exchanges: readonly string[];
}

/** Why the server is not open in an era. */
export interface NotOpened {
  readonly era: Era;
  /** `NotSpoken`: it answers, and not in this era. `AuthRequired`: 401 or 403. `Failed`: everything else. */
  readonly reason: 'NotSpoken' | 'AuthRequired' | 'Failed';
  /** Our own words. */
  readonly message: string;
  readonly exchanges: readonly string[];
}

export type Opening =
  { readonly kind: 'opened'; readonly opened: Opened } | ({ readonly kind: 'notOpened' } & NotOpened);

/** Objects of the cluster as they are now, by kind; undefined where nobody could look. */
export interface LiveObjects {
  /** Differences between what the operator renders and what is there, as paths; empty when nothing differs. */
  readonly drift?: readonly { readonly object: string; readonly path: string }[];
  /** Reports of vulnerabilities for the running image (Trivy Operator's VulnerabilityReport). */
  readonly vulnerabilities?: readonly VulnerabilityFacts[];
}

/** One vulnerability, as Trivy Operator reports it. */
export interface VulnerabilityFacts {
  readonly id: string;
  readonly severity: string;
  readonly package: string;
  readonly installedVersion: string;
  /** Empty when nothing fixes it. */
  readonly fixedVersion: string;
}

/** A pod of the server that can be asked by itself. */
export interface Replica {
  /** Never in a message. */
  readonly name: string;
  readonly address: string;
}

/** How to ask the server; each call counts against the check's published cost and the run's budget. */
export interface Asking {
  /** One raw exchange with the endpoint. The headers of `era` are not added: see {@link CheckContext.request}. */
  send(request: ExchangeRequest): Promise<Exchange>;
  /** The same with one replica instead of the Service. */
  sendTo(replica: Replica, request: ExchangeRequest): Promise<Exchange>;
  /** Opens it once more and reads its definitions, as a client of another name or through one replica. */
  open(options: { readonly clientName?: string; readonly replica?: Replica }): Promise<Opening>;
  /**
   * A JSON document of an authorization server: GET without credentials, https only, no redirect followed, judged by the address policy.
   * Only hosts of `declared.issuers` are asked; for all others the exchange has a failure and nothing was sent.
   */
  fetchMetadata(url: URL): Promise<Exchange>;
  /** Who the endpoint says it is over TLS, and which versions it speaks. Two connections, no request. Of an `http:` endpoint: InvalidTarget. */
  tlsFacts(): Promise<TLSFacts>;
  /**
   * Asks once in a run what several checks or both eras need: the first caller's `ask` is run, every other gets its promise. What it sends
   * counts in the run's budget and not in the check's.
   */
  once<T>(key: string, ask: (asking: Asking) => Promise<T>): Promise<T>;
}

export interface CheckContext {
  /** The era to ask in; undefined for a check that asks nothing. */
  readonly era?: Era;
  readonly declared: Declared;
  /** What was opened, by era; an era that was not tried is absent. */
  readonly openings: Readonly<Partial<Record<Era, Opening>>>;
  /** The one of `era`: defined whenever a check with eras runs, unless it is one that judges servers that did not open. */
  readonly opened?: Opened;
  /** Every exchange so far, of gathering and of this check, by id. */
  readonly exchanges: ReadonlyMap<string, Exchange>;
  /** The server, what is rendered for it and its namespace; undefined for `kilo-mcp check URL`. */
  readonly subject?: Subject;
  readonly live?: LiveObjects;
  /** Ready replicas, when the cluster is known. */
  readonly replicas: readonly Replica[];
  /** What the profile sets for this check, over the check's own defaults. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly ask: Asking;
  /**
   * A JSON-RPC request in the form of `era`: headers, `_meta` and session as a conforming client would send them. `overrides` are merged
   * over it, header by header. A notification (`notifications/...`) has no id.
   */
  readonly request: (
    method: string,
    params?: Readonly<Record<string, unknown>>,
    overrides?: Partial<ExchangeRequest>,
  ) => ExchangeRequest;
}
