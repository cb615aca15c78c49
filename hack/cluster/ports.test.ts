import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePorts, requireFree } from './ports.ts';

const HOST = '127.0.0.1';

describe('requireFree', () => {
  it('names the port, the purpose and the remedy when somebody listens there', async () => {
    const server = createServer();
    const [port = 0] = await freePorts(HOST, 1);
    await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
    onTestFinished(() => void server.close());
    await expect(requireFree(HOST, port, 'etcd')).rejects.toThrow(
      `port ${port} on 127.0.0.1, wanted for etcd, is in use: stop what listens there`,
    );
  });

  it('accepts a free port', async () => {
    const [port = 0] = await freePorts(HOST, 1);
    await expect(requireFree(HOST, port, 'etcd')).resolves.toBeUndefined();
  });

  it('says so when the address is not of this machine', async () => {
    await expect(requireFree('192.0.2.77', 6443, 'the API server')).rejects.toThrow(
      'cannot be listened on (EADDRNOTAVAIL)',
    );
  });
});

describe('freePorts', () => {
  it('returns as many different ports as asked for', async () => {
    expect(new Set(await freePorts(HOST, 5)).size).toBe(5);
    expect(Math.max(...(await freePorts(HOST, 5)))).toBeLessThan(32_768);
  });
});
