/**
 * From the bytes of a watch to its events: one JSON document a line. Only parsing happens here, so that a broken line is told
 * apart from a broken handler. A stream that goes quiet without closing (a lost NAT entry, a dead node) is ended by the
 * inactivity limit; bookmarks, about one a minute, keep a healthy one alive.
 */
import type { Clock } from '../../../core/clock.ts';
import { TransientError } from '../../../core/errors.ts';
import type { KubernetesObject } from '../object/object.ts';
import { apiErrorOf } from './api-error.ts';
import type { WatchEvent } from './watch-event.ts';

const NEWLINE = 0x0a;

/**
 * The events of a watch.
 * @throws TransientError for a line that is no event or longer than `maxLineBytes`; an API error for an ERROR event.
 */
export async function* watchEvents<T extends KubernetesObject>(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of splitLines(chunks, maxLineBytes)) {
    if (line.length > 0) yield parseEvent<T>(line.toString('utf8'));
  }
}

/** Splits at newlines; what follows the last newline when the stream ends was cut off, and is dropped. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      yield pending.length === 0 ? tail : Buffer.concat([...pending, tail]);
      pending = [];
      pendingBytes = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    pendingBytes += chunk.length - start;
    if (pendingBytes > maxLineBytes)
      throw new TransientError(`a watch event is larger than ${maxLineBytes} bytes`);
    pending.push(chunk.subarray(start));
  }
}

/** Passes chunks on, and calls `onQuiet` once none came for `limitMs`. */
export async function* withInactivityLimit(
  chunks: AsyncIterable<Buffer>,
  clock: Clock,
  limitMs: number,
  onQuiet: () => void,
): AsyncGenerator<Buffer> {
  let timer = clock.setTimeout(onQuiet, limitMs);
  try {
    for await (const chunk of chunks) {
      timer.cancel();
      yield chunk;
      timer = clock.setTimeout(onQuiet, limitMs);
    }
  } finally {
    timer.cancel();
  }
}

interface RawEvent {
  readonly type?: unknown;
  readonly object?: { readonly code?: number; readonly metadata?: { readonly resourceVersion?: string } };
}

function parseEvent<T extends KubernetesObject>(line: string): WatchEvent<T> {
  const { type, object } = parseLine(line);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      // The API server's own encoding of the kind that was asked for: the one place where T is taken on trust.
      return { type, object: object as unknown as T };
    case 'BOOKMARK':
      return { type, resourceVersion: object?.metadata?.resourceVersion ?? '' };
    case 'ERROR':
      throw apiErrorOf(object?.code ?? 500, object, undefined);
    default:
      throw new TransientError('the watch delivered an event of unknown type');
  }
}

function parseLine(line: string): RawEvent {
  try {
    return JSON.parse(line) as RawEvent;
  } catch (cause) {
    throw new TransientError('the watch delivered a line that is not JSON', { cause });
  }
}
