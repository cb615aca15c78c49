/**
 * Ports: free ones for clusters that nobody has to find again, and the proof that a fixed one is free before something is started on it.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { ConfigError } from '../../core/errors.ts';

/** Rejects with a sentence naming the remedy unless something could listen there now. */
export async function requireFree(host: string, port: number, purpose: string): Promise<void> {
  try {
    await listenOnce(host, port);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const problem = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${String(code)})`;
    throw new ConfigError(
      `port ${port} on ${host}, wanted for ${purpose}, ${problem}: stop what listens there (ss -ltnp 'sport = :${port}'), ` +
        `or start a cluster beside it with CLUSTER_INSTANCE=1 (to 15)`,
      { cause },
    );
  }
}

/**
 * Below the ports that systems give to outgoing connections (32768 and up on Linux). Whoever dials a port of theirs on the loopback while
 * nothing listens there may be given that very port, is then connected to itself, and the program that comes back cannot listen.
 */
const FREE_PORTS = { first: 20_000, last: 32_000 } as const;

/**
 * `count` different free ports, which can be listened on again after their program was killed. They are free when this returns; another
 * program may take one before they are used, as with every such answer.
 */
export async function freePorts(host: string, count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FREE_PORTS.first, FREE_PORTS.last + 1);
    if (!ports.has(port) && (await isFree(host, port))) ports.add(port);
  }
  return [...ports];
}

async function isFree(host: string, port: number): Promise<boolean> {
  try {
    await listenOnce(host, port);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
