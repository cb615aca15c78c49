/**
 * Everything that passed the proxy, in order: what tests count ("no write", "no more than so many requests while the fault
 * lasted"). Kept in memory, and appended to a JSONL file when one is named.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Clock } from '../../../core/clock.ts';
import { isWrite, matches, type ApiRequest, type RequestMatch } from './request.ts';

/** One request and what became of it. */
export interface LogEntry {
  /** Position in the log, from 0. */
  readonly sequence: number;
  /** RFC 3339, when the request arrived. */
  readonly time: string;
  readonly atMs: number;
  readonly request: ApiRequest;
  /** The HTTP status the client saw; undefined while there is none, and when it never got one. */
  readonly status: number | undefined;
  /** The fault it met, or empty. */
  readonly fault: string;
  /** Undefined while the answer, a watch for instance, is still open. */
  readonly durationMs: number | undefined;
  /** Frames sent to the client: of a watch only. */
  readonly frames: number;
}

/** An entry that is still being written. */
export interface OpenEntry {
  status(code: number): void;
  fault(name: string): void;
  frame(): void;
  /** The answer ended, one way or the other. */
  close(): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The ordered log of one proxy. */
export class RequestLog {
  readonly #clock: Clock;
  readonly #entries: Mutable<LogEntry>[] = [];
  readonly #file: WriteStream | undefined;

  /** @param path of a JSONL file that receives each entry when it ends. */
  constructor(clock: Clock, path?: string) {
    this.#clock = clock;
    this.#file = path === undefined ? undefined : createWriteStream(path, { flags: 'a' });
  }

  /** Entries from `since` (a {@link mark}) on. */
  entries(match: RequestMatch = {}, since = 0): readonly LogEntry[] {
    return this.#entries.slice(since).filter((entry) => matches(match, entry.request));
  }

  /** Requests that would change what is stored; the Lease of an elector is not among them unless asked for. */
  writes(match: RequestMatch = {}, since = 0): readonly LogEntry[] {
    return this.entries(match, since).filter(
      ({ request }) => isWrite(request) && (match.resource !== undefined || request.resource !== 'leases'),
    );
  }

  /** Watches that are open now. */
  openWatches(match: RequestMatch = {}): readonly LogEntry[] {
    return this.entries({ ...match, verb: 'watch' }).filter((entry) => entry.durationMs === undefined);
  }

  /** The present end of the log: what comes later is `entries(match, mark)`. */
  mark(): number {
    return this.#entries.length;
  }

  /** Takes down a request that just arrived. */
  begin(request: ApiRequest): OpenEntry {
    const atMs = this.#clock.monotonicMs();
    const entry: Mutable<LogEntry> = {
      sequence: this.#entries.length,
      time: this.#clock.now().toISOString(),
      atMs,
      request,
      status: undefined,
      fault: '',
      durationMs: undefined,
      frames: 0,
    };
    this.#entries.push(entry);
    return {
      status: (code) => (entry.status = code),
      fault: (name) => (entry.fault = name),
      frame: () => (entry.frames += 1),
      close: () => this.#close(entry),
    };
  }

  /** Writes out what is left of the file. */
  async close(): Promise<void> {
    if (this.#file === undefined) return;
    this.#file.end();
    await finished(this.#file);
  }

  #close(entry: Mutable<LogEntry>): void {
    if (entry.durationMs !== undefined) return;
    entry.durationMs = this.#clock.monotonicMs() - entry.atMs;
    this.#file?.write(`${JSON.stringify(entry)}\n`);
  }
}
