/**
 * The proxy's front: a TLS server on the loopback with a certificate of its own authority, which can stop listening and come back
 * on the same port, as an API server that restarts does.
 */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import { createAuthority, issue, type KeyPair } from '../../../hack/cluster/pki.ts';

const HOST = '127.0.0.1';

/** A TLS server that can be away for a while. */
export class Listener {
  /** PEM, for clients to trust. */
  readonly authority: string;
  /** For clients that insist on showing a certificate; the proxy does not ask for one. */
  readonly client: KeyPair;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(authority: KeyPair, pair: KeyPair, client: KeyPair, onRequest: RequestListener) {
    this.authority = authority.certificate;
    this.client = client;
    this.#server = createServer(
      { cert: pair.certificate, key: pair.key, keepAliveTimeout: 60_000 },
      onRequest,
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    // A client that gives up during the handshake is the client's business.
    this.#server.on('tlsClientError', () => undefined);
  }

  /** Makes the certificates and begins to listen on a free port. */
  static async start(clock: Clock, onRequest: RequestListener): Promise<Listener> {
    const now = clock.now();
    const authority = await createAuthority('authority of the fault proxy', now);
    const pair = await issue(authority, { commonName: 'fault proxy', hosts: [HOST, 'localhost'] }, now);
    const client = await issue(authority, { commonName: 'client of the fault proxy' }, now);
    const listener = new Listener(authority, pair, client, onRequest);
    await listener.accept();
    return listener;
  }

  get url(): string {
    return `https://${HOST}:${this.#port}`;
  }

  /** How many connections clients have open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Listens, after {@link refuse} on the same port as before. */
  async accept(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, HOST);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Resets every connection and refuses new ones. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }
}
