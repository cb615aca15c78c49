/**
 * An HTTP server on the loopback that answers as a test scripts it: for what a healthy API server never does on demand.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Answers one request. */
export type Script = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that listens. */
export interface ScriptedServer {
  readonly url: string;
  /** `METHOD path` of each request so far. */
  readonly requests: readonly string[];
  /** The Authorization header of each request so far. */
  readonly authorizations: readonly (string | undefined)[];
  /** How many connections were opened. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts a server; the n-th request gets the n-th script, and the last script all that follow. */
export async function startScriptedServer(
  ...scripts: readonly [Script, ...Script[]]
): Promise<ScriptedServer> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const script = scripts[Math.min(requests.length, scripts.length - 1)];
    requests.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers.authorization);
    script?.(request, response);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    authorizations,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with `body` as JSON. */
export function json(code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script {
  return (_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Resets the connection without an answer. */
export const reset: Script = (request) => void request.socket.destroy();

/** Never answers. */
export const silence: Script = () => undefined;
