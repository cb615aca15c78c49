/**
 * A plain HTTP client of the API server, on its own connections and without a line of the operator's runtime: the other party in
 * fault tests and benchmarks, and the floor that benchmarks compare with.
 */
import { Pool, type Dispatcher } from 'undici';
import { readAccess } from './access.ts';

/** An answer: the parsed body, whatever the code. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** One line of a watch. */
export interface PlainWatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** How to send a body. */
export type ContentType =
  | 'application/json'
  | 'application/merge-patch+json'
  | 'application/apply-patch+yaml'
  | 'application/json-patch+json';

/** The API server, one connection pool. */
export interface PlainClient {
  request(method: Dispatcher.HttpMethod, path: string, body?: unknown, type?: ContentType): Promise<Answer>;
  /** As {@link request}, and rejects unless the code is below 300. */
  demand(method: Dispatcher.HttpMethod, path: string, body?: unknown, type?: ContentType): Promise<unknown>;
  /** Resolves when the watch is open; events come until the signal aborts, also past the end of the first stream. Rejects when it cannot be opened. */
  watch(path: string, onEvent: (event: PlainWatchEvent) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @param connections how many requests may be in flight; watches have connections of their own. */
export async function connectPlainly(kubeconfigPath: string, connections = 16): Promise<PlainClient> {
  const { server, token, ...connect } = await readAccess(kubeconfigPath);
  const requests = new Pool(server, { connections, connect, allowH2: false });
  const closed = new AbortController();
  const watches = new Pool(server, { connect, allowH2: false, bodyTimeout: 0 });
  const headers = {
    'user-agent': 'plain-client',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const request: PlainClient['request'] = async (method, path, body, type = 'application/json') => {
    const answer = await requests.request({
      method,
      path,
      headers: { ...headers, 'content-type': type },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { code: answer.statusCode, body: await answer.body.json() };
  };
  return {
    request,
    demand: async (method, path, body, type) => {
      const answer = await request(method, path, body, type);
      if (answer.code < 300) return answer.body;
      throw new Error(`${method} ${path} answered ${answer.code}: ${JSON.stringify(answer.body)}`);
    },
    watch: (path, onEvent, signal) =>
      openWatch(watches, { path, headers, onEvent, signal: AbortSignal.any([signal, closed.signal]) }),
    close: async () => {
      closed.abort();
      await Promise.all([requests.destroy(), watches.destroy()]);
    },
  };
}

interface WatchedObject {
  readonly metadata: { readonly resourceVersion: string };
}

interface WatchCall {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly onEvent: (event: PlainWatchEvent) => void;
  readonly signal: AbortSignal;
}

/** Goes on behind the last event when the API server ends the watch, as it does with whoever reads too slowly in a burst. */
async function openWatch(pool: Pool, call: WatchCall): Promise<void> {
  const { path, headers, signal } = call;
  const answer = await pool.request({ method: 'GET', path, headers, signal });
  if (answer.statusCode !== 200) throw new Error(`watch ${path} answered ${answer.statusCode}`);
  void readEvents(answer.body, call)
    .then((resourceVersion) => openWatch(pool, { ...call, path: after(path, resourceVersion) }))
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
}

function after(path: string, resourceVersion: string | undefined): string {
  if (resourceVersion === undefined) return path;
  const url = new URL(path, 'https://localhost');
  url.searchParams.set('resourceVersion', resourceVersion);
  return `${url.pathname}${url.search}`;
}

/** @returns the resource version of the last event, when the watch has ended. */
async function readEvents(
  body: Dispatcher.ResponseData['body'],
  { path, onEvent }: WatchCall,
): Promise<string | undefined> {
  let rest = '';
  let resourceVersion: string | undefined;
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      const event = JSON.parse(line) as PlainWatchEvent;
      if (event.type === 'ERROR') throw new Error(`watch ${path} was told ${line}`);
      resourceVersion = (event.object as WatchedObject).metadata.resourceVersion;
      onEvent(event);
    }
  }
  return resourceVersion;
}
