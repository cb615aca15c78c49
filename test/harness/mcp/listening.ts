/** Servers on a free port of 127.0.0.1 that end, connections included, when the test says so. */
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** A server that answers until it is closed. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Its origin, such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** The MCP endpoint by convention: the origin and `/mcp`. */
  readonly url: string;
}

export function listenHttp(listener: RequestListener): Promise<Listening> {
  return listen(createHttpServer(listener), 'http');
}

export function listenHttps(options: ServerOptions, listener: RequestListener): Promise<Listening> {
  return listen(createHttpsServer(options, listener), 'https');
}

/** A server below HTTP: `onSocket` has the bare connection. */
export function listenTcp(onSocket: (socket: Socket) => void): Promise<Listening> {
  return listen(createTcpServer(onSocket), 'http');
}

/** Starts `server`, whoever made it. */
export function listen(server: Server | HttpServer, scheme: 'http' | 'https'): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    // A peer that goes away is what these servers are for.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new Error('the server has no port'));
        return;
      }
      const origin = `${scheme}://127.0.0.1:${address.port}`;
      resolve({ port: address.port, origin, url: `${origin}/mcp`, [Symbol.asyncDispose]: close });
    });
  });
}
