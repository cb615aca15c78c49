/**
 * Publishes what checks found as reports that existing tools read. It is told shares, one check of one server each, and keeps the one
 * report of the server: a share replaces the results of its own check and leaves those of others. Nothing is written that is there
 * already. It never fails a run: what became of a share is told as a value, for a condition.
 */
import type { Clock } from '../../core/clock.ts';
import { ConflictError, errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { NotFoundError, type Discovery, type KubernetesClient } from '../../operator/runtime/index.ts';
import {
  REPORT_APIS,
  ownerName,
  ownerOfResult,
  reportName,
  shareResults,
  type ReportApi,
  type ReportShare,
} from '../../reports/index.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { ReportApis } from './report-apis.ts';
import { ReportFiles, type Written } from './report-files.ts';
import { Turns } from './turns.ts';

/** What became of a share. */
export type Publication =
  /** `api` is group and version, such as `openreports.io/v1alpha1`. */
  | { readonly kind: 'published' | 'unchanged'; readonly api: string }
  /** Neither API is installed. */
  | { readonly kind: 'noAPI' }
  /** Somebody else's object has the report's name. */
  | { readonly kind: 'foreign'; readonly api: string }
  /** Writes failed one after the other: none is tried for so long. */
  | { readonly kind: 'suspended'; readonly retryInMs: number }
  | { readonly kind: 'failed'; readonly message: string };

export interface ReportPublisher {
  /** Rejects with the signal's reason alone. */
  publish(share: ReportShare, signal: AbortSignal): Promise<Publication>;
  /**
   * Takes away the results of checks that are gone, or no longer select the server. Reports of servers that are gone need nobody: they go with
   * their owner.
   * @param isWanted told the check as {@link ownerName} writes it, and the uid of the server.
   * @throws errors of the API server: try again with the next run.
   */
  sweep(isWanted: (owner: string, serverUid: string) => boolean, signal: AbortSignal): Promise<void>;
}

export interface ReportPublisherOptions {
  readonly client: KubernetesClient;
  readonly discovery: Discovery;
  /** The namespaces that are served; empty means all. */
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every publication, for a metric. */
  readonly observe: (kind: Publication['kind']) => void;
}

/** As many writes at the same time as do not crowd out the rest of the operator. */
const CONCURRENCY = 4;
/** Each conflict means that somebody else's write succeeded. */
const MAX_CONFLICTS = 3;

export function createReportPublisher(options: ReportPublisherOptions): ReportPublisher {
  return new Publisher(options);
}

class Publisher implements ReportPublisher {
  readonly #options: ReportPublisherOptions;
  readonly #apis: ReportApis;
  readonly #files: ReportFiles;
  readonly #breaker: CircuitBreaker;
  readonly #turns = new Turns(CONCURRENCY);
  /** Servers that have no report of ours in an API that is not written to, by API. */
  readonly #clean = new Set<string>();

  constructor(options: ReportPublisherOptions) {
    const { client, discovery, clock } = options;
    this.#options = options;
    this.#apis = new ReportApis(discovery, clock);
    this.#files = new ReportFiles(client);
    this.#breaker = new CircuitBreaker(clock);
  }

  async publish(share: ReportShare, signal: AbortSignal): Promise<Publication> {
    const publication = await this.#turns.run(reportName(share.server), () => this.#guarded(share, signal));
    this.#options.observe(publication.kind);
    return publication;
  }

  async sweep(isWanted: (owner: string, serverUid: string) => boolean, signal: AbortSignal): Promise<void> {
    const { namespaces } = this.#options;
    for (const api of await this.#apis.served(signal))
      for (const namespace of namespaces.length === 0 ? [''] : namespaces)
        for await (const report of this.#files.all(api, namespace, signal))
          await this.#turns.run(report.metadata.name, () =>
            this.#files.retain(api, report, (owner) => isWanted(owner, report.scope.uid), signal),
          );
  }

  async #guarded(share: ReportShare, signal: AbortSignal): Promise<Publication> {
    signal.throwIfAborted();
    const retryInMs = this.#breaker.request();
    if (retryInMs > 0) return { kind: 'suspended', retryInMs };
    try {
      const publication = await this.#publish(share, signal);
      this.#breaker.succeeded();
      return publication;
    } catch (error) {
      if (signal.aborted) {
        this.#breaker.abandoned();
        throw signal.reason;
      }
      return this.#failed(share, error);
    }
  }

  #failed(share: ReportShare, error: unknown): Publication {
    this.#breaker.failed();
    // The kind may be gone; a namespace that is gone looks the same.
    if (error instanceof NotFoundError) this.#apis.forget();
    const message = errorMessage(error);
    const { namespace, name } = share.server;
    this.#options.logger.warn('a report could not be published', {
      server: `${namespace}/${name}`,
      error: message,
    });
    return { kind: 'failed', message };
  }

  async #publish(share: ReportShare, signal: AbortSignal): Promise<Publication> {
    const [api, ...others] = await this.#apis.served(signal);
    if (api === undefined) return { kind: 'noAPI' };
    for (const other of others) await this.#withdraw(other, share, signal);
    const { group, version } = REPORT_APIS[api];
    return { kind: await this.#write(api, share, signal), api: `${group}/${version}` };
  }

  async #write(api: ReportApi, share: ReportShare, signal: AbortSignal): Promise<Written> {
    const own = ownerName(share.owner);
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        return await this.#files.update(
          api,
          share.server,
          (entries) => [...entries.filter((entry) => ownerOfResult(entry) !== own), ...shareResults(share)],
          signal,
        );
      } catch (error) {
        if (!(error instanceof ConflictError) || conflicts === MAX_CONFLICTS) throw error;
      }
    }
  }

  /** The other API was the only one before this one was installed: what we left there would be shown twice. */
  async #withdraw(api: ReportApi, { server }: ReportShare, signal: AbortSignal): Promise<void> {
    const key = `${api}/${server.uid}`;
    if (this.#clean.has(key)) return;
    await this.#files.remove(api, server, signal);
    this.#clean.add(key);
  }
}
