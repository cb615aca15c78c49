/**
 * An MCP server written out by hand, so that a test can make it say anything: which eras it answers, how it frames its
 * answers, what each method returns, and what it remembers of its callers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenHttp, type Listening } from './listening.ts';

type Params = Readonly<Record<string, unknown>>;

/** The answer to a method: a result, or with `error` a JSON-RPC error. */
type Answer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };

export interface Script {
  readonly eras?: readonly ('legacy' | 'modern')[];
  /** `json` answers with a body, `stream` with an event stream that it ends, `open` with one that it leaves open. */
  readonly framing?: 'json' | 'stream' | 'open';
  readonly capabilities?: Readonly<Record<string, unknown>>;
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly instructions?: string;
  readonly protocolVersion?: string;
  /** Issues this session id at `initialize`. */
  readonly sessionId?: string;
  readonly methods?: Readonly<Record<string, (params: Params) => Answer>>;
  /** Has the first word on each request. @returns true when it answered. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse, method: string) => boolean;
}

/** One request as the server saw it. */
interface Seen {
  readonly httpMethod: string;
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ScriptedServer extends Listening {
  readonly seen: readonly Seen[];
}

export async function startScriptedServer(script: Script = {}): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const server = await listenHttp((request, response) => void serve(script, seen, request, response));
  return { ...server, seen };
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Params;
}

async function serve(
  script: Script,
  seen: Seen[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const message = body === '' ? {} : (JSON.parse(body) as Message);
  const { method: httpMethod = '', url: path = '', headers } = request;
  const { method = '' } = message;
  seen.push({ httpMethod, path, method, headers });
  if (script.intercept?.(request, response, method) === true) return;
  if (httpMethod !== 'POST') response.writeHead(httpMethod === 'DELETE' ? 200 : 405).end();
  else if (message.id === undefined) response.writeHead(202).end();
  else respond(script, message, response);
}

function respond(script: Script, message: Message, response: ServerResponse): void {
  const isModern = message.params?.['_meta'] !== undefined;
  const { eras = ['legacy'] } = script;
  if (!eras.includes(isModern ? 'modern' : 'legacy')) {
    const error = { code: isModern ? -32600 : -32602, message: 'not in this era' };
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
    return;
  }
  const answer = answerFor(script, message, isModern);
  const session = script.sessionId !== undefined && message.method === 'initialize';
  if (session) response.setHeader('mcp-session-id', script.sessionId);
  frame(script.framing ?? 'json', { jsonrpc: '2.0', id: message.id, ...answer }, response);
}

function answerFor(script: Script, message: Message, isModern: boolean): Answer {
  const { method = '', params = {} } = message;
  const answer = script.methods?.[method]?.(params) ?? builtIn(script, method, isModern);
  if ('error' in answer || !isModern) return answer;
  return {
    result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...(answer.result as object) },
  };
}

function builtIn(script: Script, method: string, isModern: boolean): Answer {
  const { capabilities = { tools: {} }, serverInfo = { name: 'scripted', version: '1' } } = script;
  const { instructions } = script;
  const about = { capabilities, ...(instructions === undefined ? {} : { instructions }) };
  switch (method) {
    case 'initialize':
      return { result: { protocolVersion: script.protocolVersion ?? '2025-11-25', serverInfo, ...about } };
    case 'server/discover': {
      if (!isModern) break;
      const meta = { _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } };
      return { result: { supportedVersions: [script.protocolVersion ?? '2026-07-28'], ...about, ...meta } };
    }
    case 'tools/list':
      return { result: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] } };
  }
  return { error: { code: -32601, message: 'Method not found' } };
}

function frame(framing: 'json' | 'stream' | 'open', message: unknown, response: ServerResponse): void {
  if (framing === 'json') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': hello\n\n');
  response.write('data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n');
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  if (framing === 'stream') response.end();
}
