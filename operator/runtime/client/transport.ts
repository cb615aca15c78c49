/**
 * One HTTP exchange with the API server: current credentials, a deadline over all attempts, a bounded answer, and the retries
 * of `retry.ts`. It knows HTTP and nothing of Kubernetes' objects.
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../../core/clock.ts';
import { errorMessage, TransientError } from '../../../core/errors.ts';
import { nextTurn } from '../../../core/next-turn.ts';
import type { Random } from '../../../core/random.ts';
import { apiErrorOf, ConnectionError } from './api-error.ts';
import { withDeadline } from './deadline.ts';
import type { ConnectionPools, Purpose } from './pools.ts';
import { parseRetryAfterMs, retryDelayMs, type FailedAttempt } from './retry.ts';

/** A request whose answer is read as a whole. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, from the server's root. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all attempts together. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

/** A request whose answer is a stream of unknown length. */
export interface StreamRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Until the answer's headers are there. */
  readonly deadlineMs: number;
}

/** Told of every answer: `code` is the status, or `<error>` when there was none. */
export type RequestObserver = (code: string, method: string) => void;

/** @see module header. */
export interface Transport {
  /**
   * @returns the parsed JSON of a success answer.
   * @throws a class of `api-error.ts`: an API error for an answer, ConnectionError when there was none.
   */
  send(request: ApiRequest, signal: AbortSignal): Promise<unknown>;
  /** The answer's body, chunk by chunk. Not retried: the caller knows where to go on. */
  stream(request: StreamRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
}

/** What a transport is made of. */
export interface TransportOptions {
  readonly pools: ConnectionPools;
  readonly purpose: Purpose;
  /** The path part of the server's URL: `/k8s/clusters/c1` behind some proxies, usually empty. */
  readonly pathPrefix: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: RequestObserver;
}

interface Answer {
  readonly code: number;
  readonly retryAfterMs: number | undefined;
  readonly body: unknown;
}

/** How much of a failure answer to a stream request is read. */
const MAX_ERROR_BYTES = 64 * 1024;

/** A transport on shared connections. */
export function createTransport(options: TransportOptions): Transport {
  const { pools, clock, random, observe } = options;

  const open = async (
    request: {
      readonly method: string;
      readonly path: string;
      readonly headers: object;
      readonly body?: string;
    },
    purpose: Purpose,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const { dispatcher, authorization } = await pools.connect(purpose);
    try {
      const response = await dispatcher.request({
        method: request.method,
        path: options.pathPrefix + request.path,
        headers: { ...request.headers, ...(authorization !== undefined && { authorization }) },
        body: request.body ?? null,
        signal,
      });
      observe(String(response.statusCode), request.method);
      if (response.statusCode === 401) pools.invalidateCredentials();
      return response;
    } catch (cause) {
      observe('<error>', request.method);
      throw cause;
    }
  };

  const attempt = async (request: ApiRequest, signal: AbortSignal): Promise<Answer | ConnectionError> => {
    try {
      const response = await open(request, options.purpose, signal);
      return await readAnswer(response, request.maxBytes);
    } catch (cause) {
      if (signal.aborted || cause instanceof TransientError) throw cause;
      return connectionError(request, cause);
    }
  };

  const sendUntilAnswered = async (request: ApiRequest, signal: AbortSignal): Promise<unknown> => {
    const endsAtMs = clock.monotonicMs() + request.deadlineMs;
    for (let count = 1; ; count++) {
      const outcome = await attempt(request, signal);
      if (!(outcome instanceof ConnectionError) && outcome.code < 400) return outcome.body;
      const delayMs = retryDelayMs(request.method, failedAttempt(outcome), count, random);
      // An answer that we have says more than the deadline we would run into.
      if (delayMs === undefined || clock.monotonicMs() + delayMs > endsAtMs) throw errorOf(outcome);
      await clock.sleep(delayMs, signal);
    }
  };

  return {
    send: async (request, signal) => {
      try {
        return await withDeadline(clock, request.deadlineMs, signal, (inner) =>
          sendUntilAnswered(request, inner),
        );
      } catch (cause) {
        // The caller's own abort passes through; our deadline is a connection that failed.
        if (signal.aborted || cause instanceof TransientError) throw cause;
        throw connectionError(request, cause);
      }
    },
    stream: async (request, signal) => {
      const get = { ...request, method: 'GET' };
      const body = await openStream(clock, get, signal, (inner) => open(get, 'watches', inner));
      return body;
    },
  };
}

/** The deadline covers the headers only; afterwards the stream lives until `signal` aborts. */
async function openStream(
  clock: Clock,
  request: StreamRequest & { readonly method: string },
  signal: AbortSignal,
  open: (signal: AbortSignal) => Promise<Dispatcher.ResponseData>,
): Promise<AsyncIterable<Buffer>> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const timer = clock.setTimeout(() => controller.abort(new Error('no answer in time')), request.deadlineMs);
  const onAbort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const release = (): void => signal.removeEventListener('abort', onAbort);
  try {
    const response = await open(controller.signal);
    if (response.statusCode < 400) return chunksOf(response.body, release);
    const answer = await readAnswer(response, MAX_ERROR_BYTES);
    throw errorOf(answer);
  } catch (cause) {
    release();
    if (signal.aborted || cause instanceof TransientError) throw cause;
    throw connectionError(request, cause);
  } finally {
    timer.cancel();
  }
}

/** The pool takes a connection back a turn after its last byte: who opened the next stream sooner would open one more. */
async function* chunksOf(body: AsyncIterable<Buffer>, release: () => void): AsyncGenerator<Buffer> {
  try {
    yield* body;
    await nextTurn();
  } finally {
    release();
  }
}

async function readAnswer(response: Dispatcher.ResponseData, maxBytes: number): Promise<Answer> {
  const text = await readBounded(response.body, maxBytes);
  return {
    code: response.statusCode,
    retryAfterMs: parseRetryAfterMs(response.headers['retry-after']),
    body: response.statusCode < 400 ? parseJson(text) : parseJsonOrNothing(text),
  };
}

async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new TransientError(`the API server's answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransientError('the API server answered with something other than JSON', { cause });
  }
}

/** A proxy in between may answer a failure in HTML: the status code still counts. */
function parseJsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failedAttempt(outcome: Answer | ConnectionError): FailedAttempt {
  if (outcome instanceof ConnectionError) return { kind: 'network' };
  return { kind: 'answer', code: outcome.code, retryAfterMs: outcome.retryAfterMs };
}

function errorOf(outcome: Answer | ConnectionError): Error {
  if (outcome instanceof ConnectionError) return outcome;
  return apiErrorOf(outcome.code, outcome.body, outcome.retryAfterMs);
}

function connectionError(
  request: { readonly method: string; readonly path: string },
  cause: unknown,
): ConnectionError {
  const path = request.path.split('?', 1)[0] ?? '';
  return new ConnectionError(`${request.method} ${path}: ${errorMessage(cause)}`, {
    cause,
    refused: isRefused(cause),
  });
}

function isRefused(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
