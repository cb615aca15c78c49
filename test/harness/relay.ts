/** A relay of TCP connections that counts them, before a server that cannot be looked into. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A running relay. */
export interface Relay {
  readonly port: number;
  /** Connections so far, those that have ended, and what went wrong with any. */
  readonly seen: { opened: number; closed: number; readonly troubles: string[] };
  stop(): Promise<void>;
}

/** Relays what comes to a port of the loopback to another one. */
export async function startRelay(target: number): Promise<Relay> {
  const seen: Relay['seen'] = { opened: 0, closed: 0, troubles: [] };
  const sockets = new Set<Socket>();
  // Half open: each side's end is passed on, and no answer is lost to it.
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    seen.opened += 1;
    incoming.on('close', () => {
      seen.closed += 1;
    });
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', (error) => seen.troubles.push(error.message));
      socket.on('close', () => sockets.delete(socket));
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
